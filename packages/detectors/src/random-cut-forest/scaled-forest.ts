import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { CutForest, type CutForestSize } from './cut-forest.ts'

/** In standard deviations; what is farther is taken for it. */
const FARTHEST = 1e30

/** @internal */
export interface ScaledForestParts {
  /** Values of a row. */
  readonly width: number
  /** Rows of a point. */
  readonly shingle: number
  /** Rows that show how much each channel moves, before anything is scored. */
  readonly first: number
  /** Least deviation of each channel; 0 = not known. */
  readonly floors: Float64Array
  readonly forest: Omit<CutForestSize, 'width'>
}

/**
 * A forest of points that are the last rows, each channel less its mean and in its standard deviations, both of the first rows: cuts
 * fall on the channels by how far they reach, so they need one scale.
 *
 * @internal
 */
export class ScaledForest {
  readonly #parts: ScaledForestParts
  #forest: CutForest
  readonly #mean: Float64Array
  readonly #deviation: Float64Array
  /** Rows before the scale is known. */
  readonly #first: Float64Array
  #gathered = 0
  #isScaled = false
  /** The last rows, scaled, oldest first. */
  readonly point: Float64Array
  /** How many of them there are. */
  filled = 0
  readonly #each: Float64Array

  constructor(parts: ScaledForestParts) {
    this.#parts = parts
    this.#forest = this.#newForest()
    this.#mean = new Float64Array(parts.width)
    this.#deviation = new Float64Array(parts.width)
    this.#first = new Float64Array(parts.first * parts.width)
    this.point = new Float64Array(parts.width * parts.shingle)
    this.#each = new Float64Array(parts.width * parts.shingle)
  }

  get ready(): boolean {
    return this.#isScaled && this.#forest.count > 0
  }

  fit(rows: Float64Array): void {
    const { width, first } = this.#parts
    this.#forest = this.#newForest()
    this.#gathered = 0
    this.#isScaled = false
    this.filled = 0
    if (rows.length >= first * width) this.#scale(rows)
    for (let from = 0; from < rows.length; from += width) {
      const row = rows.subarray(from, from + width)
      this.push(row)
      this.learn(row)
    }
  }

  /** Moves the point on by a row. */
  push(row: Float64Array): void {
    if (!this.#isScaled) return
    const { width, shingle } = this.#parts
    const { point } = this
    if (shingle > 1) point.copyWithin(0, width)
    const last = point.length - width
    for (let u = 0; u < width; u += 1) {
      const z = (row[u]! - this.#mean[u]!) / this.#deviation[u]!
      // + 0 makes -0 to 0; sums of sides must not overflow.
      point[last + u] = Math.fround(Math.min(Math.max(z, -FARTHEST), FARTHEST)) + 0
    }
    this.filled = Math.min(this.filled + 1, shingle)
  }

  /** Learns the point; before the scale is known, gathers the row. */
  learn(row: Float64Array): void {
    if (this.#isScaled) {
      if (this.filled === this.#parts.shingle) this.#forest.add(this.point)
      return
    }
    const { width, first } = this.#parts
    this.#first.set(row, this.#gathered * width)
    this.#gathered += 1
    if (this.#gathered < first) return
    this.#gathered = 0
    this.#scale(this.#first)
    for (let i = 0; i < first; i += 1) {
      const again = this.#first.subarray(i * width, (i + 1) * width)
      this.push(again)
      this.learn(again)
    }
  }

  score(): number {
    return this.#forest.score(this.point)
  }

  /** Parts of the channels in the score, all rows of the point together, so that they sum to it. */
  explain(score: number, shares: Float64Array): void {
    const parts = this.#each
    this.#forest.attribute(this.point, parts)
    shares.fill(0)
    for (let k = 0; k < parts.length; k += 1) shares[k % shares.length] = shares[k % shares.length]! + parts[k]!
    const sum = shares.reduce((total, share) => total + share, 0)
    for (let u = 0; u < shares.length; u += 1) shares[u] = (score * shares[u]!) / sum
  }

  state(): Record<string, unknown> {
    const first = this.#first.slice(0, this.#gathered * this.#parts.width)
    const { trees, count, random } = this.#forest.state()
    const scale = { isScaled: Number(this.#isScaled), mean: this.#mean.slice(), deviation: this.#deviation.slice() }
    return Object.assign(scale, { first, point: this.point.slice(), filled: this.filled, trees, count, random })
  }

  restore(reader: SnapshotReader): void {
    const { width, first, shingle } = this.#parts
    const gathered = reader.floats('first')
    if (gathered.length >= first * width || gathered.length % width !== 0)
      reader.refuse(`its first must be rows of ${width} values, fewer than ${first}, got ${gathered.length} values`)
    this.#first.set(gathered)
    this.#gathered = gathered.length / width
    this.#isScaled = reader.whole('isScaled') === 1
    this.#mean.set(reader.floats('mean', width))
    this.#deviation.set(reader.floats('deviation', width))
    this.point.set(reader.floats('point', width * shingle))
    this.filled = reader.whole('filled')
    const trees = reader.floats('trees', this.#forest.stateLength)
    const random = reader.floats('random', 4)
    if (!this.#forest.restore(trees, reader.whole('count'), random)) reader.refuse('its trees are not whole')
  }

  #newForest(): CutForest {
    const { width, shingle, forest } = this.#parts
    const { trees, sample, timeDecay, seed } = forest
    return new CutForest({ width: width * shingle, trees, sample, timeDecay, seed })
  }

  #scale(rows: Float64Array): void {
    const { width, floors } = this.#parts
    const [mean, deviation] = [this.#mean, this.#deviation]
    const length = rows.length / width
    mean.fill(0)
    deviation.fill(0)
    for (let k = 0; k < rows.length; k += 1) mean[k % width] = mean[k % width]! + rows[k]! / length
    for (let k = 0; k < rows.length; k += 1) {
      const away = rows[k]! - mean[k % width]!
      deviation[k % width] = deviation[k % width]! + (away * away) / length
    }
    for (let u = 0; u < width; u += 1) {
      const own = Math.max(Math.sqrt(deviation[u]!), floors[u]!)
      // Rounding of the mean is no movement.
      deviation[u] = own > 1e-12 * Math.abs(mean[u]!) ? own : 1
    }
    this.#isScaled = true
  }
}
