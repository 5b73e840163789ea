import type { DriftSpec } from '@messwerk/core/model'
import { kolmogorovSmirnov, kolmogorovTail } from './two-samples.ts'
import { type WindowDriftOptions, windowDriftSpec } from './window-drift.ts'

/** How improbable so large a distance is for samples worth `effective` = n m / (n + m) independent values. @internal */
export function ksProbability(distance: number, effective: number): number {
  const root = Math.sqrt(effective)
  return kolmogorovTail((root + 0.12 + 0.11 / root) * distance)
}

/**
 * A drift where the distribution of the recent values differs from that of the reference: Kolmogorov-Smirnov.
 *
 * Two guards against drifts that are none: the distance itself must be above `minDistance`, as with many values the smallest difference is
 * significant; and the number of values is taken for what they are worth, which is less when they follow each other closely.
 *
 * - `statistic` is the largest distance of the two distribution functions, 0..1, `limit` is `minDistance`, `p` the probability.
 * - Level, spread and shape count. A daily rhythm is a drift unless `recent` and `reference` span whole days.
 * - Cost: O(recent²/3) a test at worst, for the autocorrelation, O(1) a value in between. Memory O(reference + recent).
 *
 * @throws RangeError when an option is out of range
 *
 * @example
 * ```ts
 * import { ksDrift } from '@messwerk/detectors'
 *
 * const test = ksDrift({ reference: 100, recent: 40 }).create()
 * const values = Array.from({ length: 400 }, (_, i) => ((i * 37) % 101) + (i < 200 ? 0 : 80))
 * const found = values.findIndex((x) => test.update(x) !== undefined)
 * found // => 219
 * ```
 *
 * Reference: M. A. Stephens, "Use of the Kolmogorov-Smirnov, Cramér-von Mises and related statistics", JRSS B 32 (1970), for p;
 * C. J. Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7 (1992), for what the values are worth
 */
export function ksDrift(options: WindowDriftOptions & { readonly minDistance?: number } = {}): DriftSpec {
  const effect = { option: 'minDistance', limit: options.minDistance ?? 0.3 }
  return windowDriftSpec('ksDrift', 'ks-drift', options, effect, {
    compare(reference, recent, effective) {
      const statistic = kolmogorovSmirnov(reference, recent)
      return { statistic, p: ksProbability(statistic, effective) }
    }
  })
}
