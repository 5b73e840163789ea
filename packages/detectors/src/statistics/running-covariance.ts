import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { checkWidth } from './check-width.ts'

/**
 * Means of the channels and sums of the products of their deviations over all rows added (Welford's recurrence for two variables).
 *
 * No running sum of products, so nothing cancels however large the means are. O(channels²) a row, in constant memory; several of
 * them can be merged.
 *
 * @example
 * ```ts
 * import { RunningCovariance } from '@messwerk/detectors/statistics'
 *
 * const all = new RunningCovariance(2)
 * for (const row of [[1, 2], [2, 4], [3, 9]]) all.add(Float64Array.from(row))
 * all.mean // => Float64Array.of(2, 5)
 * all.covariance() // => Float64Array.of(1, 3.5, 3.5, 13)
 * ```
 *
 * Reference: T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", The American Statistician 37
 * (1983)
 */
export class RunningCovariance {
  /** Rows added. */
  count = 0
  /** Of each channel; 0 before the first row. */
  readonly mean: Float64Array
  /** Sums of products, lower triangle row by row: channels u >= v at `u * (u + 1) / 2 + v`. */
  readonly products: Float64Array
  readonly #before: Float64Array

  /** @param width - number of channels */
  constructor(width: number) {
    checkWidth('RunningCovariance', width)
    this.mean = new Float64Array(width)
    this.products = new Float64Array((width * (width + 1)) / 2)
    this.#before = new Float64Array(width)
  }

  /** @internal */
  static restored(reader: SnapshotReader, width: number): RunningCovariance {
    const covariance = new RunningCovariance(width)
    covariance.count = reader.whole('count')
    covariance.mean.set(reader.floats('mean', width))
    covariance.products.set(reader.floats('products', covariance.products.length))
    return covariance
  }

  /** Forgets all rows. */
  clear(): void {
    this.count = 0
    this.mean.fill(0)
    this.products.fill(0)
  }

  /**
   * Takes in a scan.
   *
   * @param row - one finite value a channel
   */
  add(row: Float64Array): void {
    const { mean, products } = this
    const before = this.#before
    this.count += 1
    for (let u = 0, at = 0; u < mean.length; u += 1) {
      const x = row[u]!
      const moved = mean[u]! + (x - mean[u]!) / this.count
      before[u] = x - mean[u]!
      mean[u] = moved
      const after = x - moved
      for (let v = 0; v <= u; v += 1, at += 1) products[at] = products[at]! + after * before[v]!
    }
  }

  /** Sample covariance (divisor n - 1) of channels u >= v. */
  of(u: number, v: number): number {
    return this.products[(u * (u + 1)) / 2 + v]! / (this.count - 1)
  }

  /** Adds all rows of another one. */
  merge(other: RunningCovariance): void {
    const { mean, products, count } = this
    if (other.mean.length !== mean.length)
      throw new RangeError(`RunningCovariance: merge needs one of ${mean.length} channels, got ${other.mean.length}`)
    if (other.count === 0) return
    const all = count + other.count
    const apart = this.#before
    for (let u = 0, at = 0; u < mean.length; u += 1) {
      apart[u] = other.mean[u]! - mean[u]!
      for (let v = 0; v <= u; v += 1, at += 1)
        products[at] = products[at]! + other.products[at]! + apart[u]! * apart[v]! * ((count * other.count) / all)
      mean[u] = mean[u]! + (apart[u]! * other.count) / all
    }
    this.count = all
  }

  /**
   * The covariance matrix, `[u * width + v]`, symmetric to the bit; NaN of `ddof` rows or fewer.
   *
   * @param ddof - divisor n - ddof: 1 of a sample, 0 of all there is
   */
  covariance(ddof = 1): Float64Array {
    const width = this.mean.length
    const divisor = this.count > ddof ? this.count - ddof : Number.NaN
    const matrix = new Float64Array(width * width)
    for (let u = 0, at = 0; u < width; u += 1)
      for (let v = 0; v <= u; v += 1, at += 1)
        matrix[u * width + v] = matrix[v * width + u] = this.products[at]! / divisor
    return matrix
  }

  /** What it has learned, copied. */
  state(): { count: number; mean: Float64Array; products: Float64Array } {
    return { count: this.count, mean: this.mean.slice(), products: this.products.slice() }
  }
}
