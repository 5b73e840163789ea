import type { DriftSpec } from '@messwerk/core/model'
import { ksProbability } from './ks-drift.ts'
import { kolmogorovSmirnov, wasserstein } from './two-samples.ts'
import { spreadOf, type WindowDriftOptions, windowDriftSpec } from './window-drift.ts'

/**
 * A drift where the recent values have moved away from the reference: Wasserstein distance in standard deviations of the reference.
 *
 * For a shift of the level it is the size of the shift. The distance must be above `minShift`, and the difference significant by the
 * test of {@link ksDrift}, which takes the values for what they are worth.
 *
 * - `statistic` is the distance in standard deviations of the reference, `limit` is `minShift`, `p` the probability.
 * - Cost and memory as {@link ksDrift}.
 *
 * @throws RangeError when an option is out of range
 *
 * @example
 * ```ts
 * import { wassersteinDrift } from '@messwerk/detectors'
 *
 * const test = wassersteinDrift({ reference: 100, recent: 40 }).create()
 * const values = Array.from({ length: 400 }, (_, i) => ((i * 37) % 101) + (i < 200 ? 0 : 80))
 * const found = values.findIndex((x) => test.update(x) !== undefined)
 * found // => 219
 * ```
 *
 * Reference: A. Ramdas, N. García Trillos, M. Cuturi, "On Wasserstein two-sample testing and related families of nonparametric tests",
 * Entropy 19 (2017)
 */
export function wassersteinDrift(options: WindowDriftOptions & { readonly minShift?: number } = {}): DriftSpec {
  const effect = { option: 'minShift', limit: options.minShift ?? 0.5 }
  return windowDriftSpec('wassersteinDrift', 'wasserstein-drift', options, effect, {
    compare(reference, recent, effective) {
      const p = ksProbability(kolmogorovSmirnov(reference, recent), effective)
      return { statistic: wasserstein(reference, recent) / spreadOf(reference), p }
    }
  })
}
