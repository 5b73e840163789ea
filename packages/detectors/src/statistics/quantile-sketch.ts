// Longer than 200 lines by its docstrings.
import { Random, seedOf } from './random.ts'
import { quantileOf } from './running-median.ts'

/** Least values of a level before it is halved. */
const LEAST = 8

/**
 * Options of {@link QuantileSketch}.
 *
 * @example
 * ```ts
 * import { QuantileSketch, type QuantileSketchOptions } from '@messwerk/detectors/statistics'
 *
 * const options: QuantileSketchOptions = { size: 400, seed: 7 }
 * new QuantileSketch(options).rankError // => 0.0068…
 * ```
 */
export interface QuantileSketchOptions {
  /**
   * How much is kept: about three times as many values, whatever comes. Twice the size halves the error.
   *
   * @defaultValue 200
   */
  readonly size?: number
  /** Of the choices which of two neighbours to keep. @defaultValue 1 */
  readonly seed?: number
}

/**
 * Quantiles of any number of values of one channel, in bounded memory: the KLL sketch.
 *
 * - Error: a quantile that is asked for at `p` is the true one at some p' with |p' - p| <= `rankError` (1.3 % at the default size) in
 *   99 of 100 cases. So the middle is good and the far tails are not: ask for 0.95 or 0.99, not for 0.999, unless `size` is raised.
 *   With at most `size` values it is exact.
 * - Two sketches of parts of the data merge to one of the whole, with the same error.
 * - The same values in the same order with the same seed give the same bits.
 * - Cost: O(1) a value on average (sorting of short runs now and then), O(size log size) for a quantile.
 *
 * @example
 * ```ts
 * import { QuantileSketch } from '@messwerk/detectors/statistics'
 *
 * const sketch = new QuantileSketch()
 * for (let i = 0; i < 100_000; i += 1) sketch.add((i * 7919) % 100_000)
 * Math.abs(sketch.quantile(0.95) - 95_000) < 1_330 // => true
 * sketch.min // => 0
 * ```
 *
 * Reference: Z. Karnin, K. Lang, E. Liberty, "Optimal quantile approximation in streams", FOCS 2016; the constants of the error were
 * fitted by the Apache DataSketches project and are checked by our tests
 */
export class QuantileSketch {
  /** Values added. */
  count = 0
  /** NaN before the first value. */
  min: number = Number.NaN
  /** NaN before the first value. */
  max: number = Number.NaN
  readonly #size: number
  readonly #random: Random
  /** Values of weight 2^level, the first `#lengths[level]` of each. */
  #levels: Float64Array[] = []
  #lengths: number[] = []
  #held = 0
  #room = 0

  constructor({ size = 200, seed = 1 }: QuantileSketchOptions = {}) {
    if (!(Number.isSafeInteger(size) && size >= LEAST && size <= 65_535))
      throw new RangeError(`QuantileSketch: size must be a whole number from ${LEAST} to 65535, got ${size}`)
    this.#size = size
    this.#random = new Random(seedOf('QuantileSketch', seed))
    this.#addLevel()
  }

