/**
 * Columns of a fixed capacity that a {@link GsvParser} decodes into.
 *
 * @example
 * ```ts
 * import { ScanBuffer } from '@messwerk/gsv-driver/codec'
 *
 * new ScanBuffer(6, 256).values.length // => 1536
 * ```
 */
export class ScanBuffer {
  /** Values a scan. */
  readonly objects: number
  /** Scans that fit. */
  readonly capacity: number
  /** Column by column: the value of object `c` in scan `i` is `values[c * capacity + i]`. */
  readonly values: Float64Array
  /** Bits of {@link FrameFlag} by scan. */
  readonly flags: Uint8Array
  /** Scans decoded so far. */
  length = 0

  constructor(objects: number, capacity: number) {
    this.objects = objects
    this.capacity = capacity
    this.values = new Float64Array(objects * capacity)
    this.flags = new Uint8Array(capacity)
  }
}
