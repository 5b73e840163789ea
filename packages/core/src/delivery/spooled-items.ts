import { type Block, blockBytes } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Batch } from '../model/source.ts'
import type { SpoolRecord } from '../model/spool.ts'

const EVENT_BYTES = 600

/** A block or an event as a batch of its own. @internal */
export function batchOf(item: Block | MeasurementEvent): Batch {
  const { split, position } = item.origin
  if ('values' in item && item.values instanceof Float64Array) return { split, position, blocks: [item as Block] }
  return { split, position, blocks: [], events: [item as MeasurementEvent] }
}

/** What is in a batch; blocks of back-fill are flagged. @internal */
export function* itemsOf({ blocks, events }: Batch, isHistorical: boolean): Generator<Block | MeasurementEvent> {
  for (const block of blocks) yield isHistorical ? historical(block) : block
  if (events) yield* events
}

function historical(block: Block): Block {
  const { stream, length, values, time, quality, gap, origin } = block
  const { split, position, positions } = origin
  return { stream, length, values, time, quality, gap, origin: { split, position, positions, historical: true } }
}

/** Bytes that a record takes in memory. @internal */
export function recordBytes({ batch }: SpoolRecord): number {
  let bytes = EVENT_BYTES * (batch.events?.length ?? 0)
  for (const block of batch.blocks) bytes += blockBytes(block)
  return bytes
}
