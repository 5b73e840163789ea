/**
 * Splits a score into shares in proportion to the squared deviations.
 *
 * - Input: deviations >= 0, the largest of which is the score.
 * - Output: one share a deviation, >= 0, with the score as their sum (to rounding). A deviation that is NaN makes every share NaN: no
 *   answer.
 *
 * Divides by the largest before squaring, so that deviations up to the largest double neither overflow nor vanish.
 *
 * @internal
 */
export function contributions(deviations: Float64Array, out: Float64Array): void {
  let score = 0
  for (let u = 0; u < deviations.length; u += 1) score = Math.max(score, deviations[u]!)
  let sum = 0
  for (let u = 0; u < deviations.length; u += 1) {
    const ratio = deviations[u]! / score
    sum += ratio * ratio
  }
  for (let u = 0; u < deviations.length; u += 1) {
    const ratio = deviations[u]! / score
    out[u] = score === 0 ? 0 : score * ((ratio * ratio) / sum)
  }
}
