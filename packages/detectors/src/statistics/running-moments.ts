import { checkWidth } from './check-width.ts'

/**
 * Mean and sum of squared deviations of each channel over all rows added (Welford).
 *
 * No running sum of squares, so nothing cancels however large the mean is. Rows cannot be taken out again, as that would cancel:
 * {@link WindowMoments} is for windows. O(channels) a row, in constant memory.
 *
 * @example
 * ```ts
 * import { RunningMoments } from '@messwerk/detectors/statistics'
 *
 * const [early, late] = [new RunningMoments(1), new RunningMoments(1)]
 * for (const x of [3, 5, 4]) early.add(Float64Array.of(x))
 * for (const x of [7, 10, 12]) late.add(Float64Array.of(x))
 * early.merge(late)
 * early.mean[0] // => 6.8333333…
 * early.variance(0) // => 12.5666667…
 * ```
 *
 * Reference: B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962);
 * merging: T. F. Chan, G. H. Golub, R. J. LeVeque, Technical Report 222, Stanford 1979
 */
export class RunningMoments {
  /** Rows added. */
  count = 0
  /** Of each channel; 0 before the first row. */
  readonly mean: Float64Array
  /** Sum of squared deviations from the mean, of each channel. */
  readonly squares: Float64Array

  /** @param width - number of channels */
  constructor(width: number) {
    checkWidth('RunningMoments', width)
    this.mean = new Float64Array(width)
    this.squares = new Float64Array(width)
  }

  /** Forgets all rows. */
  clear(): void {
    this.count = 0
    this.mean.fill(0)
    this.squares.fill(0)
  }

  /**
   * Takes in a scan.
   *
   * @param row - one finite value a channel
   */
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

  /** Variance of channel `u`. @param ddof - divisor n - ddof: 1 of a sample, 0 of all there is. NaN of `ddof` rows or fewer */
  variance(u: number, ddof = 1): number {
    return this.count > ddof ? this.squares[u]! / (this.count - ddof) : Number.NaN
  }

  /** Adds all rows of another one. */
  merge(other: RunningMoments): void {
    const { mean, squares, count } = this
    if (other.mean.length !== mean.length)
      throw new RangeError(`RunningMoments: merge needs one of ${mean.length} channels, got ${other.mean.length}`)
    if (other.count === 0) return
    const all = count + other.count
    for (let u = 0; u < mean.length; u += 1) {
      const apart = other.mean[u]! - mean[u]!
      mean[u] = mean[u]! + (apart * other.count) / all
      squares[u] = squares[u]! + other.squares[u]! + apart * apart * ((count * other.count) / all)
    }
    this.count = all
  }
}
