import type { Samples, Scaler } from '@messwerk/core/model'
import type { ScalerJson } from './scaler-json.ts'

/**
 * A scaler that has been fitted, or read from JSON: one object in training and in service.
 *
 * @example
 * ```ts
 * import { samples } from '@messwerk/detectors'
 * import { type FittedScaler, standardScaler } from '@messwerk/detectors/models'
 *
 * const scaler: FittedScaler = standardScaler().fit(samples({ pressure: [3, 7] }))
 * scaler.inverse(scaler.transform(Float64Array.of(9), 1), 1) // => Float64Array.of(9)
 * ```
 */
export interface FittedScaler extends Scaler {
  readonly kind: ScalerJson['kind']
  /** Takes scaled values back, in the unit of the channel. */
  inverse(values: Float64Array, length: number, out?: Float64Array): Float64Array
  /** Plain JSON that `scalerFromJson` takes; a copy. */
  toJSON(): ScalerJson
}

/**
 * A scaler that is still to be fitted.
 *
 * @example
 * ```ts
 * import { samples } from '@messwerk/detectors'
 * import { minMaxScaler, type ScalerSpec } from '@messwerk/detectors/models'
 *
 * const spec: ScalerSpec = minMaxScaler()
 * spec.fit(samples({ level: [2, 4] })).transform(Float64Array.of(3), 1) // => Float64Array.of(0.5)
 * ```
 */
export interface ScalerSpec {
  /** @throws RangeError when a channel has no finite value */
  fit(samples: Samples): FittedScaler
}
