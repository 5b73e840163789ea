import { swapToLittleEndian } from '../../model/little-endian.ts'
import type { ChunkBuffer } from './chunk-buffer.ts'

/** How a column is kept: the narrowest in which every value comes back to the bit. */
const WIDTH = { float64: 0, float32: 1, int16: 2, int24: 3, int32: 4 } as const
/** Added to a whole-number width: the numbers count steps of the channel's resolution. */
const SCALED = 8

const SIZES = [8, 4, 2, 3, 4] as const
const bits = new Float64Array(1)
const words = new Uint32Array(bits.buffer)
const isPlainNan = (value: number): boolean => {
  bits[0] = value
  return (words[0] as number) + (words[1] as number) === 0x7ff80000 && (words[0] === 0 || words[1] === 0)
}

/** The code of the narrowest width for values `from` to `to`; `step`: the channel's resolution. @internal */
export function widthOf(values: Float64Array, from: number, to: number, step: number | undefined): number {
  const whole = wholeWidth(values, from, to, 1)
  if (whole > 0) return whole
  if (step !== undefined && step > 0 && Number.isFinite(step)) {
    const scaled = wholeWidth(values, from, to, step)
    if (scaled > 0) return scaled + SCALED
  }
  return isSingle(values, from, to) ? WIDTH.float32 : WIDTH.float64
}

/** 0 when they are not whole steps within 32 bits. */
function wholeWidth(values: Float64Array, from: number, to: number, step: number): number {
  let used = 0
  for (let i = from; i < to; i += 1) {
    const value = values[i] as number
    const count = step === 1 ? value : Math.round(value / step)
    const int = count | 0
    if (int * step !== value || (value === 0 && 1 / value < 0)) return 0
    used |= int < 0 ? ~int : int
  }
  if (used < 0x8000) return WIDTH.int16
  return used < 0x800000 ? WIDTH.int24 : WIDTH.int32
}

function isSingle(values: Float64Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    const value = values[i] as number
    if (Math.fround(value) !== value && !(Number.isNaN(value) && isPlainNan(value))) return false
  }
  return true
}

function sizeOf(code: number): number {
  return SIZES[code % SCALED] as number
}

/** Appends the column; `step` as for `widthOf`. @internal */
export function putColumn(
  out: ChunkBuffer,
  values: Float64Array,
  from: number,
  to: number,
  code: number,
  step = 1
): void {
  const width = code % SCALED
  const size = sizeOf(code)
  if (width !== WIDTH.int24) out.align(size)
  const at = out.at
  const length = to - from
  const unit = code >= SCALED ? step : 1
  if (width === WIDTH.float64) out.f64.set(values.subarray(from, to), at / 8)
  else if (width === WIDTH.float32) out.f32.set(values.subarray(from, to), at / 4)
  else if (width === WIDTH.int24) putInt24(out.bytes, at, values, from, to, unit)
  else {
    const ints = width === WIDTH.int16 ? out.i16 : out.i32
    const start = at / size
    for (let i = 0; i < length; i += 1) {
      const value = values[from + i] as number
      ints[start + i] = unit === 1 ? value : Math.round(value / unit)
    }
  }
  out.at = at + length * size
  if (width !== WIDTH.int24) swapToLittleEndian(out.bytes.subarray(at, out.at), size)
}

function putInt24(bytes: Uint8Array, at: number, values: Float64Array, from: number, to: number, unit: number): void {
  let next = at
  for (let i = from; i < to; i += 1) {
    const int = Math.round((values[i] as number) / unit)
    bytes[next] = int
    bytes[next + 1] = int >> 8
    bytes[next + 2] = int >> 16
    next += 3
  }
}

/** Reads a column that begins at or, aligned, after `at` into `out` from `to` on; returns where it ends. @internal */
export function readColumn(
  bytes: Uint8Array,
  at: number,
  code: number,
  length: number,
  out: Float64Array,
  to: number,
  step = 1
): number {
  const width = code % SCALED
  const size = sizeOf(code)
  const start = width === WIDTH.int24 ? at : Math.ceil(at / size) * size
  const end = start + length * size
  if (width === WIDTH.int24) readInt24(bytes, start, length, out, to)
  else out.set(viewOf(bytes, start, end, width), to)
  if (code >= SCALED) for (let i = to; i < to + length; i += 1) out[i] = (out[i] as number) * step
  return end
}

function viewOf(bytes: Uint8Array, start: number, end: number, width: number): ArrayLike<number> {
  const copy = swapToLittleEndian(bytes.slice(start, end), SIZES[width] as number)
  if (width === WIDTH.float64) return new Float64Array(copy.buffer, copy.byteOffset)
  if (width === WIDTH.float32) return new Float32Array(copy.buffer, copy.byteOffset)
  return width === WIDTH.int16
    ? new Int16Array(copy.buffer, copy.byteOffset)
    : new Int32Array(copy.buffer, copy.byteOffset)
}

function readInt24(bytes: Uint8Array, start: number, length: number, out: Float64Array, to: number): void {
  let at = start
  for (let i = 0; i < length; i += 1) {
    out[to + i] = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | (((bytes[at + 2] as number) << 24) >> 8)
    at += 3
  }
}
