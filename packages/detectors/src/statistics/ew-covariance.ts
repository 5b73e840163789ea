import { checkAlpha, checkWidth } from './check-width.ts'

/**
 * Exponentially weighted mean and covariance of all channels: a row that is `k` rows old counts (1 - alpha)^k as much as the newest.
 *
 * The first row sets the mean; its covariance is 0. On the diagonal it is the variance of {@link EwMoments}. O(channels²) a row.
 *
 * @example
 * ```ts
 * import { EwCovariance } from '@messwerk/detectors/statistics'
 *
 * const recent = new EwCovariance(2, 0.5)
 * for (const row of [[1, 2], [3, 4], [5, 0]]) recent.add(Float64Array.from(row))
 * recent.mean // => Float64Array.of(3.5, 1.5)
 * recent.covariance // => Float64Array.of(2.75, -1.75, -1.75, 2.75)
 * ```
 *
 * Reference: T. Finch, "Incremental calculation of weighted mean and variance", University of Cambridge 2009, section 9
 */
export class EwCovariance {
  /** Rows added. */
  count = 0
  /** Of each channel; 0 before the first row. */
  readonly mean: Float64Array
  /** `[u * width + v]`, symmetric to the bit; 0 before the second row. */
  readonly covariance: Float64Array
  readonly #alpha: number
  readonly #apart: Float64Array

  /**
   * @param width - number of channels
   * @param alpha - weight of the newest row, above 0 and at most 1
   */
  constructor(width: number, alpha: number) {
    checkWidth('EwCovariance', width)
    checkAlpha('EwCovariance', alpha)
    this.#alpha = alpha
    this.mean = new Float64Array(width)
    this.covariance = new Float64Array(width * width)
    this.#apart = new Float64Array(width)
  }

  /** Forgets all rows. */
  clear(): void {
    this.count = 0
    this.mean.fill(0)
    this.covariance.fill(0)
  }

  /**
   * Takes in a scan.
   *
   * @param row - one finite value a channel
   */
  add(row: Float64Array): void {
    const { mean, covariance } = this
    const apart = this.#apart
    const width = mean.length
    const alpha = this.count === 0 ? 1 : this.#alpha
    this.count += 1
    for (let u = 0; u < width; u += 1) {
      apart[u] = row[u]! - mean[u]!
      mean[u] = mean[u]! + alpha * apart[u]!
      for (let v = 0; v <= u; v += 1) {
        const moved = (1 - alpha) * (covariance[u * width + v]! + alpha * (apart[u]! * apart[v]!))
        covariance[u * width + v] = covariance[v * width + u] = moved
      }
    }
  }
}
