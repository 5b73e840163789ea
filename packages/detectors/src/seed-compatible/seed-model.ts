import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { contributions } from '../deviation/contributions.ts'
import { restoredRows, ScanWindow } from '../statistics/scan-window.ts'

/** What takes the place of a deviation of 0. */
const FLAT = 0.001

/**
 * The last scans learned and how far |x| is from |mean|. Sums run from the oldest scan to the newest, twice, as one would write it
 * down: so that the digits are those of the original.
 *
 * @internal
 */
export class SeedModel implements ScanModel {
  readonly #scans: number
  readonly #window: ScanWindow
  readonly #row: Float64Array
  readonly #mean: Float64Array
  readonly #deviation: Float64Array
  readonly #z: Float64Array
  #isStale = true

  constructor(width: number, scans: number) {
    this.#scans = scans
    this.#window = new ScanWindow(width, { scans })
    this.#row = new Float64Array(width)
    this.#mean = new Float64Array(width)
    this.#deviation = new Float64Array(width)
    this.#z = new Float64Array(width)
  }

  static restored(reader: SnapshotReader, width: number, scans: number): SeedModel {
    const model = new SeedModel(width, scans)
    const { rows, seconds } = restoredRows(reader, width, { scans })
    model.#learnAll({ length: seconds.length, rows, seconds })
    return model
  }

  get ready(): boolean {
    return this.#window.count === this.#scans
  }

  fit(scans: LearnedScans): void {
    this.#window.clear()
    this.#learnAll(scans)
  }

  learn(row: Float64Array, seconds: number): void {
    if (this.#window.outgrown(seconds)) this.#window.dropOldest()
    this.#window.push(row, seconds)
    this.#isStale = true
  }

  score(row: Float64Array): number {
    this.#refresh()
    let score = 0
    for (let u = 0; u < row.length; u += 1) score = Math.max(score, Math.abs(this.#zOf(row, u)))
    return score
  }

  explain(row: Float64Array, _score: number, shares: Float64Array): void {
    this.#refresh()
    for (let u = 0; u < row.length; u += 1) this.#z[u] = Math.min(Math.abs(this.#zOf(row, u)), Number.MAX_VALUE)
    contributions(this.#z, shares)
  }

  /** Below 0 where |x| is less than |mean|. */
  deviations(row: Float64Array, out: Float64Array): void {
    this.#refresh()
    for (let u = 0; u < row.length; u += 1) out[u] = this.#zOf(row, u)
  }

  /** Where x is on the side of 0 on which the mean is. */
  band(limit: number, lower: Float64Array, upper: Float64Array): void {
    this.#refresh()
    for (let u = 0; u < lower.length; u += 1) {
      lower[u] = this.#mean[u]! - limit * this.#deviation[u]!
      upper[u] = this.#mean[u]! + limit * this.#deviation[u]!
    }
  }

  state(): Record<string, unknown> {
    return this.#window.state()
  }

  #learnAll({ length, rows, seconds }: LearnedScans): void {
    const width = this.#row.length
    for (let i = Math.max(0, length - this.#scans); i < length; i += 1)
      this.learn(rows.subarray(i * width, (i + 1) * width), seconds[i]!)
  }

  #zOf(row: Float64Array, u: number): number {
    return rounded((Math.abs(row[u]!) - Math.abs(this.#mean[u]!)) / this.#deviation[u]!)
  }

  #refresh(): void {
    if (!this.#isStale) return
    const [mean, deviation] = [this.#mean, this.#deviation]
    const { count } = this.#window
    mean.fill(0)
    deviation.fill(0)
    for (let i = 0; i < count; i += 1) {
      this.#window.read(i, this.#row)
      for (let u = 0; u < mean.length; u += 1) mean[u] = mean[u]! + this.#row[u]!
    }
    for (let u = 0; u < mean.length; u += 1) mean[u] = mean[u]! / count
    for (let i = 0; i < count; i += 1) {
      this.#window.read(i, this.#row)
      for (let u = 0; u < mean.length; u += 1) {
        const apart = this.#row[u]! - mean[u]!
        deviation[u] = deviation[u]! + apart * apart
      }
    }
    for (let u = 0; u < mean.length; u += 1) deviation[u] = Math.sqrt(deviation[u]! / (count - 1)) || FLAT
    this.#isStale = false
  }
}

/** To 3 places; what is too large to be multiplied stays. */
function rounded(z: number): number {
  const thousands = z * 1000
  return Number.isFinite(thousands) ? Math.round(thousands) / 1000 : z
}
