import type { Block } from '@messwerk/core/model'

/** The newest row of a stream in a table. @internal */
export interface HighWaterMark {
  /** ns since the Unix epoch. */
  time: bigint
  /** Largest position of this split at that time; unknown after the table was opened. */
  split: string | undefined
  position: number
}

/** Scans `from` to `to` (not included) of a block; fresh = newer than all that is stored of the stream. @internal */
export interface Run {
  readonly from: number
  readonly to: number
  readonly fresh: boolean
}

/** Whether rows of one instant are told apart by position: only in streams without a rate. @internal */
export function hasTies(block: Block): boolean {
  return block.stream.rate === undefined
}

/** Cuts a block into runs of fresh and late scans, and raises the mark to the newest of them. @internal */
export function divide(block: Block, mark: HighWaterMark): readonly Run[] {
  return rising(block, mark) ? [{ from: 0, to: block.length, fresh: true }] : cut(block, mark)
}

function rising(block: Block, mark: HighWaterMark): boolean {
  const { length, time } = block
  if (offsetOf(block, 0) <= Number(mark.time - time.start)) return false
  if (time.offsets === undefined ? time.period < 1 && length > 1 : !increases(time.offsets, length)) return false
  raise(block, mark, length - 1)
  return true
}

function increases(offsets: Float64Array, length: number): boolean {
  for (let i = 1; i < length; i += 1) {
    if (Math.round(offsets[i] as number) <= Math.round(offsets[i - 1] as number)) return false
  }
  return true
}

function cut(block: Block, mark: HighWaterMark): Run[] {
  const runs: Run[] = []
  let from = 0
  let fresh = isFresh(block, mark, 0)
  for (let i = 1; i < block.length; i += 1) {
    const next = isFresh(block, mark, i)
    if (next === fresh) continue
    runs.push({ from, to: i, fresh })
    from = i
    fresh = next
  }
  runs.push({ from, to: block.length, fresh })
  return runs
}

function isFresh(block: Block, mark: HighWaterMark, scan: number): boolean {
  const ahead = offsetOf(block, scan) - Number(mark.time - block.time.start)
  const { split } = block.origin
  const fresh =
    ahead > 0 || (ahead === 0 && hasTies(block) && split === mark.split && positionOf(block, scan) > mark.position)
  if (fresh) raise(block, mark, scan)
  return fresh
}

function raise(block: Block, mark: HighWaterMark, scan: number): void {
  mark.time = block.time.start + BigInt(offsetOf(block, scan))
  mark.split = block.origin.split
  mark.position = positionOf(block, scan)
}

function positionOf({ origin }: Block, scan: number): number {
  return origin.positions === undefined ? origin.position : (origin.positions[scan] as number)
}

function offsetOf({ time }: Block, scan: number): number {
  return Math.round(
    time.offsets === undefined ? (time.phase ?? 0) + scan * time.period : (time.offsets[scan] as number)
  )
}
