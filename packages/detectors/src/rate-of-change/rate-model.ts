import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SequenceModel } from '../detector/sequence-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { contributions } from '../deviation/contributions.ts'
import type { MedianAndMad } from '../deviation/median-and-mad.ts'
import { counted, type Sign } from '../deviation/side.ts'
import { scaleOf } from '../statistics/scale-of.ts'

/** A deviation needs two rates. */
const READY = 2
/** Part of a value that the difference of two such values may be off by, with room: 2^-52 is what rounding makes. */
const ROUNDING = 1e-15

/**
 * The rates of change that were learned, and how far that of the present scan is from them.
 *
 * Where it stands is in `#place`: values of the scan before, its time; then those of the scan it was moved on by last.
 *
 * @internal
 */
export class RateModel implements SequenceModel {
  readonly #normal: MedianAndMad
  /** What rounding may make of the rates learned; `#normal` looks at it. */
  readonly #rounding: Float64Array
  readonly #floors: Float64Array
  readonly #sign: Sign
  readonly #width: number
  readonly #place: Float64Array
  readonly #marked: Float64Array
  readonly #rates: Float64Array
  readonly #scores: Float64Array
  #isStale = true

  constructor(normal: (rounding: Float64Array) => MedianAndMad, floors: Float64Array, sign: Sign) {
    this.#rounding = new Float64Array(floors.length)
    this.#normal = normal(this.#rounding)
    this.#floors = floors
    this.#sign = sign
    this.#width = floors.length
    this.#place = new Float64Array(2 * (this.#width + 1)).fill(Number.NaN)
    this.#marked = this.#place.slice()
    this.#rates = new Float64Array(this.#width)
    this.#scores = new Float64Array(this.#width)
  }

  /** Only for one that has learned nothing yet. */
  restore(reader: SnapshotReader): void {
    this.#normal.restore(reader)
    this.#place.set(reader.floats('place', this.#place.length))
    this.#rounding.set(reader.floats('rounding', this.#width))
  }

  get ready(): boolean {
    return this.#normal.count >= READY
  }

  fit({ length, rows, seconds }: LearnedScans): void {
    const width = this.#width
    const rates = new Float64Array(width * length)
    const times = new Float64Array(length)
    let found = 0
    this.gap()
    this.#rounding.fill(0)
    for (let i = 0; i < length; i += 1) {
      if (!this.#move(rows.subarray(i * width, (i + 1) * width), seconds[i]!)) continue
      rates.set(this.#rates, found * width)
      times[found] = seconds[i]!
      this.#noteRounding()
      found += 1
    }
    this.#normal.fit({ length: found, rows: rates.subarray(0, found * width), seconds: times.subarray(0, found) })
    this.#isStale = true
  }

  advance(row: Float64Array, seconds: number): number {
    if (!(this.#move(row, seconds) && this.ready)) return Number.NaN
    this.#refresh()
    const period = this.#period()
    let score = 0
    for (let u = 0; u < this.#width; u += 1) {
      const apart = this.#rates[u]! - this.#normal.center[u]!
      this.#scores[u] = Math.min(counted(apart, this.#sign) / this.#scaleOf(u, period), Number.MAX_VALUE)
      score = Math.max(score, this.#scores[u]!)
    }
    return score
  }

  /** The next rate reaches over the hole. */
  skip(_seconds: number): void {}

  learn(_row: Float64Array, seconds: number): void {
    if (!this.#isKnown()) return
    this.#noteRounding()
    this.#normal.learn(this.#rates, seconds)
    this.#isStale = true
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
    this.#differ()
  }

  band(limit: number, lower: Float64Array, upper: Float64Array): void {
    this.#refresh()
    const period = this.#period()
    for (let u = 0; u < this.#width; u += 1) {
      const [center, reach] = [this.#normal.center[u]!, limit * this.#scaleOf(u, period)]
      lower[u] = this.#sign > 0 ? Number.NaN : this.#place[u]! + (center - reach) * period
      upper[u] = this.#sign < 0 ? Number.NaN : this.#place[u]! + (center + reach) * period
    }
  }

  state(): Record<string, unknown> {
    // eslint-disable-next-line no-restricted-syntax -- once a snapshot
    return { ...this.#normal.state(), place: this.#place.slice(), rounding: this.#rounding.slice() }
  }

  /** Moves on to a scan; false where there is no rate. */
  #move(row: Float64Array, seconds: number): boolean {
    const [place, next] = [this.#place, this.#width + 1]
    place.copyWithin(0, next)
    place.set(row, next)
    place[place.length - 1] = seconds
    this.#differ()
    return this.#isKnown()
  }

  #differ(): void {
    const period = this.#period()
    for (let u = 0; u < this.#width; u += 1)
      this.#rates[u] = (this.#place[this.#width + 1 + u]! - this.#place[u]!) / period
  }

  #noteRounding(): void {
    for (let u = 0; u < this.#width; u += 1) {
      const size = Math.abs(this.#place[u]!) + Math.abs(this.#place[this.#width + 1 + u]!)
      this.#rounding[u] = Math.max(this.#rounding[u]!, (ROUNDING * size) / this.#period())
    }
  }

  /** From the scan before to the present one, in s. */
  #period(): number {
    return this.#place[this.#place.length - 1]! - this.#place[this.#width]!
  }

  #isKnown(): boolean {
    return this.#period() > 0
  }

  /** A change by less than the floor never scores more than 1, however fast. */
  #scaleOf(u: number, period: number): number {
    const floor = Math.max(this.#floors[u]! / period, this.#rounding[u]!)
    return scaleOf(this.#normal.deviation[u]!, this.#normal.center[u]!, floor)
  }

  #refresh(): void {
    if (!this.#isStale) return
    this.#normal.refresh()
    this.#isStale = false
  }
}
