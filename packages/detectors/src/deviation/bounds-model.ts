import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import { scaleOf } from '../statistics/scale-of.ts'
import { contributions } from './contributions.ts'
import type { Sign } from './side.ts'

/**
 * A normal value of each channel and how far it may go down and up from there.
 *
 * @internal
 */
export interface Bounds {
  /** Whether they are known. */
  readonly ready: boolean
  readonly middle: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  fit(scans: LearnedScans): void
  learn(row: Float64Array, seconds: number): void
  /** Brings the values up to date. */
  refresh(): void
  state(): Record<string, unknown>
}

/**
 * Scores a scan by how far it is from the middle: 1 at a bound, 2 twice as far. Infinite bounds are never reached.
 *
 * @internal
 */
export class BoundsModel implements ScanModel {
  readonly #bounds: Bounds
  readonly #floors: Float64Array
  readonly #sign: Sign
  /** Distance from the middle to the bounds, per used channel. */
  readonly #down: Float64Array
  readonly #up: Float64Array
  readonly #parts: Float64Array
  #isStale = true

  constructor(bounds: Bounds, floors: Float64Array, sign: Sign) {
    this.#bounds = bounds
    this.#floors = floors
    this.#sign = sign
    this.#down = new Float64Array(floors.length)
    this.#up = new Float64Array(floors.length)
    this.#parts = new Float64Array(floors.length)
  }

  get ready(): boolean {
    return this.#bounds.ready
  }

  fit(scans: LearnedScans): void {
    this.#bounds.fit(scans)
    this.#isStale = true
  }

  learn(row: Float64Array, seconds: number): void {
    this.#bounds.learn(row, seconds)
    this.#isStale = true
  }

  score(row: Float64Array): number {
    this.#refresh()
    let score = 0
    for (let u = 0; u < row.length; u += 1) score = Math.max(score, this.#partOf(row[u]!, u))
    return score
  }

  explain(row: Float64Array, _score: number, shares: Float64Array): void {
    this.#refresh()
    for (let u = 0; u < row.length; u += 1) this.#parts[u] = Math.min(this.#partOf(row[u]!, u), Number.MAX_VALUE)
    contributions(this.#parts, shares)
  }

  band(limit: number, lower: Float64Array, upper: Float64Array): void {
    this.#refresh()
    for (let u = 0; u < lower.length; u += 1) {
      const middle = this.#bounds.middle[u]!
      lower[u] = endOf(middle - limit * this.#down[u]!)
      upper[u] = endOf(middle + limit * this.#up[u]!)
    }
  }

  state(): Record<string, unknown> {
    return this.#bounds.state()
  }

  #partOf(x: number, u: number): number {
    const apart = x - this.#bounds.middle[u]!
    return Math.min(Math.abs(apart), Number.MAX_VALUE) / (apart < 0 ? this.#down[u]! : this.#up[u]!)
  }

  #refresh(): void {
    if (!this.#isStale) return
    this.#bounds.refresh()
    const { middle, low, high } = this.#bounds
    for (let u = 0; u < middle.length; u += 1) {
      const floor = this.#floors[u]!
      const [down, up] = [middle[u]! - low[u]!, high[u]! - middle[u]!]
      this.#down[u] = this.#sign > 0 ? Number.POSITIVE_INFINITY : scaleOf(down, middle[u]!, floor)
      this.#up[u] = this.#sign < 0 ? Number.POSITIVE_INFINITY : scaleOf(up, middle[u]!, floor)
    }
    this.#isStale = false
  }
}

/** No bound, no end. */
function endOf(end: number): number {
  return Number.isFinite(end) ? end : Number.NaN
}
