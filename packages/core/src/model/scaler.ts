/**
 * A fitted change of scale, channel by channel: the same object in training and in service.
 *
 * @example
 * ```ts
 * import type { Scaler } from '@messwerk/core/model'
 *
 * const halved: Scaler = {
 *   kind: 'halved',
 *   channels: ['a'],
 *   transform: (values, length, out = new Float64Array(length)) => {
 *     for (let i = 0; i < length; i += 1) out[i] = values[i]! / 2
 *     return out
 *   }
 * }
 * halved.transform(Float64Array.of(2, 4), 2) // => Float64Array.of(1, 2)
 * ```
 */
export interface Scaler {
  readonly kind: string
  /** Names of the channels, in order. */
  readonly channels: readonly string[]
  /**
   * Scales `length` scans of all channels, channel-major as in `Samples`: channel `c` of scan `i` is `values[c * length + i]`. `out` may
   * be `values` itself. NaN stays NaN.
   */
  transform(values: Float64Array, length: number, out?: Float64Array): Float64Array
  /** Takes scaled values back, where that is possible. */
  inverse?(values: Float64Array, length: number, out?: Float64Array): Float64Array
}
