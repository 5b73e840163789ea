/**
 * Values of several channels over time, as a detector sees them: plain columns, no stream.
 *
 * @example
 * ```ts
 * import type { Samples } from '@messwerk/core/model'
 *
 * const samples: Samples = { channels: ['a', 'b'], length: 2, values: Float64Array.of(1, 2, 10, 20), seconds: 0.001 }
 * samples.values[1 * samples.length + 0] // => 10
 * ```
 */
export interface Samples {
  readonly channels: readonly string[]
  /** Number of scans. */
  readonly length: number
  /** Channel-major: channel `c` of scan `i` is `values[c * length + i]`; NaN = no value. */
  readonly values: Float64Array
  /** Seconds from one scan to the next, or for each scan the seconds since an origin that is fixed for the stream. */
  readonly seconds: number | Float64Array
}
