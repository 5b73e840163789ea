import { checkAlpha, checkWidth } from './check-width.ts'

/**
 * Exponentially weighted mean and variance of each channel: a row that is `k` rows old counts (1 - alpha)^k as much as the newest.
 *
 * Mean and variance move by the difference to the mean, so nothing cancels however large the mean is. The first row sets the mean;
 * its variance is 0. The variance is that of the weights, without a correction for few rows (divisor n, not n - 1).
 *
 * @example
 * ```ts
 * import { EwMoments } from '@messwerk/detectors/statistics'
 *
 * const recent = new EwMoments(1, 0.5)
 * for (const x of [1, 3, 5, 4, 6, 8, 7, 9, 11]) recent.add(Float64Array.of(x))
 * recent.variance[0] // => 3.56536865234375
 * ```
 *
 * Reference: T. Finch, "Incremental calculation of weighted mean and variance", University of Cambridge 2009, section 9
 */
export class EwMoments {
  /** Rows added. */
  count = 0
  /** Of each channel; 0 before the first row. */
  readonly mean: Float64Array
  /** Of each channel; 0 before the second row. */
  readonly variance: Float64Array
  readonly #alpha: number

  /**
   * @param width - number of channels
   * @param alpha - weight of the newest row, above 0 and at most 1; about 2 / (n + 1) for a memory of n rows
   */
  constructor(width: number, alpha: number) {
    checkWidth('EwMoments', width)
    checkAlpha('EwMoments', alpha)
    this.#alpha = alpha
    this.mean = new Float64Array(width)
    this.variance = new Float64Array(width)
  }

  /** Forgets all rows. */
  clear(): void {
    this.count = 0
    this.mean.fill(0)
    this.variance.fill(0)
  }

  /**
   * Takes in a scan.
   *
   * @param row - one finite value a channel
   */
  add(row: Float64Array): void {
    const { mean, variance } = this
    const alpha = this.count === 0 ? 1 : this.#alpha
    this.count += 1
    for (let u = 0; u < mean.length; u += 1) {
      const apart = row[u]! - mean[u]!
      const step = alpha * apart
      mean[u] = mean[u]! + step
      variance[u] = (1 - alpha) * (variance[u]! + apart * step)
    }
  }
}
