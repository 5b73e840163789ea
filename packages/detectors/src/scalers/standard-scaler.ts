import type { Samples } from '@messwerk/core/model'
import { centredScaler } from './centred-scaler.ts'
import type { ScalerSpec } from './fitted-scaler.ts'
import { finiteColumns } from './sorted-columns.ts'

/**
 * Takes each channel to a mean of 0 and a standard deviation of 1 (divisor n): what distances and networks need when units differ.
 *
 * - Input: `Samples`; values that are not finite are left out of the fit.
 * - A channel that does not change is divided by 1. Outliers in the training data move mean and deviation: see {@link robustScaler}.
 * - Equal to scikit-learn's `StandardScaler` within 1e-12.
 *
 * @throws RangeError from `fit` when a channel has no finite value
 *
 * @example
 * ```ts
 * import { samples } from '@messwerk/detectors'
 * import { standardScaler } from '@messwerk/detectors/models'
 *
 * const scaler = standardScaler().fit(samples({ pressure: [1, 3], flow: [7, 7] }))
 * scaler.transform(Float64Array.of(5, 8), 1) // => Float64Array.of(3, 1)
 * JSON.stringify(scaler) // => '{"kind":"standard","channels":["pressure","flow"],"mean":[2,7],"scale":[1,1]}'
 * ```
 */
export function standardScaler(): ScalerSpec {
  return {
    fit(samples: Samples) {
      const moments = finiteColumns('standardScaler', samples).map(momentsOf)
      const mean = Float64Array.from(moments, (of) => of.mean)
      const scale = Float64Array.from(moments, (of) => of.scale)
      return centredScaler('standard', samples.channels, mean, scale)
    }
  }
}

/** In two passes; what rounding left of the mean is taken out of the variance. The sum in order, as scikit-learn's. */
function momentsOf(column: Float64Array): { mean: number; scale: number } {
  const n = column.length
  const mean = column.reduce((sum, x) => sum + x, 0) / n
  let [squares, rest] = [0, 0]
  for (const x of column) {
    squares += (x - mean) ** 2
    rest += x - mean
  }
  const variance = Math.max(0, (squares - (rest * rest) / n) / n)
  const rounding = n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2
  return { mean, scale: variance <= rounding ? 1 : Math.sqrt(variance) }
}
