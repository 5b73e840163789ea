import { limitSteps } from './limit-steps.ts'
import { checkLengths, countAnomalous } from './scored-rows.ts'

/**
 * Area under the precision-recall curve as average precision: the precision at each score, weighted by the recall it adds, without
 * interpolation.
 *
 * A constant score has the share of anomalous rows (the prevalence), so a value means something only beside it. A row without a
 * score (NaN) ranks below every score.
 *
 * @param scores - higher is more anomalous
 * @param labels - 0 normal, anything else anomalous
 * @returns 0..1; NaN where no row is anomalous
 * @throws RangeError when the lengths differ
 *
 * @example
 * ```ts
 * import { prAuc } from '@messwerk/detectors/evaluation'
 *
 * prAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) // => 0.833…
 * prAuc([7, 7, 7, 7], [0, 0, 0, 1]) // => 0.25
 * ```
 *
 * Reference: scikit-learn's `average_precision_score`
 */
export function prAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkLengths('prAuc', scores, labels)
  const anomalous = countAnomalous(labels)
  let found = 0
  let flagged = 0
  let area = 0
  limitSteps(scores, labels, (hits, falseAlarms) => {
    found += hits
    flagged += hits + falseAlarms
    area += hits * (found / flagged)
  })
  return area / anomalous
}
