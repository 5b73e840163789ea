import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { type Reach, restoredRows, ScanWindow } from './scan-window.ts'
import { SortedColumn } from './sorted-column.ts'

/** What is made of the sorted values of used channel `u`: it writes into `described`. @internal */
export type Describe = (u: number, sorted: Float64Array, length: number) => void

/**
 * The last scans learned, each channel sorted, exact at every scan; after a `fit` of all scans, what describes them is that of the
 * whole fit until the next scan is learned.
 *
 * @internal
 */
export class SortedScans {
  readonly #width: number
  readonly #fitsAll: boolean
  readonly #reach: Reach
  readonly #described: Readonly<Record<string, Float64Array>>
  readonly #describe: Describe
  readonly #window: ScanWindow
  readonly #sorted: readonly SortedColumn[]
  readonly #oldest: Float64Array
  /** Scans of the last fit, while the description still speaks of them; 0 = it speaks of the window. */
  #fitted = 0

  /**
   * @param fitsAll - whether `fit` describes all scans given to it, more than the window holds
   * @param described - what `describe` fills, one value a channel; part of the snapshot under these names
   */
  constructor(
    width: number,
    reach: Reach,
    fitsAll: boolean,
    described: Readonly<Record<string, Float64Array>>,
    describe: Describe
  ) {
    this.#width = width
    this.#fitsAll = fitsAll
    this.#reach = reach
    this.#described = described
    this.#describe = describe
    this.#window = new ScanWindow(width, reach)
    this.#sorted = Array.from({ length: width }, () => new SortedColumn())
    this.#oldest = new Float64Array(width)
  }

  /** Scans that the description speaks of. */
  get count(): number {
    return this.#fitted === 0 ? this.#window.count : this.#fitted
  }

  fit({ length, rows, seconds }: LearnedScans): void {
    const width = this.#width
    this.#window.clear()
    for (const column of this.#sorted) column.clear()
    const first = 'scans' in this.#reach ? Math.max(0, length - this.#reach.scans) : 0
    for (let i = first; i < length; i += 1) this.learn(rows.subarray(i * width, (i + 1) * width), seconds[i]!)
    this.#fitted = 0
    if (this.#fitsAll && length > this.#window.count) this.#describeAll(rows, length)
  }

  learn(row: Float64Array, seconds: number): void {
    this.#fitted = 0
    if (this.#makeRoom(seconds))
      for (let u = 0; u < row.length; u += 1) this.#sorted[u]!.replace(this.#oldest[u]!, row[u]!)
    else for (let u = 0; u < row.length; u += 1) this.#sorted[u]!.add(row[u]!)
    this.#window.push(row, seconds)
  }

  /** Brings the description up to date. */
  refresh(): void {
    if (this.#fitted > 0) return
    for (let u = 0; u < this.#width; u += 1) this.#describe(u, this.#sorted[u]!.values, this.#window.count)
  }

  state(): Record<string, unknown> {
    this.refresh()
    const described = Object.entries(this.#described).map(([name, values]) => [name, values.slice()] as const)
    // eslint-disable-next-line no-restricted-syntax -- once a snapshot
    return { fitted: this.#fitted, ...this.#window.state(), ...Object.fromEntries(described) }
  }

  /** Only for one that has learned nothing yet. */
  restore(reader: SnapshotReader): void {
    const width = this.#width
    const { rows, seconds } = restoredRows(reader, width, this.#reach)
    for (let i = 0; i < seconds.length; i += 1) {
      this.#window.push(rows.subarray(i * width, (i + 1) * width), seconds[i]!)
      for (let u = 0; u < width; u += 1) this.#sorted[u]!.add(rows[i * width + u]!)
    }
    this.#fitted = reader.whole('fitted')
    for (const [name, values] of Object.entries(this.#described)) values.set(reader.floats(name, width))
  }

  /** Drops what the window has outgrown; true when the last of it is in `#oldest` and still in the sorted columns. */
  #makeRoom(seconds: number): boolean {
    while (this.#window.outgrown(seconds)) {
      this.#window.read(0, this.#oldest)
      this.#window.dropOldest()
      if (!this.#window.outgrown(seconds)) return true
      for (let u = 0; u < this.#oldest.length; u += 1) this.#sorted[u]!.remove(this.#oldest[u]!)
    }
    return false
  }

  #describeAll(rows: Float64Array, length: number): void {
    const column = new Float64Array(length)
    for (let u = 0; u < this.#width; u += 1) {
      for (let i = 0; i < length; i += 1) column[i] = rows[i * this.#width + u]!
      this.#describe(u, column.sort(), length)
    }
    this.#fitted = length
  }
}
