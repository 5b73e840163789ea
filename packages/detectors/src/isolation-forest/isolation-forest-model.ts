import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { spreadNaN } from '../detector/spread-nan.ts'
import { type Forest, forestState, restoredForest } from './forest.ts'
import { PaddedForest } from './padded-forest.ts'
import { gainsOf, sharesOf } from './path-gains.ts'
import { walkBatch } from './walk-batch.ts'
import { walkRow } from './walk-row.ts'

/** Fewer rows are not worth loading the trees elsewhere. */
const BATCH_ROWS = 64

/** @internal */
export class IsolationForestModel implements ScanModel {
  readonly #grow: (scans: LearnedScans) => Forest
  readonly #row: Float64Array
  #forest: Forest | undefined
  #padded: PaddedForest | undefined

  constructor(width: number, growth: (scans: LearnedScans) => Forest, forest?: Forest) {
    this.#grow = growth
    this.#row = new Float64Array(width)
    this.#take(forest)
  }

  static restored(
    reader: SnapshotReader,
    width: number,
    growth: (scans: LearnedScans) => Forest
  ): IsolationForestModel {
    const forest = reader.whole('grown') === 0 ? undefined : restoredForest(reader, width)
    return new IsolationForestModel(width, growth, forest)
  }

  get ready(): boolean {
    return this.#padded !== undefined
  }

  fit(scans: LearnedScans): void {
    this.#take(scans.length < 2 ? undefined : this.#grow(scans))
  }

  learn(): void {
    // A tree cannot take rows in; see the docstring of the factory.
  }

  score(row: Float64Array): number {
    return scoreOf(this.#padded!, walkRow(this.#padded!, this.#float32(row)))
  }

  scoreAll(values: Float64Array, length: number, used: Int32Array, out: Float64Array): void {
    const padded = this.#padded!
    if (length < BATCH_ROWS || !walkBatch(padded, values, length, used, out)) this.#walkRows(values, length, used, out)
    for (let i = 0; i < length; i += 1) out[i] = scoreOf(padded, out[i]!)
    spreadNaN(values, length, used, out)
  }

  explain(row: Float64Array, score: number, shares: Float64Array): void {
    gainsOf(this.#padded!, this.#float32(row), shares)
    sharesOf(shares, score)
  }

  state(): Record<string, unknown> {
    return this.#forest ? forestState(this.#forest) : { grown: 0 }
  }

  #take(forest: Forest | undefined): void {
    this.#forest = forest
    this.#padded = forest && new PaddedForest(forest)
  }

  #walkRows(values: Float64Array, length: number, used: Int32Array, out: Float64Array): void {
    const row = this.#row
    for (let i = 0; i < length; i += 1) {
      for (let u = 0; u < used.length; u += 1) row[u] = Math.fround(values[used[u]! * length + i]!)
      out[i] = walkRow(this.#padded!, row)
    }
  }

  #float32(row: Float64Array): Float64Array {
    for (let u = 0; u < row.length; u += 1) this.#row[u] = Math.fround(row[u]!)
    return this.#row
  }
}

/** 2 to the power of -(mean path length / typical one). */
function scoreOf({ trees, typical }: PaddedForest, sum: number): number {
  return Math.exp(-Math.LN2 * (sum / (trees * typical)))
}
