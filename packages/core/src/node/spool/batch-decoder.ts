import type { Block, Origin } from '../../model/block.ts'
import type { Gap, GapCause } from '../../model/gap.ts'
import { joinGaps } from '../../model/gap.ts'
import type { Batch } from '../../model/source.ts'
import type { Stream } from '../../model/stream.ts'
import type { Clock, TimeAxis } from '../../model/time-axis.ts'
import { readExtras } from './batch-extras.ts'
import { BATCH, BATCH_HEADER, BLOCK, BLOCK_HEADER, CAUSES, CLOCKS } from './batch-layout.ts'
import { readColumn } from './column-codec.ts'
import type { LogState } from './log-state.ts'

/**
 * The batch whose payload lies at `at`. Scans that the state expects and that are not there are declared as gaps of this
 * cause. Its definitions must be known.
 *
 * @internal
 */
export function readBatch(bytes: Uint8Array, view: DataView, at: number, state: LogState, cause: GapCause): Batch {
  const flags = view.getUint32(at + 24, true)
  const ids = flags & BATCH.ids ? readIds(view, at, state) : undefined
  const sequences = flags & BATCH.sequences ? readSequences(view, at) : undefined
  const blocks: Block[] = []
  let next = firstBlock(view, at)
  for (let left = view.getUint32(at + 12, true); left > 0; left -= 1) {
    blocks.push(readBlock(bytes, view, next, state, cause))
    next += view.getUint32(next, true)
  }
  const extras = flags & BATCH.extras ? readExtras(bytes, next, view.getUint32(at + 20, true)) : undefined
  const redelivered = flags & BATCH.redelivered ? true : flags & BATCH.fresh ? false : undefined
  const { split, position } = placeOf(view, at, state)
  state.positions.set(split, position)
  const { events, rejected, memo } = extras ?? {}
  if (memo !== undefined) state.memos.set(split, memo)
  return { split, position, blocks, events, rejected, ids, redelivered, sequences, memo }
}

/** Counts a batch in the state without reading its values. False when a definition is gone. @internal */
export function skipBatch(view: DataView, at: number, state: LogState): boolean {
  if (!isDefined(view, at, state)) return false
  if (view.getUint32(at + 24, true) & BATCH.ids) readIds(view, at, state)
  let next = firstBlock(view, at)
  for (let left = view.getUint32(at + 12, true); left > 0; left -= 1) {
    const { id } = state.streams[view.getUint32(next + 4, true)] as Stream
    state.scans.set(id, view.getFloat64(next + 16, true) + view.getUint32(next + 8, true))
    state.pending.delete(id)
    state.met(id, dueOf(view, next))
    next += view.getUint32(next, true)
  }
  const { split, position } = placeOf(view, at, state)
  state.positions.set(split, position)
  if (view.getUint32(at + 24, true) & BATCH.memo) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    state.memos.set(split, readExtras(bytes, next, view.getUint32(at + 20, true)).memo ?? '')
  }
  return true
}

/** When the scan after a block is due, from its head: see `dueAfter`. */
function dueOf(view: DataView, at: number): bigint | undefined {
  const flags = view.getUint32(at + 72, true)
  if (flags & BLOCK.offsets) return undefined
  const phase = flags & BLOCK.phase ? view.getFloat64(at + 48, true) : 0
  const length = view.getUint32(at + 8, true)
  return view.getBigInt64(at + 24, true) + BigInt(Math.round(phase + length * view.getFloat64(at + 40, true)))
}

/** How many batches right before it were not durable when it was written: all before them were. @internal */
export function unsyncedBefore(view: DataView, at: number): number {
  return view.getUint32(at + 28, true)
}

/** Split and position of a batch in the source's own counting. */
function placeOf(view: DataView, at: number, state: LogState): { readonly split: string; readonly position: number } {
  return { split: state.splits[view.getUint32(at + 8, true)] as string, position: view.getFloat64(at, true) }
}

function sequencesOf(view: DataView, at: number): number {
  return at + BATCH_HEADER + 8 * view.getUint32(at + 16, true)
}

function readSequences(view: DataView, at: number): Float64Array {
  const sequences = new Float64Array(2 * view.getUint32(at + 12, true))
  const first = sequencesOf(view, at)
  for (let i = 0; i < sequences.length; i += 1) sequences[i] = view.getFloat64(first + 8 * i, true)
  return sequences
}

