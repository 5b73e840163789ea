import { checkScans } from './check-width.ts'
import { medianAbsoluteDeviation, medianOf } from './median.ts'
import { SortedColumn } from './sorted-column.ts'

/**
 * Median, median absolute deviation and quantiles of the last values of one channel, all exact.
 *
 * The values lie sorted in one array: O(log scans) comparisons a value and one move of memory, O(log scans) for the median absolute
 * deviation, O(1) for the rest. The move is what a tree would save: 0.3 microseconds a value for 1 000 scans, 0.6 for 10 000,
 * 3.5 for 100 000 (Node 20), so that it takes windows beyond those before a tree were faster.
 *
 * @example
 * ```ts
 * import { RunningMedian } from '@messwerk/detectors/statistics'
 *
 * const last = new RunningMedian(5)
 * for (const x of [70, 31, 32, 30, 99, 31]) last.add(x)
 * last.median // => 31
 * last.mad // => 1
 * last.quantile(1) // => 99
 * ```
 */
export class RunningMedian {
  readonly #ring: Float64Array
  readonly #sorted = new SortedColumn()
  #head = 0
  #count = 0

  /** @param scans - length of the window, from 1 */
  constructor(scans: number) {
    checkScans('RunningMedian', scans)
    this.#ring = new Float64Array(scans)
  }

  /** Values in the window. */
  get count(): number {
    return this.#count
  }

  /** NaN before the first value. */
  get median(): number {
    return medianOf(this.#sorted.values, this.#count)
  }

  /** Median distance from the median; NaN before the first value. 1.4826 times that of normal data is their standard deviation. */
  get mad(): number {
    return medianAbsoluteDeviation(this.#sorted.values, this.#count, this.median)
  }

  /**
   * The value that a share `p` of the window does not exceed.
   *
   * @param p - 0 = least, 1 = largest; between two values it is interpolated, as numpy does. NaN before the first value
   */
  quantile(p: number): number {
    return quantileOf(this.#sorted.values, this.#count, p)
  }

  /**
   * Takes in a value.
   *
   * @param value - finite; the oldest leaves when the window is full
   */
  add(value: number): void {
    const x = value + 0
    if (this.#count < this.#ring.length) {
      this.#sorted.add(x)
      this.#count += 1
    } else this.#sorted.replace(this.#ring[this.#head]!, x)
    this.#ring[this.#head] = x
    this.#head = this.#head + 1 === this.#ring.length ? 0 : this.#head + 1
  }

  /** Forgets all values. */
  clear(): void {
    this.#sorted.clear()
    this.#head = this.#count = 0
  }

  /** The values in the window, oldest first: adding them to another one makes it equal. */
  values(): Float64Array {
    const first = this.#count < this.#ring.length ? 0 : this.#head
    return Float64Array.from({ length: this.#count }, (_, i) => this.#ring[(first + i) % this.#ring.length]!)
  }
}

/**
 * Quantile of the first `length` values of an ascending array, interpolated linearly between two (numpy's default, type 7).
 *
 * @internal
 */
export function quantileOf(sorted: Float64Array, length: number, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`quantile: p must be from 0 to 1, got ${p}`)
  if (length === 0) return Number.NaN
  const place = p * (length - 1)
  const below = Math.floor(place)
  const low = sorted[below]!
  return below + 1 < length ? low + (sorted[below + 1]! - low) * (place - below) : low
}
