import type { Samples } from '@messwerk/core/model'
import { medianAbsoluteDeviation, medianOf } from '../statistics/median.ts'
import { centredScaler } from './centred-scaler.ts'
import type { ScalerSpec } from './fitted-scaler.ts'
import { normalInverse } from './normal.ts'
import { rankedAt, sortedColumns, usableScale } from './sorted-columns.ts'

/**
 * Options of {@link robustScaler}.
 *
 * @example
 * ```ts
 * import type { RobustScalerOptions } from '@messwerk/detectors/models'
 *
 * const options: RobustScalerOptions = { spread: 'mad', unitVariance: true }
 * options.spread // => 'mad'
 * ```
 */
export interface RobustScalerOptions {
  /** What a channel is divided by: a range between quantiles, or the median absolute deviation. @defaultValue 'iqr' */
  readonly spread?: 'iqr' | 'mad' | undefined
  /** The quantiles of `iqr`, in percent, between 0 and 100. @defaultValue [25, 75] */
  readonly quantileRange?: readonly [number, number] | undefined
  /** Whether to make the standard deviation of normally distributed values 1. @defaultValue false */
  readonly unitVariance?: boolean | undefined
}

/**
 * Takes each channel to a median of 0 and a spread of 1; outliers in the training data hardly matter.
 *
 * - Input: `Samples`; values that are not finite are left out of the fit.
 * - A channel whose spread is 0 is divided by 1: also one that stands still for more than half of the time.
 * - Equal to scikit-learn's `RobustScaler` within 1e-12; `mad` to scipy's `median_abs_deviation`.
 *
 * @throws RangeError when an option is wrong; from `fit` when a channel has no finite value
 *
 * @example
 * ```ts
 * import { samples } from '@messwerk/detectors'
 * import { robustScaler } from '@messwerk/detectors/models'
 *
 * const scaler = robustScaler().fit(samples({ pressure: [1, 2, 3, 4, 1000] }))
 * scaler.transform(Float64Array.of(5), 1) // => Float64Array.of(1)
 * ```
 */
export function robustScaler(options: RobustScalerOptions = {}): ScalerSpec {
  const { spread = 'iqr', quantileRange = [25, 75], unitVariance = false } = options
  if (spread !== 'iqr' && spread !== 'mad')
    throw new RangeError(`robustScaler: spread must be 'iqr' or 'mad', got '${String(spread)}'`)
  const [low, high] = quantileRange
  if (!(low >= 0 && low < high && high <= 100))
    throw new RangeError(`robustScaler: quantileRange must be two of 0..100, ascending, got ${String(quantileRange)}`)
  if (unitVariance && spread === 'iqr' && !(low > 0 && high < 100))
    throw new RangeError(`robustScaler: quantileRange must be within 0..100 for unitVariance, got ${low}, ${high}`)
  const normal = spread === 'mad' ? normalInverse(0.75) : normalInverse(high / 100) - normalInverse(low / 100)
  const divisor = unitVariance ? normal : 1
  const spreadOf = (sorted: Float64Array): number =>
    spread === 'mad'
      ? medianAbsoluteDeviation(sorted, sorted.length, medianOf(sorted, sorted.length))
      : rankedAt(sorted, high / 100) - rankedAt(sorted, low / 100)
  return {
    fit(samples: Samples) {
      const columns = sortedColumns('robustScaler', samples)
      const center = Float64Array.from(columns, (sorted) => medianOf(sorted, sorted.length))
      const scale = Float64Array.from(columns, (sorted) => usableScale(spreadOf(sorted)) / divisor)
      return centredScaler('robust', samples.channels, center, scale)
    }
  }
}
