import type { Block } from '@messwerk/core/model'
import type { ChunkColumn } from './chunk-column.ts'

const WORD = 4_294_967_296

/** Copies values into rows; NaN becomes NULL. @internal */
export function fillDoubles(
  column: ChunkColumn<Float64Array>,
  row: number,
  values: Float64Array,
  at: number,
  count: number
): void {
  const { items } = column
  let sum = 0
  for (let i = 0; i < count; i += 1) {
    const value = values[at + i] as number
    items[row + i] = value
    sum += value
  }
  if (!Number.isNaN(sum) && !column.hasNulls) return
  for (let i = row; i < row + count; i += 1) {
    if (Number.isNaN(items[i])) column.setNull(i)
    else column.setValid(i)
  }
}

/** Makes rows NULL. @internal */
export function fillNulls(
  column: ChunkColumn<Float64Array> | ChunkColumn<Uint8Array>,
  row: number,
  count: number
): void {
  for (let i = row; i < row + count; i += 1) column.setNull(i)
}

/** Copies qualities into rows; good (0) becomes NULL. @internal */
export function fillQualities(
  column: ChunkColumn<Uint8Array>,
  row: number,
  quality: Uint8Array,
  at: number,
  count: number
): void {
  for (let i = 0; i < count; i += 1) {
    const value = quality[at + i] as number
    if (value === 0) {
      column.setNull(row + i)
      continue
    }
    column.items[row + i] = value
    column.setValid(row + i)
  }
}

// The low and high half of a 64-bit integer are computed from doubles, as one bigint a row would be an allocation a row.
// DuckDB runs on little-endian machines only, so the low half comes first.

/** Times of scans `from` to `from + count`, ns since the Unix epoch. @internal */
export function fillTimes(words: Int32Array, row: number, { time }: Block, from: number, count: number): void {
  const low = Number(BigInt.asUintN(32, time.start))
  const high = Number(time.start >> 32n)
  const { offsets } = time
  const period = time.period ?? 0
  const phase = (offsets === undefined ? time.phase : undefined) ?? 0
  for (let i = 0; i < count; i += 1) {
    const scan = from + i
    const ns = low + Math.round(offsets === undefined ? phase + scan * period : (offsets[scan] as number))
    const carry = Math.floor(ns / WORD)
    words[2 * (row + i)] = ns - carry * WORD
    words[2 * (row + i) + 1] = high + carry
  }
}

/** Positions of scans `from` to `from + count`. @internal */
export function fillPositions(words: Int32Array, row: number, { origin }: Block, from: number, count: number): void {
  const { position, positions } = origin
  for (let i = 0; i < count; i += 1) {
    const at = positions === undefined ? position : (positions[from + i] as number)
    const high = Math.floor(at / WORD)
    words[2 * (row + i)] = at - high * WORD
    words[2 * (row + i) + 1] = high
  }
}