  /** How far a rank may be off, in 99 of 100 cases, as a part of all values. */
  get rankError(): number {
    // 2.296 / size^0.9723
    return 2.296 * Math.exp(-0.9723 * Math.log(this.#size))
  }

  /**
   * Takes in a value.
   *
   * @param value - finite
   */
  add(value: number): void {
    this.count += 1
    if (!(value >= this.min)) this.min = value
    if (!(value <= this.max)) this.max = value
    this.#push(0, value)
    if (this.#held >= this.#room) this.#shrink()
  }

  /** Adds all values of another one. */
  merge(other: QuantileSketch): void {
    if (other.count === 0) return
    while (this.#levels.length < other.#levels.length) this.#addLevel()
    for (let level = 0; level < other.#levels.length; level += 1)
      for (let i = 0; i < other.#lengths[level]!; i += 1) this.#push(level, other.#levels[level]![i]!)
    this.count += other.count
    if (!(other.min >= this.min)) this.min = other.min
    if (!(other.max <= this.max)) this.max = other.max
    while (this.#held >= this.#room) this.#shrink()
  }

  /**
   * The value that a share `p` of all values do not exceed, within the error of the sketch.
   *
   * @param p - 0 = least, 1 = largest. NaN before the first value
   */
  quantile(p: number): number {
    if (this.#levels.length === 1) return this.#exactly(p)
    if (!(p >= 0 && p <= 1)) throw new RangeError(`QuantileSketch: p must be from 0 to 1, got ${p}`)
    if (p === 0 || p === 1) return p === 0 ? this.min : this.max
    let below = 0
    for (const [value, weight] of this.#weighted()) {
      below += weight
      if (below >= p * this.count) return value
    }
    return this.max
  }

  /** The part of the values that are at most `value`, 0..1. NaN before the first value. */
  rank(value: number): number {
    let below = 0
    let weight = 1
    for (let level = 0; level < this.#levels.length; level += 1) {
      for (let i = 0; i < this.#lengths[level]!; i += 1) if (this.#levels[level]![i]! <= value) below += weight
      weight *= 2
    }
    return below / this.count
  }

  /** What `restore` needs, copied. */
  state(): { count: number; min: number; max: number; lengths: number[]; values: Float64Array; random: Float64Array } {
    const values = new Float64Array(this.#held)
    let at = 0
    for (let level = 0; level < this.#levels.length; level += 1) {
      values.set(this.#levels[level]!.subarray(0, this.#lengths[level]!), at)
      at += this.#lengths[level]!
    }
    const { count, min, max } = this
    return { count, min, max, lengths: this.#lengths.slice(), values, random: this.#random.state() }
  }

  /** Goes on from the `state` of a sketch of the same size, with the same bits. */
  restore({ count, min, max, lengths, values, random }: ReturnType<QuantileSketch['state']>): void {
    this.#levels = []
    this.#lengths = []
    this.#held = 0
    let at = 0
    for (const [level, length] of lengths.entries()) {
      this.#addLevel()
      for (let i = 0; i < length; i += 1) this.#push(level, values[at + i]!)
      at += length
    }
    Object.assign(this, { count, min, max })
    this.#random.restore(random)
  }

  #exactly(p: number): number {
    const length = this.#lengths[0]!
    return quantileOf(this.#levels[0]!.slice(0, length).sort(), length, p)
  }

  /** All that is held with its weight, ascending. */
  #weighted(): [value: number, weight: number][] {
    const pairs: [number, number][] = []
    for (let level = 0, weight = 1; level < this.#levels.length; level += 1, weight *= 2)
      for (let i = 0; i < this.#lengths[level]!; i += 1) pairs.push([this.#levels[level]![i]!, weight])
    return pairs.sort(([a], [b]) => a - b)
  }

  #push(level: number, value: number): void {
    const length = this.#lengths[level]!
    let values = this.#levels[level]!
    if (length === values.length) {
      const larger = new Float64Array(2 * length)
      larger.set(values)
      this.#levels[level] = values = larger
    }
    values[length] = value
    this.#lengths[level] = length + 1
    this.#held += 1
  }

  #addLevel(): void {
    this.#levels.push(new Float64Array(LEAST))
    this.#lengths.push(0)
    this.#room = 0
    for (let level = 0; level < this.#levels.length; level += 1) this.#room += this.#capacity(level)
  }

  /** The topmost level holds `size` values, each below it two thirds of the one above. */
  #capacity(level: number): number {
    let capacity = this.#size
    for (let k = this.#levels.length - 1; k > level; k -= 1) capacity = (capacity * 2) / 3
    return Math.max(LEAST, Math.round(capacity))
  }

  /** Halves the lowest level that is full: every second of its values goes up, with twice the weight. */
  #shrink(): void {
    let level = 0
    while (this.#lengths[level]! < this.#capacity(level)) level += 1
    if (level === this.#levels.length - 1) this.#addLevel()
    const length = this.#lengths[level]!
    const values = this.#levels[level]!.subarray(0, length).sort()
    const even = length - (length % 2)
    for (let i = this.#random.below(2); i < even; i += 2) this.#push(level + 1, values[i]!)
    // Of an odd number the last stays behind.
    if (even < length) values[0] = values[even]!
    this.#lengths[level] = length - even
    this.#held -= even
  }
}
