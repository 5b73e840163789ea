import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SequenceModel } from '../detector/sequence-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { contributions } from '../deviation/contributions.ts'

/**
 * How long each channel has stood still, against the longest time that it did while learning.
 *
 * Where it stands is in `#place`: the value held by each channel, since when, and the time of the scan it was moved on by last; NaN
 * where nothing is held.
 *
 * @internal
 */
export class StuckModel implements SequenceModel {
  readonly #width: number
  readonly #minChange: number
  /** Declared time, s; NaN = learned. */
  readonly #after: number
  readonly #place: Float64Array
  readonly #marked: Float64Array
  /** Longest standstill learned of each channel, s. */
  readonly #longest: Float64Array
  readonly #scores: Float64Array
  #count = 0
  /** Time between scans, s: a standstill can be told from none only by more than this. */
  #period = 0
  /** From the scan before to the one it was moved on by last, s; NaN = none. */
  #sinceLast = Number.NaN

  constructor(width: number, minChange: number, after: number) {
    this.#width = width
    this.#minChange = minChange
    this.#after = after
    this.#place = new Float64Array(2 * width + 1).fill(Number.NaN)
    this.#marked = this.#place.slice()
    this.#longest = new Float64Array(width)
    this.#scores = new Float64Array(width)
  }

  static restored(reader: SnapshotReader, width: number, minChange: number, after: number): StuckModel {
    const model = new StuckModel(width, minChange, after)
    model.#place.set(reader.floats('place', model.#place.length))
    model.#longest.set(reader.floats('longest', width))
    model.#count = reader.whole('count')
    model.#period = reader.number('period')
    return model
  }

  get ready(): boolean {
    return this.#after > 0 || (this.#count >= 2 && this.#period > 0)
  }

  fit({ length, rows, seconds }: LearnedScans): void {
    const width = this.#width
    this.#count = 0
    this.#period = 0
    this.#longest.fill(0)
    this.gap()
    for (let i = 0; i < length; i += 1) {
      const row = rows.subarray(i * width, (i + 1) * width)
      this.advance(row, seconds[i]!)
      this.learn(row, seconds[i]!)
    }
  }

  advance(row: Float64Array, seconds: number): number {
    const [place, width] = [this.#place, this.#width]
    for (let u = 0; u < width; u += 1) {
      if (Math.abs(row[u]! - place[u]!) <= this.#minChange) continue
      place[u] = row[u]!
      place[width + u] = seconds
    }
    this.#sinceLast = seconds - place[2 * width]!
    place[2 * width] = seconds
    if (!this.ready) return Number.NaN
    let score = 0
    for (let u = 0; u < width; u += 1) {
      this.#scores[u] = (seconds - place[width + u]!) / this.#allowed(u)
      score = Math.max(score, this.#scores[u]!)
    }
    return score
  }

  /** A value that is missing is no change. */
  skip(_seconds: number): void {}

  learn(_row: Float64Array, seconds: number): void {
    this.#count = Math.min(this.#count + 1, Number.MAX_SAFE_INTEGER)
    if (this.#sinceLast > this.#period) this.#period = this.#sinceLast
    for (let u = 0; u < this.#width; u += 1)
      this.#longest[u] = Math.max(this.#longest[u]!, seconds - this.#place[this.#width + u]!)
  }

  explain(_score: number, shares: Float64Array): void {
    contributions(this.#scores, shares)
  }

  gap(): void {
    this.#place.fill(Number.NaN)
  }

  mark(): void {
    this.#marked.set(this.#place)
  }

  back(): void {
    this.#place.set(this.#marked)
  }

  state(): Record<string, unknown> {
    return {
      place: this.#place.slice(),
      longest: this.#longest.slice(),
      count: this.#count,
      period: this.#period
    }
  }

  #allowed(u: number): number {
    return this.#after > 0 ? this.#after : Math.max(this.#longest[u]!, this.#period)
  }
}
