import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { meanAbsoluteDeviation, medianAbsoluteDeviation, medianOf } from '../statistics/median.ts'
import type { Reach } from '../statistics/scan-window.ts'
import { SortedScans } from '../statistics/sorted-scans.ts'
import type { Normal } from './normal.ts'

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
  readonly #scans: SortedScans

  /** @param rounding - a MAD up to this is taken for 0: what rounding alone makes of values that are equal, per channel */
  constructor(width: number, reach: Reach, fitsAll: boolean, rounding: Float64Array = new Float64Array(width)) {
    const center = new Float64Array(width)
    const deviation = new Float64Array(width)
    this.center = center
    this.deviation = deviation
    this.#scans = new SortedScans(width, reach, fitsAll, { center, deviation }, (u, sorted, length) => {
      const median = medianOf(sorted, length)
      const mad = medianAbsoluteDeviation(sorted, length, median)
      center[u] = median
      deviation[u] =
        mad > rounding[u]!
          ? mad / MAD_OF_NORMAL
          : SD_OVER_MEAN_DEVIATION * meanAbsoluteDeviation(sorted, length, median)
    })
  }

  get count(): number {
    return this.#scans.count
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
