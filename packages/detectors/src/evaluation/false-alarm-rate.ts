import { checkSeconds } from './detection-delay.ts'
import { eachRun, runningCount } from './runs.ts'
import { checkLengths, countAnomalous } from './scored-rows.ts'

const DAY = 86_400

/**
 * How often one is called for nothing.
 *
 * @example
 * ```ts
 * import { type FalseAlarmRate, falseAlarmRate } from '@messwerk/detectors/evaluation'
 *
 * const often: FalseAlarmRate = falseAlarmRate([0, 1, 1, 0], [0, 0, 0, 0], { seconds: 21_600 })
 * often.perDay // => 1
 * ```
 */
export interface FalseAlarmRate {
  /** Runs of flagged rows that overlap no anomaly. */
  readonly falseAlarms: number
  /** In a day of normal operation; NaN where no row is normal. */
  readonly perDay: number
  /** In a week of normal operation. */
  readonly perWeek: number
}

/**
 * False alarms a day and a week of normal operation, an alarm being a run of flagged rows.
 *
 * An alarm that overlaps an anomaly is not a false one, even when it began before it.
 *
 * @param flags - 0 and NaN not flagged, anything else flagged
 * @param labels - 0 normal, anything else anomalous
 * @param options - `seconds` from one row to the next
 * @throws RangeError when the lengths differ or `seconds` is not above 0
 *
 * @example
 * ```ts
 * import { falseAlarmRate } from '@messwerk/detectors/evaluation'
 *
 * // eight rows of three hours, two of them anomalous
 * const { falseAlarms, perDay } = falseAlarmRate([1, 0, 1, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1, 1, 0], { seconds: 10_800 })
 * falseAlarms // => 2
 * perDay // => 2.667…
 * ```
 */
export function falseAlarmRate(
  flags: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { readonly seconds: number }
): FalseAlarmRate {
  checkLengths('falseAlarmRate', flags, labels, 'flags')
  checkSeconds('falseAlarmRate', options.seconds)
  const anomalousBefore = runningCount(labels)
  let falseAlarms = 0
  eachRun(flags, (first, last) => {
    if (anomalousBefore[last + 1]! === anomalousBefore[first]!) falseAlarms += 1
  })
  const days = ((labels.length - countAnomalous(labels)) * options.seconds) / DAY
  return { falseAlarms, perDay: falseAlarms / days, perWeek: (7 * falseAlarms) / days }
}