function firstBlock(view: DataView, at: number): number {
  return (
    sequencesOf(view, at) + (view.getUint32(at + 24, true) & BATCH.sequences ? 16 * view.getUint32(at + 12, true) : 0)
  )
}

/** Whether the streams and splits that a batch names are known; not where their definition is damaged. @internal */
export function isDefined(view: DataView, at: number, state: LogState): boolean {
  if (state.splits[view.getUint32(at + 8, true)] === undefined) return false
  let next = firstBlock(view, at)
  for (let left = view.getUint32(at + 12, true); left > 0; left -= 1) {
    if (state.streams[view.getUint32(next + 4, true)] === undefined) return false
    if (state.splits[view.getUint32(next + 12, true)] === undefined) return false
    next += view.getUint32(next, true)
  }
  return true
}

function readIds(view: DataView, at: number, state: LogState): Float64Array {
  const ids = new Float64Array(view.getUint32(at + 16, true))
  for (let i = 0; i < ids.length; i += 1) {
    ids[i] = view.getFloat64(at + BATCH_HEADER + 8 * i, true)
    state.ids.add(ids[i] as number)
  }
  return ids
}

function readBlock(bytes: Uint8Array, view: DataView, at: number, state: LogState, cause: GapCause): Block {
  const flags = view.getUint32(at + 72, true)
  const stream = state.streams[view.getUint32(at + 4, true)] as Stream
  const length = view.getUint32(at + 8, true)
  const width = stream.channels.length
  const values = new Float64Array(width * length)
  let code = at + BLOCK_HEADER
  let next = code + width + (flags & BLOCK.offsets ? 1 : 0) + (flags & BLOCK.positions ? 1 : 0)
  for (let c = 0; c < width; c += 1) {
    next = readColumn(bytes, next, bytes[code] as number, length, values, c * length, stream.channels[c]?.resolution)
    code += 1
  }
  const column = (has: number): Float64Array | undefined => {
    if (!(flags & has)) return undefined
    const read = new Float64Array(length)
    next = readColumn(bytes, next, bytes[code] as number, length, read, 0)
    code += 1
    return read
  }
  const time = readTime(view, at, flags, column(BLOCK.offsets))
  const origin = readOrigin(view, at, flags, state, column(BLOCK.positions))
  const quality = flags & BLOCK.quality ? bytes.slice(next, next + values.length) : undefined
  return { stream, length, values, time, quality, gap: readGap(view, at, stream, length, state, cause), origin }
}

function readTime(view: DataView, at: number, flags: number, offsets: Float64Array | undefined): TimeAxis {
  const start = view.getBigInt64(at + 24, true)
  const clock = CLOCKS[view.getUint8(at + 76)] as Clock
  const uncertainty = view.getFloat64(at + 32, true)
  if (offsets) return { start, clock, uncertainty, offsets }
  const period = view.getFloat64(at + 40, true)
  if (!(flags & BLOCK.phase)) return { start, clock, uncertainty, period }
  return { start, clock, uncertainty, period, phase: view.getFloat64(at + 48, true) }
}

function readOrigin(
  view: DataView,
  at: number,
  flags: number,
  state: LogState,
  positions: Float64Array | undefined
): Origin {
  const split = state.splits[view.getUint32(at + 12, true)] as string
  const position = view.getFloat64(at + 56, true)
  if (!(flags & (BLOCK.historical | BLOCK.live))) return { split, position, positions }
  return { split, position, positions, historical: (flags & BLOCK.historical) !== 0 }
}

/** What was declared when it was written, behind what is missing of the log itself. */
function readGap(
  view: DataView,
  at: number,
  { id }: Stream,
  length: number,
  state: LogState,
  cause: GapCause
): Gap | undefined {
  const before = view.getFloat64(at + 16, true)
  const expected = state.scans.get(id)
  state.scans.set(id, before + length)
  const scans = view.getFloat64(at + 64, true)
  const written: Gap | undefined =
    view.getUint32(at + 72, true) & BLOCK.gap
      ? { scans: scans < 0 ? 'unknown' : scans, cause: CAUSES[view.getUint8(at + 77)] as GapCause }
      : undefined
  const pending = state.pending.get(id)
  if (pending) state.pending.delete(id)
  if (before === expected || (expected === undefined && before === 0)) return written
  const hole: Gap = { scans: expected !== undefined && before >= expected ? before - expected : 'unknown', cause }
  return joinGaps(hole, written)
}
