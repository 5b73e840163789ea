import { measuredCrcOk } from './frame-check.ts'
import { PREFIX, SUFFIX } from './frame-layout.ts'
import type { ScanBuffer } from './scan-buffer.ts'

/**
 * How many measured frames of one layout lie at `at`, at most `most`; their flags go to the scans that they will become.
 *
 * @internal
 */
export function countRun(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  most: number,
  header: number,
  type: number,
  stride: number,
  perFrame: number,
  { flags, length }: ScanBuffer
): number {
  const checked = (header & 0x20) !== 0
  // Prefix, header and the upper half of the status in one comparison.
  const begin = (PREFIX << 24) | (header << 16) | (0x80 << 8) | (type << 12)
  let p = at
  for (let i = 0; i < most; i += 1, p += stride) {
    const word = view.getInt32(p)
    if ((word & ~0xfff) !== begin || bytes[p + stride - 1] !== SUFFIX) return i
    if (checked && !measuredCrcOk(bytes, p, stride)) return i
    const to = length + i * perFrame
    for (let k = 0; k < perFrame; k += 1) flags[to + k] = (word >> 8) & 3
  }
  return most
}
