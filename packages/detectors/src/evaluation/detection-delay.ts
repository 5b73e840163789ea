import { eachRun } from './runs.ts'
import { checkLengths } from './scored-rows.ts'

/**
 * How late anomalies were noticed.
 *
 * @example
 * ```ts
 * import { type DetectionDelay, detectionDelay } from '@messwerk/detectors/evaluation'
 *
 * const late: DetectionDelay = detectionDelay([0, 0, 0, 1], [0, 1, 1, 1], { seconds: 60 })
 * late.delays // => Float64Array.of(120)
 * ```
 */
export interface DetectionDelay {
  /** Of each anomaly, in seconds: from its first row to its first flagged row; NaN where none of its rows is flagged. */
  readonly delays: Float64Array
  /** Anomalies without a flagged row. */
  readonly missed: number
  /** Mean delay of those found, in seconds; NaN where none is. */
  readonly mean: number
}

/**
 * The time from the beginning of each anomaly to its first flagged row.
 *
 * A row flagged before the anomaly and still flagged at its beginning counts as a delay of 0.
 *
 * @param flags - 0 and NaN not flagged, anything else flagged
 * @param labels - 0 normal, anything else anomalous
 * @param options - `seconds` from one row to the next
 * @throws RangeError when the lengths differ or `seconds` is not above 0
 *
 * @example
 * ```ts
 * import { detectionDelay } from '@messwerk/detectors/evaluation'
 *
 * const { delays, missed, mean } = detectionDelay([0, 0, 1, 0, 0, 0], [0, 1, 1, 0, 1, 1], { seconds: 60 })
 * delays // => Float64Array.of(60, NaN)
 * missed // => 1
 * mean // => 60
 * ```
 */
export function detectionDelay(
  flags: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { readonly seconds: number }
): DetectionDelay {
  checkLengths('detectionDelay', flags, labels, 'flags')
  checkSeconds('detectionDelay', options.seconds)
  const delays: number[] = []
  eachRun(labels, (first, last) => {
    let i = first
    while (i <= last && !(Math.abs(flags[i]!) > 0)) i += 1
    delays.push(i > last ? Number.NaN : (i - first) * options.seconds)
  })
  const found = delays.filter((delay) => !Number.isNaN(delay))
  const mean = found.reduce((sum, delay) => sum + delay, 0) / found.length
  return { delays: Float64Array.from(delays), missed: delays.length - found.length, mean }
}

/** @internal */
export function checkSeconds(caller: string, seconds: unknown): void {
  if (typeof seconds === 'number' && seconds > 0 && seconds < Number.POSITIVE_INFINITY) return
  throw new RangeError(`${caller}: seconds must be a period above 0, got ${String(seconds)}`)
}
