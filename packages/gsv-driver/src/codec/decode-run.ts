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

/**
 * Decodes `count` frames of equal layout that lie `stride` bytes apart, the first one's data at `at`, behind the scans
 * of the buffer. Column by column: one simple loop for each is twice as fast as frame by frame.
 *
 * @internal
 */
export function decodeRun(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  stride: number,
  count: number,
  type: number,
  into: ScanBuffer,
  scaling: IntegerScaling
): void {
  for (let c = 0; c < into.objects; c += 1) {
    const to = c * into.capacity + into.length
    const first = at + c * (type + 1)
    if (type === 3) float32Column(view, first, stride, count, into.values, to)
    else if (type === 2) int24Column(bytes, first, stride, count, into.values, to, scaling, c)
    else int16Column(bytes, first, stride, count, into.values, to, scaling, c)
  }
}

function float32Column(view: DataView, first: number, stride: number, count: number, out: Float64Array, to: number) {
  let from = first
  const end = to + count
  for (let i = to; i < end; i += 1, from += stride) out[i] = view.getFloat32(from)
}

function int16Column(
  bytes: Uint8Array,
  first: number,
  stride: number,
  count: number,
  out: Float64Array,
  to: number,
  scaling: IntegerScaling,
  c: number
): void {
  const factor = scaling.factor[c] as number
  const add = scaling.add[c] as number
  const flip = scaling.signed ? 0 : 0x80
  let from = first
  for (let i = 0; i < count; i += 1, from += stride) {
    // Binary offset is two's complement with its highest bit flipped.
    const raw = (((((bytes[from] as number) ^ flip) << 8) | (bytes[from + 1] as number)) << 16) >> 16
    out[to + i] = raw * factor + add
  }
}

function int24Column(
  bytes: Uint8Array,
  first: number,
  stride: number,
  count: number,
  out: Float64Array,
  to: number,
  scaling: IntegerScaling,
  c: number
): void {
  const factor = scaling.factor[c] as number
  const add = scaling.add[c] as number
  const flip = scaling.signed ? 0 : 0x80
  let from = first
  for (let i = 0; i < count; i += 1, from += stride) {
    const high = (bytes[from] as number) ^ flip
    const raw = ((high << 24) | ((bytes[from + 1] as number) << 16) | ((bytes[from + 2] as number) << 8)) >> 8
    out[to + i] = raw * factor + add
  }
}
