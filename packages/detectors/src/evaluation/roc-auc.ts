import { limitSteps } from './limit-steps.ts'
import { checkLengths, countAnomalous } from './scored-rows.ts'

/**
 * Area under the ROC curve: the probability that a random anomalous row scores higher than a random normal one, equal scores counting
 * half (midranks).
 *
 * 0.5 is a coin or a constant score, 1 is perfect. It does not see how rare anomalies are: read {@link prAuc} beside it. A row
 * without a score (NaN) ranks below every score: to say nothing about a row counts as calling it normal.
 *
 * @param scores - higher is more anomalous
 * @param labels - 0 normal, anything else anomalous
 * @returns 0..1; NaN unless both kinds of row occur
 * @throws RangeError when the lengths differ
 *
 * @example
 * ```ts
 * import { rocAuc } from '@messwerk/detectors/evaluation'
 *
 * rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) // => 0.75
 * rocAuc([7, 7, 7, 7], [0, 0, 1, 1]) // => 0.5
 * ```
 *
 * Reference: J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
 * Radiology 143 (1982)
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkLengths('rocAuc', scores, labels)
  const anomalous = countAnomalous(labels)
  let above = 0
  let pairs = 0
  limitSteps(scores, labels, (hits, falseAlarms) => {
    pairs += falseAlarms * (above + hits / 2)
    above += hits
  })
  return pairs / (anomalous * (labels.length - anomalous))
}
