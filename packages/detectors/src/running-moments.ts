/**
 * Mean and sum of squared deviations of each channel over all rows added (Welford).
 *
 * No running sum of squares, so nothing cancels however large the mean is.
 *
 * @internal
 *
 * Reference: B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962)
 */
export class RunningMoments {
  count = 0
  readonly mean: Float64Array
  /** Sum of squared deviations from the mean. */
  readonly squares: Float64Array

  constructor(width: number) {
    this.mean = new Float64Array(width)
    this.squares = new Float64Array(width)
  }

  clear(): void {
    this.count = 0
    this.mean.fill(0)
    this.squares.fill(0)
  }

  add(row: Float64Array): void {
    const { mean, squares } = this
    this.count += 1
    for (let u = 0; u < mean.length; u += 1) {
      const x = row[u]!
      const before = x - mean[u]!
      const moved = mean[u]! + before / this.count
      mean[u] = moved
      squares[u] = squares[u]! + before * (x - moved)
    }
  }
}
