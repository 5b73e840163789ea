import type { LearnedScans, Normal } from '../normal.ts'
import type { SnapshotReader } from '../restore.ts'
import { type Reach, restoredRows, ScanWindow } from '../scan-window.ts'
import { meanAbsoluteDeviation, medianAbsoluteDeviation, medianOf } from './median.ts'
import { SortedColumn } from './sorted-column.ts'

/** MAD of a standard normal distribution, as published (exact: 0.67448975…). */
const MAD_OF_NORMAL = 0.6745
/** sqrt(pi / 2), as published: standard deviation over mean absolute deviation of a normal distribution. */
const SD_OVER_MEAN_DEVIATION = 1.253314

/**
 * Median and MAD of the last scans learned, exact at every scan; after a `fit` of all scans, those of the whole fit until the next
 * scan is learned.
 *
 * @internal
 */
export class MedianAndMad implements Normal {
  readonly center: Float64Array
  readonly deviation: Float64Array
  readonly #fitsAll: boolean
  readonly #reach: Reach
  readonly #window: ScanWindow
  readonly #sorted: readonly SortedColumn[]
  readonly #oldest: Float64Array
  /** Scans of the last fit, while centre and deviation still speak of them; 0 = they speak of the window. */
  #fitted = 0

  constructor(width: number, reach: Reach, fitsAll: boolean) {
    this.center = new Float64Array(width)
    this.deviation = new Float64Array(width)
    this.#fitsAll = fitsAll
    this.#reach = reach
    this.#window = new ScanWindow(width, reach)
    this.#sorted = Array.from({ length: width }, () => new SortedColumn())
    this.#oldest = new Float64Array(width)
  }

  get count(): number {
    return this.#fitted === 0 ? this.#window.count : this.#fitted
  }

  fit({ length, rows, seconds }: LearnedScans): void {
    const width = this.center.length
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

  refresh(): void {
    if (this.#fitted > 0) return
    for (let u = 0; u < this.center.length; u += 1) this.#describe(u, this.#sorted[u]!.values, this.#window.count)
  }

  state(): Record<string, unknown> {
    this.refresh()
    const { rows, seconds } = this.#window.state()
    return { fitted: this.#fitted, rows, seconds, center: this.center.slice(), deviation: this.deviation.slice() }
  }

  /** Only for one that has learned nothing yet. */
  restore(reader: SnapshotReader): void {
    const width = this.center.length
    const { rows, seconds } = restoredRows(reader, width, this.#reach)
    for (let i = 0; i < seconds.length; i += 1) {
      this.#window.push(rows.subarray(i * width, (i + 1) * width), seconds[i]!)
      for (let u = 0; u < width; u += 1) this.#sorted[u]!.add(rows[i * width + u]!)
    }
    this.#fitted = reader.whole('fitted')
    this.center.set(reader.floats('center', width))
    this.deviation.set(reader.floats('deviation', width))
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
    const width = this.center.length
    const column = new Float64Array(length)
    for (let u = 0; u < width; u += 1) {
      for (let i = 0; i < length; i += 1) column[i] = rows[i * width + u]!
      this.#describe(u, column.sort(), length)
    }
    this.#fitted = length
  }

  #describe(u: number, sorted: Float64Array, length: number): void {
    const median = medianOf(sorted, length)
    const mad = medianAbsoluteDeviation(sorted, length, median)
    this.center[u] = median
    this.deviation[u] =
      mad > 0 ? mad / MAD_OF_NORMAL : SD_OVER_MEAN_DEVIATION * meanAbsoluteDeviation(sorted, length, median)
  }
}
