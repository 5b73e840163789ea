import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import type { Reservoir } from '../statistics/reservoir.ts'
import { restoredMoments } from '../statistics/restored-moments.ts'
import { RunningMoments } from '../statistics/running-moments.ts'
import { scaleOf } from '../statistics/scale-of.ts'
import { NeighbourSearch } from './neighbour-search.ts'
import { neighbourShares } from './neighbour-shares.ts'

/**
 * Scores a scan by its distance from the k-th nearest of a random sample of what was learned, in standard deviations of each channel.
 *
 * @internal
 */
export class NeighbourModel implements ScanModel {
  readonly #reservoir: Reservoir
  readonly #moments: RunningMoments
  readonly #floors: Float64Array
  readonly #k: number
  readonly #search: NeighbourSearch
  #isStale = true

  constructor(reservoir: Reservoir, floors: Float64Array, k: number, from?: SnapshotReader) {
    this.#reservoir = reservoir
    this.#floors = floors
    this.#k = k
    this.#moments = from ? restoredMoments(from, floors.length) : new RunningMoments(floors.length)
    this.#search = new NeighbourSearch(floors.length, k)
    for (let r = 0; r < reservoir.count; r += 1) this.#search.set(r, reservoir.rows, r * floors.length)
  }

  get ready(): boolean {
    return this.#moments.count >= Math.max(2, this.#k)
  }

  fit({ length, rows }: LearnedScans): void {
    const width = this.#floors.length
    this.#reservoir.clear()
    this.#search.clear()
    this.#moments.clear()
    for (let i = 0; i < length; i += 1) this.learn(rows.subarray(i * width, (i + 1) * width))
  }

  learn(row: Float64Array): void {
    const place = this.#reservoir.add(row)
    if (place >= 0) this.#search.set(place, row, 0)
    this.#moments.add(row)
    this.#isStale = true
  }

  score(row: Float64Array): number {
    this.#refresh()
    this.#search.find(row, -1)
    return Math.sqrt(this.#search.nearest[this.#k - 1]!)
  }

  scoreAll(values: Float64Array, length: number, used: Int32Array, out: Float64Array): void {
    const width = used.length
    const row = new Float64Array(width)
    for (let i = 0; i < length; i += 1) {
      let broken = 0
      for (let u = 0; u < width; u += 1) {
        const x = values[used[u]! * length + i]!
        broken += x - x
        row[u] = x
      }
      out[i] = broken === 0 ? this.score(row) : Number.NaN
    }
  }

  /** In proportion to the squared differences from the neighbour. */
  explain(row: Float64Array, score: number, shares: Float64Array): void {
    this.score(row)
    const { rows, weights } = this.#search
    neighbourShares(row, this.#reservoir.rows, rows.subarray(this.#k - 1), weights, score, shares)
  }

  state(): Record<string, unknown> {
    const { count, mean, squares } = this.#moments
    return Object.assign(this.#reservoir.state(), { count, mean: mean.slice(), squares: squares.slice() })
  }

  #refresh(): void {
    if (!this.#isStale) return
    const { count, mean, squares } = this.#moments
    const { weights } = this.#search
    for (let u = 0; u < weights.length; u += 1)
      weights[u] = 1 / scaleOf(Math.sqrt(squares[u]! / (count - 1)), mean[u]!, this.#floors[u]!)
    this.#isStale = false
  }
}
