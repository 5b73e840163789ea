/**
 * The mean of the squared differences between rows and how the model draws them. What it draws as no number is as far off as can be.
 *
 * @param size - values of one row
 * @param scanOf - the scan of each row
 *
 * @internal
 */
export function reconstructionScores(
  drawn: ArrayLike<number>,
  given: ArrayLike<number>,
  size: number,
  scanOf: Int32Array,
  scores: Float64Array
): void {
  for (let r = 0; r < scanOf.length; r += 1) {
    let sum = 0
    for (let k = r * size; k < (r + 1) * size; k += 1) {
      const difference = given[k]! - drawn[k]!
      sum += difference * difference
    }
    const score = sum / size
    scores[scanOf[r]!] = Number.isNaN(score) ? Number.MAX_VALUE : Math.min(score, Number.MAX_VALUE)
  }
}

/** What each channel of the first row adds to its score. @internal */
export function reconstructionShares(
  drawn: ArrayLike<number>,
  given: ArrayLike<number>,
  { scans, layout }: { readonly scans: number; readonly layout: 'NTC' | 'NCT' | undefined },
  shares: Float64Array
): void {
  const width = shares.length
  let total = 0
  for (let j = 0; j < width; j += 1) {
    let sum = 0
    for (let t = 0; t < scans; t += 1) {
      const k = layout === 'NCT' ? j * scans + t : t * width + j
      const difference = given[k]! - drawn[k]!
      sum += difference * difference
    }
    shares[j] = sum / (scans * width)
    total += shares[j]!
  }
  if (total <= Number.MAX_VALUE) return
  // The channels that cannot be drawn share what there is.
  const lost = shares.filter((share) => !(share < Number.MAX_VALUE)).length
  for (let j = 0; j < width; j += 1) shares[j] = shares[j]! < Number.MAX_VALUE ? 0 : Number.MAX_VALUE / lost
}
