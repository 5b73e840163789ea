import type { Block } from '../../model/block.ts'
import { type Gap, joinGaps } from '../../model/gap.ts'
import { dueAfter } from '../../model/scans-between.ts'
import type { Batch } from '../../model/source.ts'
import { type Extras, extrasOf } from './batch-extras.ts'
import { BATCH, BATCH_HEADER, BLOCK, BLOCK_HEADER, CAUSES, CLOCKS } from './batch-layout.ts'
import type { ChunkBuffer } from './chunk-buffer.ts'
import { putColumn, widthOf } from './column-codec.ts'
import type { LogState } from './log-state.ts'

/** At most so many bytes does a batch take, beside text and payloads. @internal */
export function mostBytes({ blocks, ids, events, rejected, memo }: Batch): number {
  let most = 64 + BATCH_HEADER + 8 * (ids?.length ?? 0) + 16 * blocks.length
  for (const { length, values, stream, time, origin, quality } of blocks) {
    most += BLOCK_HEADER + 64 + 9 * stream.channels.length + 8 * values.length + (quality ? quality.length : 0)
    most += 8 * length * ((time.offsets ? 1 : 0) + (origin.positions ? 1 : 0))
  }
  for (const { payload } of rejected ?? []) most += payload.length + 400
  return most + 600 * (events?.length ?? 0) + 2 * (memo?.length ?? 0)
}

/**
 * Appends a batch whose streams and splits are defined, and counts it in the state.
 *
 * @param unsynced - batches right before it that are not durable yet
 * @internal
 */
export function putBatch(out: ChunkBuffer, batch: Batch, state: LogState, unsynced: number): void {
  const { split, position, blocks, ids, redelivered, sequences, memo } = batch
  const extras = extrasOf(batch)
  out.reserve(mostBytes(batch) + (extras ? extras.text.length + payloadBytes(extras) : 0))
  const at = out.at
  const { view } = out
  view.setFloat64(at, position, true)
  view.setUint32(at + 8, state.splitNumber(split) as number, true)
  view.setUint32(at + 12, blocks.length, true)
  view.setUint32(at + 16, ids?.length ?? 0, true)
  view.setUint32(at + 20, extras?.text.length ?? 0, true)
  const delivered = redelivered === undefined ? 0 : redelivered ? BATCH.redelivered : BATCH.fresh
  const parts =
    (ids ? BATCH.ids : 0) |
    (extras ? BATCH.extras : 0) |
    (sequences ? BATCH.sequences : 0) |
    (memo === undefined ? 0 : BATCH.memo)
  view.setUint32(at + 24, delivered | parts, true)
  view.setUint32(at + 28, unsynced, true)
  out.at += BATCH_HEADER
  if (ids) putIds(out, ids, state)
  if (sequences) putSequences(out, sequences, 2 * blocks.length)
  for (const block of blocks) putBlock(out, block, state)
  if (extras) putExtras(out, extras)
  state.positions.set(split, position)
  if (memo !== undefined) state.memos.set(split, memo)
}

function putIds(out: ChunkBuffer, ids: ArrayLike<number>, state: LogState): void {
  for (let i = 0; i < ids.length; i += 1) {
    const id = ids[i] as number
    out.view.setFloat64(out.at, id, true)
    out.at += 8
    state.ids.add(id)
  }
}

function putSequences(out: ChunkBuffer, sequences: Float64Array, count: number): void {
  for (let i = 0; i < count; i += 1) {
    out.view.setFloat64(out.at, sequences[i] ?? Number.NaN, true)
    out.at += 8
  }
}

function payloadBytes({ payloads }: Extras): number {
  return payloads.reduce((sum, { length }) => sum + length, 0)
}

function putExtras(out: ChunkBuffer, { text, payloads }: Extras): void {
  out.bytes.set(text, out.at)
  out.at += text.length
  for (const payload of payloads) {
    out.bytes.set(payload, out.at)
    out.at += payload.length
  }
}

function putBlock(out: ChunkBuffer, block: Block, state: LogState): void {
  const { stream, length } = block
  const at = out.at
  const waiting = state.gapBefore(stream.id)
  const scans = state.scans.get(stream.id) ?? 0
  const gap = waiting ? joinGaps(waiting, block.gap) : block.gap
  putHead(out, block, gap, state, scans)
  putColumns(out, block)
  out.align(8)
  out.view.setUint32(at, out.at - at, true)
  state.scans.set(stream.id, scans + length)
  state.met(stream.id, dueAfter(block))
  if (waiting) state.pending.delete(stream.id)
}

function putHead(out: ChunkBuffer, block: Block, gap: Gap | undefined, state: LogState, scans: number): void {
  const { stream, length, time, origin } = block
  const { at, view } = out
  const phase = time.offsets ? undefined : time.phase
  view.setUint32(at + 4, state.streamNumber(stream) as number, true)
  view.setUint32(at + 8, length, true)
  view.setUint32(at + 12, state.splitNumber(origin.split) as number, true)
  view.setFloat64(at + 16, scans, true)
  view.setBigInt64(at + 24, time.start, true)
  view.setFloat64(at + 32, time.uncertainty, true)
  view.setFloat64(at + 40, time.offsets ? 0 : time.period, true)
  view.setFloat64(at + 48, phase ?? 0, true)
  view.setFloat64(at + 56, origin.position, true)
  view.setFloat64(at + 64, gap === undefined || gap.scans === 'unknown' ? -1 : gap.scans, true)
  view.setUint32(at + 72, flagsOf(block) | (gap ? BLOCK.gap : 0) | (phase === undefined ? 0 : BLOCK.phase), true)
  view.setUint8(at + 76, CLOCKS.indexOf(time.clock))
  view.setUint8(at + 77, gap ? CAUSES.indexOf(gap.cause) : 0)
  view.setUint16(at + 78, 0, true)
  out.at = at + BLOCK_HEADER
}

function flagsOf({ time, origin, quality }: Block): number {
  const age = origin.historical === undefined ? 0 : origin.historical ? BLOCK.historical : BLOCK.live
  return (
    age | (time.offsets ? BLOCK.offsets : 0) | (origin.positions ? BLOCK.positions : 0) | (quality ? BLOCK.quality : 0)
  )
}

function putColumns(out: ChunkBuffer, { stream, length, values, time, origin, quality }: Block): void {
  const { channels } = stream
  const { offsets } = time
  const { positions } = origin
  const widths = out.at
  out.at += channels.length + (offsets ? 1 : 0) + (positions ? 1 : 0)
  let next = widths
  for (let c = 0; c < channels.length; c += 1) {
    const step = channels[c]?.resolution
    const code = widthOf(values, c * length, (c + 1) * length, step)
    out.bytes[next] = code
    next += 1
    putColumn(out, values, c * length, (c + 1) * length, code, step)
  }
  for (const column of [offsets, positions]) {
    if (!column) continue
    const code = widthOf(column, 0, length, undefined)
    out.bytes[next] = code
    next += 1
    putColumn(out, column, 0, length, code)
  }
  if (!quality) return
  out.bytes.set(quality, out.at)
  out.at += quality.length
}
