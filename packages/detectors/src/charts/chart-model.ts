import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SequenceModel } from '../detector/sequence-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { contributions } from '../deviation/contributions.ts'
import type { Normal } from '../deviation/normal.ts'
import { scaleOf } from '../statistics/scale-of.ts'
import type { Chart } from './chart.ts'

/** A deviation needs two scans. */
const READY = 2
/** Deviations count up to here, so that one absurd reading is forgotten again. */
const LARGEST = 1e6

/**
 * A control chart in a detector: the mean and the standard deviation of what was learned, and a chart of the deviations from them.
 *
 * @internal
 */
export class ChartModel implements SequenceModel {
  readonly #normal: Normal
  readonly #floors: Float64Array
  readonly #chart: Chart
  readonly #scale: Float64Array
  readonly #deviations: Float64Array
  readonly #scores: Float64Array
  readonly #marked: Float64Array
  #isStale = true
  readonly deviations?: (out: Float64Array) => void

  constructor(normal: Normal, floors: Float64Array, chart: Chart) {
    this.#normal = normal
    this.#floors = floors
    this.#chart = chart
    this.#scale = new Float64Array(floors.length)
    this.#deviations = new Float64Array(floors.length)
    this.#scores = new Float64Array(floors.length)
    this.#marked = new Float64Array(chart.memory.length)
    chart.reset()
    if (chart.signed) this.deviations = (out) => chart.signed!(out)
  }

  static restored(reader: SnapshotReader, normal: Normal, floors: Float64Array, chart: Chart): ChartModel {
    const model = new ChartModel(normal, floors, chart)
    chart.memory.set(reader.floats('chart', chart.memory.length))
    return model
  }

  get ready(): boolean {
    return this.#normal.count >= READY
  }

  fit(scans: LearnedScans): void {
    const { length, rows, seconds } = scans
    const width = this.#scale.length
    this.#normal.fit(scans)
    this.#isStale = true
    this.#chart.reset()
    for (let i = 0; i < length; i += 1) this.advance(rows.subarray(i * width, (i + 1) * width), seconds[i]!)
  }

  advance(row: Float64Array, _seconds: number): number {
    if (!this.ready) return Number.NaN
    this.#refresh()
    const { center } = this.#normal
    for (let u = 0; u < row.length; u += 1) {
      const deviation = (row[u]! - center[u]!) / this.#scale[u]!
      this.#deviations[u] = Math.min(LARGEST, Math.max(-LARGEST, deviation))
    }
    this.#chart.step(this.#deviations, this.#scores)
    let score = 0
    for (let u = 0; u < row.length; u += 1) score = Math.max(score, this.#scores[u]!)
    return score
  }

  /** A chart waits for the next value. */
  skip(_seconds: number): void {}

  learn(row: Float64Array, seconds: number): void {
    this.#normal.learn(row, seconds)
    this.#isStale = true
  }

  explain(_score: number, shares: Float64Array): void {
    contributions(this.#scores, shares)
  }

  gap(): void {
    this.#chart.reset()
  }

  mark(): void {
    this.#marked.set(this.#chart.memory)
  }

  back(): void {
    this.#chart.memory.set(this.#marked)
  }

  band(limit: number, lower: Float64Array, upper: Float64Array): void {
    this.#refresh()
    this.#chart.bounds(limit, lower, upper)
    for (let u = 0; u < lower.length; u += 1) {
      lower[u] = this.#normal.center[u]! + lower[u]! * this.#scale[u]!
      upper[u] = this.#normal.center[u]! + upper[u]! * this.#scale[u]!
    }
  }

  state(): Record<string, unknown> {
    // eslint-disable-next-line no-restricted-syntax -- once a snapshot
    return { ...this.#normal.state(), chart: this.#chart.memory.slice() }
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
