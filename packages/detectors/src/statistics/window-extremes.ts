import { checkScans } from './check-width.ts'

/**
 * Least and largest of the last values of one channel, in O(1) a value on average.
 *
 * Kept are only the values that can still become the least or the largest: each value throws out those before it that it beats.
 *
 * @example
 * ```ts
 * import { WindowExtremes } from '@messwerk/detectors/statistics'
 *
 * const last = new WindowExtremes(3)
 * for (const x of [9, 4, 6, 5]) last.add(x)
 * last.min // => 4
 * last.max // => 6
 * ```
 *
 * Reference: D. Lemire, "Streaming maximum-minimum filter using no more than three comparisons per element", Nordic Journal of
 * Computing 13 (2006)
 */
export class WindowExtremes {
  readonly #scans: number
  readonly #least: Monotone
  readonly #largest: Monotone
  #added = 0

  /** @param scans - length of the window, from 1 */
  constructor(scans: number) {
    checkScans('WindowExtremes', scans)
    this.#scans = scans
    this.#least = new Monotone(scans)
    this.#largest = new Monotone(scans)
  }

  /** NaN before the first value. */
  get min(): number {
    return this.#least.first
  }

  /** NaN before the first value. */
  get max(): number {
    return -this.#largest.first
  }

  /**
   * Takes in a value.
   *
   * @param value - finite; the oldest leaves when the window is full
   */
  add(value: number): void {
    this.#least.add(value, this.#added, this.#scans)
    this.#largest.add(-value, this.#added, this.#scans)
    this.#added += 1
  }

  /** Forgets all values. */
  clear(): void {
    this.#least.clear()
    this.#largest.clear()
    this.#added = 0
  }
}

/** Ascending values in order of their age: a ring. */
class Monotone {
  readonly #values: Float64Array
  readonly #numbers: Float64Array
  #head = 0
  #count = 0

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity)
    this.#numbers = new Float64Array(capacity)
  }

  get first(): number {
    return this.#count === 0 ? Number.NaN : this.#values[this.#head]!
  }

  add(value: number, number: number, scans: number): void {
    const capacity = this.#values.length
    if (this.#count > 0 && this.#numbers[this.#head]! <= number - scans) {
      this.#head = this.#head + 1 === capacity ? 0 : this.#head + 1
      this.#count -= 1
    }
    while (this.#count > 0 && this.#values[(this.#head + this.#count - 1) % capacity]! >= value) this.#count -= 1
    const slot = (this.#head + this.#count) % capacity
    this.#values[slot] = value
    this.#numbers[slot] = number
    this.#count += 1
  }

  clear(): void {
    this.#head = this.#count = 0
  }
}
