/**
 * The limit that scikit-learn's `contamination` stands for: what the given share of the scores of the learned scans lies above.
 *
 * For whoever comes from scikit-learn, or knows how many of the learned scans were faulty. Who does not know it is better served by a
 * threshold that is calibrated on normal operation.
 *
 * - Input: the scores of what was learned, in any order; NaN is left out. `contamination`: 'auto' or a share above 0 and up to 0.5.
 * - Output: 0.5 for 'auto', else the quantile 1 - contamination, with linear interpolation. It is -`offset_` of scikit-learn: a score
 *   above it is what `predict` calls -1.
 *
 * @throws RangeError, TypeError when contamination is neither, or when there is no score
 *
 * @example
 * ```ts
 * import { contaminationLimit } from '@messwerk/detectors'
 *
 * contaminationLimit([0.4, 0.7, 0.5, 0.45, 0.42], 0.25) // => 0.5
 * contaminationLimit([0.4, 0.7], 'auto') // => 0.5
 * ```
 *
 * Reference: scikit-learn, `IsolationForest`, parameter `contamination` and attribute `offset_`
 */
export function contaminationLimit(scores: ArrayLike<number>, contamination: number | 'auto'): number {
  if (contamination === 'auto') return 0.5
  if (typeof contamination !== 'number')
    throw new TypeError(`contaminationLimit: contamination must be a share or 'auto', got ${String(contamination)}`)
  if (!(contamination > 0 && contamination <= 0.5))
    throw new RangeError(`contaminationLimit: contamination must be above 0 and up to 0.5, got ${contamination}`)
  const sorted = Float64Array.from(scores)
    .filter((score) => !Number.isNaN(score))
    .sort()
    .reverse()
  if (sorted.length === 0) throw new RangeError('contaminationLimit: scores must hold at least one number, got none')
  const at = (sorted.length - 1) * contamination
  const [upper, lower] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return upper + (lower - upper) * (at - Math.floor(at))
}
