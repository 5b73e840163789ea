/**
 * Splits a score in proportion to the squared weighted differences of a row from some others.
 *
 * Divides by the largest before squaring, so that nothing overflows. Equal shares where there is no difference but a score.
 *
 * @internal
 */
export function neighbourShares(
  row: Float64Array,
  others: Float64Array,
  which: Int32Array,
  weights: Float64Array,
  score: number,
  shares: Float64Array
): void {
  const width = row.length
  const away = (r: number, u: number): number =>
    Math.min(Math.abs(row[u]! - others[r * width + u]!) * weights[u]!, Number.MAX_VALUE)
  let largest = 0
  for (const r of which) for (let u = 0; u < width; u += 1) largest = Math.max(largest, away(r, u))
  shares.fill(largest > 0 ? 0 : 1)
  let sum = largest > 0 ? 0 : width
  if (largest > 0) {
    for (const r of which) {
      for (let u = 0; u < width; u += 1) {
        const ratio = away(r, u) / largest
        shares[u] = shares[u]! + ratio * ratio
        sum += ratio * ratio
      }
    }
  }
  for (let u = 0; u < width; u += 1) shares[u] = score * (shares[u]! / sum)
}
