import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import type { Bounds } from '../deviation/bounds-model.ts'
import { medianOf } from '../statistics/median.ts'
import { quantileOf } from '../statistics/running-median.ts'
import type { Reach } from '../statistics/scan-window.ts'
import { SortedScans } from '../statistics/sorted-scans.ts'

/** Bounds that are quantiles of the last scans learned. @internal */
export class LearnedBounds implements Bounds {
  readonly middle: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  readonly #scans: SortedScans

  constructor(width: number, reach: Reach, fitsAll: boolean, at: { readonly low: number; readonly high: number }) {
    const [middle, low, high] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)]
    this.middle = middle
    this.low = low
    this.high = high
    this.#scans = new SortedScans(width, reach, fitsAll, { middle, low, high }, (u, sorted, length) => {
      middle[u] = medianOf(sorted, length)
      low[u] = quantileOf(sorted, length, at.low)
      high[u] = quantileOf(sorted, length, at.high)
    })
  }

  get ready(): boolean {
    return this.#scans.count >= 2
  }

  fit(scans: LearnedScans): void {
    this.#scans.fit(scans)
  }

  learn(row: Float64Array, seconds: number): void {
    this.#scans.learn(row, seconds)
  }

  refresh(): void {
    this.#scans.refresh()
  }

  state(): Record<string, unknown> {
    return this.#scans.state()
  }

  /** Only for one that has learned nothing yet. */
  restore(reader: SnapshotReader): void {
    this.#scans.restore(reader)
  }
}
