import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { NeighbourSearch } from '../nearest-neighbour/neighbour-search.ts'
import { neighbourShares } from '../nearest-neighbour/neighbour-shares.ts'
import type { Reservoir } from '../statistics/reservoir.ts'
import { restoredMoments } from '../statistics/restored-moments.ts'
import { RunningMoments } from '../statistics/running-moments.ts'
import { scaleOf } from '../statistics/scale-of.ts'

/** Keeps the density of copies finite, as scikit-learn does. */
const TINY = 1e-10

/**
 * Scores a scan by how much thinner normal scans lie around it than around its neighbours among a random sample of what was learned.
 *
 * The sample is up to date with each scan. What is counted in it, scales and densities, is counted again when the scans have grown by an
 * eighth since, and after `fit`.
 *
 * @internal
 */
export class LocalOutlierFactorModel implements ScanModel {
  readonly #reservoir: Reservoir
  readonly #moments: RunningMoments
  readonly #floors: Float64Array
  readonly #k: number
  readonly #search: NeighbourSearch
  /** Scans learned when the densities were counted; 0 = never. */
  #counted = 0
  /** The sample as it was then, the distance of each row from its k-th neighbour, and its density. */
  #rows: Float64Array = new Float64Array(0)
  #reach: Float64Array = new Float64Array(0)
  #density: Float64Array = new Float64Array(0)

  constructor(reservoir: Reservoir, floors: Float64Array, k: number, from?: SnapshotReader) {
    this.#reservoir = reservoir
    this.#floors = floors
    this.#k = k
    this.#search = new NeighbourSearch(floors.length, k)
    this.#moments = from ? restoredMoments(from, floors.length) : new RunningMoments(floors.length)
    if (from) this.#restore(from)
  }

  get ready(): boolean {
    return this.#counted > 0
  }

  fit({ length, rows }: LearnedScans): void {
    const width = this.#floors.length
    this.#reservoir.clear()
    this.#moments.clear()
    this.#counted = 0
    for (let i = 0; i < length; i += 1) this.#add(rows.subarray(i * width, (i + 1) * width))
    this.#count()
  }

  learn(row: Float64Array): void {
    this.#add(row)
    if (this.#moments.count - this.#counted >= Math.max(1, this.#counted >> 3)) this.#count()
  }

  score(row: Float64Array): number {
    this.#search.find(row, -1)
    const density = this.#densityHere()
    let sum = 0
    for (let n = 0; n < this.#k; n += 1) sum += this.#density[this.#search.rows[n]!]! / density
    return Number.isFinite(sum) ? sum / this.#k : Number.MAX_VALUE
  }

  explain(row: Float64Array, score: number, shares: Float64Array): void {
    this.#search.find(row, -1)
    neighbourShares(row, this.#rows, this.#search.rows, this.#search.weights, score, shares)
  }

  state(): Record<string, unknown> {
    const { count, mean, squares } = this.#moments
    return Object.assign(this.#reservoir.state(), {
      count,
      mean: mean.slice(),
      squares: squares.slice(),
      counted: this.#counted,
      countedRows: this.#rows.slice(),
      weights: this.#search.weights.slice()
    })
  }

  #add(row: Float64Array): void {
    this.#reservoir.add(row)
    this.#moments.add(row)
  }

  #count(): void {
    const { count, mean, squares } = this.#moments
    if (count <= this.#k) return
    const width = this.#floors.length
    const { weights } = this.#search
    for (let u = 0; u < width; u += 1)
      weights[u] = 1 / scaleOf(Math.sqrt(squares[u]! / (count - 1)), mean[u]!, this.#floors[u]!)
    this.#counted = count
    this.#rows = this.#reservoir.rows.slice(0, this.#reservoir.count * width)
    this.#countDensities()
  }

  #countDensities(): void {
    const width = this.#floors.length
    const size = this.#rows.length / width
    const [search, k] = [this.#search, this.#k]
    search.clear()
    for (let r = 0; r < size; r += 1) search.set(r, this.#rows, r * width)
    this.#reach = new Float64Array(size)
    this.#density = new Float64Array(size)
    for (let r = 0; r < size; r += 1) {
      search.find(this.#rows.subarray(r * width, (r + 1) * width), r)
      this.#reach[r] = Math.sqrt(search.nearest[k - 1]!)
    }
    for (let r = 0; r < size; r += 1) {
      search.find(this.#rows.subarray(r * width, (r + 1) * width), r)
      this.#density[r] = this.#densityHere()
    }
  }

  /** 1 / the mean reachability distance from the neighbours found last. */
  #densityHere(): number {
    const { nearest, rows } = this.#search
    let sum = 0
    for (let n = 0; n < this.#k; n += 1) sum += Math.max(this.#reach[rows[n]!]!, Math.sqrt(nearest[n]!))
    return 1 / (sum / this.#k + TINY)
  }

  #restore(from: SnapshotReader): void {
    const width = this.#floors.length
    this.#counted = from.whole('counted')
    this.#rows = from.floats('countedRows')
    this.#search.weights.set(from.floats('weights', width))
    const size = this.#rows.length / width
    if (!Number.isInteger(size) || size > this.#reservoir.capacity || (this.#counted > 0 && size <= this.#k))
      from.refuse('its countedRows do not fit its options')
    if (this.#counted > 0) this.#countDensities()
  }
}
