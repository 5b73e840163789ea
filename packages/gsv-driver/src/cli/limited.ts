import { type Batch, type Block, type MeasurementEvent, sliceBlock, timeNs } from '@messwerk/core/model'
import { gapOfNotice } from './text.ts'

/** How much is wanted. @internal */
export interface Limit {
  readonly scans?: number | undefined
  /** From the first scan, by the clock of the device. */
  readonly seconds?: number | undefined
}

/**
 * Blocks and notices of batches, cut to what is wanted. What is missing behind the last block comes as a notice at the
 * very end only: where the link comes back, the next block counts it.
 *
 * @internal
 */
export async function* limited(
  batches: AsyncIterable<Batch>,
  { scans = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY }: Limit
): AsyncGenerator<Block | MeasurementEvent> {
  let left = scans
  let first: bigint | undefined
  let trailing: MeasurementEvent[] = []
  try {
    for await (const { blocks, events = [] } of batches) {
      for (const block of blocks) {
        first ??= timeNs(block)
        trailing = []
        const most = Math.min(left, scansBefore(block, first, seconds))
        if (most > 0) yield most < block.length ? sliceBlock(block, 0, most) : block
        left -= most
        if (left <= 0 || most < block.length) return
      }
      for (const event of events) {
        if (gapOfNotice(event)) trailing.push(event)
        else yield event
      }
    }
  } catch (error) {
    yield* trailing
    throw error
  }
  yield* trailing
}

/** Scans of a block within `seconds` from `first`; halves of a period belong to what they are next to. */
function scansBefore(block: Block, first: bigint, seconds: number): number {
  if (seconds === Number.POSITIVE_INFINITY) return block.length
  const period = block.time.period ?? 0
  const left = seconds * 1e9 - Number(timeNs(block) - first)
  return Math.min(block.length, Math.max(0, Math.round(left / period)))
}
