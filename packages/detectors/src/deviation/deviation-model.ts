import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import { scaleOf } from '../statistics/scale-of.ts'
import { contributions } from './contributions.ts'
import type { Normal } from './normal.ts'
import { counted, type Sign } from './side.ts'

/** A deviation needs two scans. */
const READY = 2

/**
 * Scores a scan by its largest deviation from what is normal, in deviations: the part that `zScore` and `robustZ` share.
 *
 * @internal
 */
export class DeviationModel implements ScanModel {
  readonly #normal: Normal
  readonly #sign: Sign
  /** Per used channel the least deviation. */
  readonly #floors: Float64Array
  /** Per used channel the deviation that scores 1; > 0. */
  readonly #scale: Float64Array
  readonly #deviations: Float64Array
  #isStale = true

  constructor(normal: Normal, floors: Float64Array, sign: Sign) {
    this.#normal = normal
    this.#sign = sign
    this.#floors = floors
    this.#scale = new Float64Array(floors.length)
    this.#deviations = new Float64Array(floors.length)
  }

  get ready(): boolean {
    return this.#normal.count >= READY
  }

  fit(scans: LearnedScans): void {
    this.#normal.fit(scans)
    this.#isStale = true
  }

  learn(row: Float64Array, seconds: number): void {
    this.#normal.learn(row, seconds)
    this.#isStale = true
  }

  score(row: Float64Array): number {
    this.#refresh()
    const { center } = this.#normal
    let score = 0
    for (let u = 0; u < row.length; u += 1)
      score = Math.max(score, deviationOf(row[u]!, center[u]!, this.#scale[u]!, this.#sign))
    return score
  }

  scoreAll(values: Float64Array, length: number, used: Int32Array, out: Float64Array): void {
    this.#refresh()
    out.fill(0, 0, length)
    for (let u = 0; u < used.length; u += 1) {
      const start = used[u]! * length
      raiseTo(out, values.subarray(start, start + length), this.#normal.center[u]!, this.#scale[u]!, this.#sign)
    }
  }

  explain(row: Float64Array, _score: number, shares: Float64Array): void {
    this.#refresh()
    for (let u = 0; u < row.length; u += 1) {
      const z = deviationOf(row[u]!, this.#normal.center[u]!, this.#scale[u]!, this.#sign)
      this.#deviations[u] = Math.min(z, Number.MAX_VALUE)
    }
    contributions(this.#deviations, shares)
  }

  /** To both sides, whichever of them counts. */
  deviations(row: Float64Array, out: Float64Array): void {
    this.#refresh()
    for (let u = 0; u < row.length; u += 1) out[u] = (row[u]! - this.#normal.center[u]!) / this.#scale[u]!
  }

  band(limit: number, lower: Float64Array, upper: Float64Array): void {
    this.#refresh()
    for (let u = 0; u < lower.length; u += 1) {
      const half = limit * this.#scale[u]!
      lower[u] = this.#sign > 0 ? Number.NaN : this.#normal.center[u]! - half
      upper[u] = this.#sign < 0 ? Number.NaN : this.#normal.center[u]! + half
    }
  }

  state(): Record<string, unknown> {
    return this.#normal.state()
  }

  #refresh(): void {
    if (!this.#isStale) return
    this.#normal.refresh()
    const { center, deviation } = this.#normal
    for (let u = 0; u < this.#scale.length; u += 1)
      this.#scale[u] = scaleOf(deviation[u]!, center[u]!, this.#floors[u]!)
    this.#isStale = false
  }
}

/** Not finite in, NaN out: x - x is 0 for what is finite and NaN for the rest. */
function deviationOf(x: number, center: number, scale: number, sign: Sign): number {
  return counted(x - center, sign) / scale + (x - x)
}

function raiseTo(scores: Float64Array, column: Float64Array, center: number, scale: number, sign: Sign): void {
  for (let i = 0; i < column.length; i += 1)
    scores[i] = Math.max(scores[i]!, deviationOf(column[i]!, center, scale, sign))
}
