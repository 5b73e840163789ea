import { checkWidth } from './check-width.ts'
import { RunningMoments } from './running-moments.ts'
import { type Reach, ScanWindow } from './scan-window.ts'

/**
 * Mean and standard deviation of the last rows, without ever subtracting a row that leaves.
 *
 * Removing a row from Welford's sums cancels: after one reading of 1e12 has left the window, rounding of 1e8 stays behind. Here the
 * window is two parts instead. For the older rows the moments of row `i` and all younger ones of that part are kept, so a row leaves
 * by a step of an index; the newer rows are summed up as they come. When the older part is used up, the newer becomes it. So a row
 * is added twice in its life and subtracted never. O(channels) a row on average.
 *
 * @example
 * ```ts
 * import { WindowMoments } from '@messwerk/detectors/statistics'
 *
 * const last = new WindowMoments(1, { scans: 3 })
 * for (const [i, x] of [1e12, 3, 5, 4].entries()) last.add(Float64Array.of(x), i)
 * last.refresh()
 * last.mean[0] // => 4
 * last.variance(0) // => 1
 * ```
 *
 * Reference: two-stack sliding-window aggregation, e.g. Tangwongsan, Hirzel, Schneider, "Low-latency sliding-window aggregation in
 * worst-case constant time", DEBS 2017, section 2; merging of moments: Chan, Golub, LeVeque, Technical Report 222, Stanford 1979
 */
export class WindowMoments {
  /** Of each channel; up to date after `refresh`. */
  readonly mean: Float64Array
  /** Sum of squared deviations from the mean, of each channel; up to date after `refresh`. */
  readonly squares: Float64Array
  readonly #width: number
  readonly #row: Float64Array
  readonly #window: ScanWindow
  readonly #newer: RunningMoments
  /** Rows left in the older part, and how many it had. */
  #older = 0
  #olderAtFirst = 0
  /** Moments of row `i` of the older part and all younger ones of it, `[i * width + u]`. */
  #olderMean = new Float64Array(0)
  #olderSquares = new Float64Array(0)

  /**
   * @param width - number of channels
   * @param reach - how far back: a number of scans, or a time, which keeps at least 32 scans
   */
  constructor(width: number, reach: Reach) {
    checkWidth('WindowMoments', width)
    this.#width = width
    this.#row = new Float64Array(width)
    this.mean = new Float64Array(width)
    this.squares = new Float64Array(width)
    this.#window = new ScanWindow(width, reach)
    this.#newer = new RunningMoments(width)
  }

  /** Rows in the window. */
  get count(): number {
    return this.#window.count
  }

  /** Forgets all rows. */
  clear(): void {
    this.#window.clear()
    this.#newer.clear()
    this.#older = 0
  }

  /**
   * Adds a row; those that are too old for it leave.
   *
   * @param row - one finite value a channel
   * @param seconds - its time, in order
   */
  add(row: Float64Array, seconds: number): void {
    while (this.#window.outgrown(seconds)) {
      if (this.#older === 0) this.#turnOver(this.#window.count)
      this.#window.dropOldest()
      this.#older -= 1
    }
    this.#window.push(row, seconds)
    this.#newer.add(row)
  }

  /** Brings `mean` and `squares` up to date. */
  refresh(): void {
    const { mean, squares, count } = this.#newer
    const older = this.#older
    const at = (this.#olderAtFirst - older) * this.#width
    for (let u = 0; u < this.#width; u += 1) {
      const olderMean = older > 0 ? this.#olderMean[at + u]! : 0
      const apart = older > 0 ? mean[u]! - olderMean : 0
      this.mean[u] = older > 0 ? olderMean + (count === 0 ? 0 : (apart * count) / (older + count)) : mean[u]!
      const between = older > 0 && count > 0 ? (apart * apart * older * count) / (older + count) : 0
      this.squares[u] = (older > 0 ? this.#olderSquares[at + u]! : 0) + squares[u]! + between
    }
  }

  /** Variance of channel `u`, after `refresh`. @param ddof - divisor n - ddof. NaN of `ddof` rows or fewer */
  variance(u: number, ddof = 1): number {
    return this.count > ddof ? this.squares[u]! / (this.count - ddof) : Number.NaN
  }

  /** What `restore` needs, copied. */
  state(): { rows: Float64Array; seconds: Float64Array; older: number } {
    const { rows, seconds } = this.#window.state()
    return { rows, seconds, older: this.#older }
  }

  /** Goes on from a `state`, with the same bits. */
  restore(rows: Float64Array, seconds: Float64Array, older: number): void {
    this.clear()
    for (let i = 0; i < seconds.length; i += 1) {
      const row = rows.subarray(i * this.#width, (i + 1) * this.#width)
      this.#window.push(row, seconds[i]!)
      if (i >= older) this.#newer.add(row)
    }
    this.#sumOlder(older)
  }

  /** Makes the first `rows` rows the older part; all of them were in the newer one. */
  #turnOver(rows: number): void {
    this.#newer.clear()
    this.#sumOlder(rows)
  }

  #sumOlder(rows: number): void {
    const size = rows * this.#width
    if (this.#olderMean.length < size) {
      this.#olderMean = new Float64Array(size)
      this.#olderSquares = new Float64Array(size)
    }
    const sums = new RunningMoments(this.#width)
    for (let i = rows - 1; i >= 0; i -= 1) {
      this.#window.read(i, this.#row)
      sums.add(this.#row)
      this.#olderMean.set(sums.mean, i * this.#width)
      this.#olderSquares.set(sums.squares, i * this.#width)
    }
    this.#older = rows
    this.#olderAtFirst = rows
  }
}
