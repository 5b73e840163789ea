import type { DriftSpec } from '@messwerk/core/model'
import { checkWhole } from './drift-spec.ts'
import { populationStability } from './two-samples.ts'
import { chiSquaredTail, edgesOf, type WindowDriftOptions, windowDriftSpec } from './window-drift.ts'

/**
 * A drift where the recent values fall into other bins than those of the reference: population stability index.
 *
 * The index must be above `minIndex` (0.1 is called small, 0.25 large), and larger than what so few values make by chance; the values
 * are taken for what they are worth, which is less when they follow each other closely.
 *
 * - `statistic` is the index over `bins` bins with equal parts of the reference, `limit` is `minIndex`, `p` the probability.
 * - Cost and memory as {@link ksDrift}.
 *
 * @throws RangeError when an option is out of range
 *
 * @example
 * ```ts
 * import { psiDrift } from '@messwerk/detectors'
 *
 * const test = psiDrift({ reference: 100, recent: 40 }).create()
 * const values = Array.from({ length: 400 }, (_, i) => ((i * 37) % 101) + (i < 200 ? 0 : 80))
 * const found = values.findIndex((x) => test.update(x) !== undefined)
 * found // => 229
 * ```
 *
 * Reference: B. Yurdakul, "Statistical properties of population stability index", Western Michigan University 2018: the index over
 * 1/n + 1/m is about chi-squared with bins - 1 degrees of freedom
 */
export function psiDrift(
  options: WindowDriftOptions & { readonly bins?: number; readonly minIndex?: number } = {}
): DriftSpec {
  const { bins = 10, minIndex = 0.25 } = options
  checkWhole('psiDrift', 'bins', bins, 2)
  const kind = 'psi-drift'
  return windowDriftSpec(
    'psiDrift',
    kind,
    options,
    { option: 'minIndex', limit: minIndex },
    {
      compare(reference, recent, effective) {
        const edges = edgesOf(reference, bins)
        const statistic = populationStability(reference, recent, edges)
        return { statistic, p: chiSquaredTail(statistic * effective, edges.length) }
      }
    }
  )
}
