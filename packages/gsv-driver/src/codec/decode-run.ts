import { OVERLOAD } from './frame-layout.ts'
import type { ScanBuffer } from './scan-buffer.ts'

/**
 * How raw integers become values: `raw * factor[c] + add[c]`, after the offset of binary-offset coding is taken away.
 *
 * @internal
 */
export interface IntegerScaling {
  signed: boolean
  readonly factor: Float64Array
  readonly add: Float64Array
}

/** Makes integers of type 1 (16 bits) or 2 (24 bits) parts of the nominal range, times scale, plus offset. @internal */
export function rescale(
  { factor, add }: IntegerScaling,
  type: 1 | 2,
  scales: readonly [scale: ArrayLike<number>, offset: ArrayLike<number>] | undefined
): void {
  const unit = OVERLOAD / (type === 1 ? 0x8000 : 0x800000)
  for (let c = 0; c < factor.length; c += 1) {
    factor[c] = unit * (scales?.[0][c] ?? 1)
    add[c] = scales?.[1][c] ?? 0
  }
}

/**
 * Decodes `count` frames of equal layout that lie `stride` bytes apart, the first one's data at `at` (3 or more), behind
 * the scans of the buffer; each frame holds `perFrame` scans. Column by column: one simple loop for each is twice as
 * fast as frame by frame.
 *
 * @internal
 */
export function decodeRun(
  view: DataView,
  at: number,
  stride: number,
  count: number,
  type: number,
  perFrame: number,
  into: ScanBuffer,
  scaling: IntegerScaling
): void {
  const { objects, capacity, length, values } = into
  for (let k = 0; k < perFrame; k += 1) {
    for (let c = 0; c < objects; c += 1) {
      const to = c * capacity + length + k
      const first = at + (k * objects + c) * (type + 1)
      if (type === 3) float32Column(view, first, stride, count, values, to, perFrame)
      else if (type === 2) int24Column(view, first, stride, count, values, to, perFrame, scaling, c)
      else int16Column(view, first, stride, count, values, to, perFrame, scaling, c)
    }
  }
}

function float32Column(
  view: DataView,
  first: number,
  stride: number,
  count: number,
  out: Float64Array,
  to: number,
  step: number
): void {
  let from = first
  const end = to + count * step
  for (let i = to; i < end; i += step, from += stride) out[i] = view.getFloat32(from)
}

function int16Column(
  view: DataView,
  first: number,
  stride: number,
  count: number,
  out: Float64Array,
  to: number,
  step: number,
  scaling: IntegerScaling,
  c: number
): void {
  const factor = scaling.factor[c] as number
  const add = scaling.add[c] as number
  // Binary offset is two's complement with its highest bit flipped.
  const flip = scaling.signed ? 0 : -0x8000
  let from = first
  const end = to + count * step
  for (let i = to; i < end; i += step, from += stride) out[i] = (view.getInt16(from) ^ flip) * factor + add
}

function int24Column(
  view: DataView,
  first: number,
  stride: number,
  count: number,
  out: Float64Array,
  to: number,
  step: number,
  scaling: IntegerScaling,
  c: number
): void {
  const factor = scaling.factor[c] as number
  const add = scaling.add[c] as number
  const flip = scaling.signed ? 0 : -0x800000
  // Read with the byte before it, which is there: header or status of the frame at least.
  let from = first - 1
  const end = to + count * step
  for (let i = to; i < end; i += step, from += stride) {
    out[i] = (((view.getInt32(from) << 8) >> 8) ^ flip) * factor + add
  }
}
