import { eachRun, runningCount } from './runs.ts'
import { checkLengths } from './scored-rows.ts'

/**
 * What is found when anomalies and alarms are counted as events, each a run of rows.
 *
 * @example
 * ```ts
 * import { type EventRates, eventRates } from '@messwerk/detectors/evaluation'
 *
 * const found: EventRates = eventRates([0, 1, 0, 1], [0, 0, 1, 1])
 * found.events // => 1
 * ```
 */
export interface EventRates {
  /** Anomalies: runs of labelled rows. */
  readonly events: number
  /** Alarms: runs of flagged rows. */
  readonly alarms: number
  /** Share of the alarms that overlap an anomaly; NaN without alarms. */
  readonly precision: number
  /** Share of the anomalies that overlap an alarm; NaN without anomalies. */
  readonly recall: number
  /** Harmonic mean of both; 0 where nothing is found, NaN without alarms and anomalies. */
  readonly f1: number
}

/**
 * Precision, recall and F1 over events: an anomaly is found when one of its rows is flagged, an alarm is right when it overlaps an
 * anomaly.
 *
 * One alarm that never ends finds everything: read it with the false alarm rate of {@link rates} beside it. Rows are not adjusted.
 *
 * @param flags - 0 and NaN not flagged, anything else flagged
 * @param labels - 0 normal, anything else anomalous
 * @throws RangeError when the lengths differ
 *
 * @example
 * ```ts
 * import { eventRates } from '@messwerk/detectors/evaluation'
 *
 * const { precision, recall } = eventRates([0, 1, 0, 0, 1, 0, 0, 1], [0, 1, 1, 0, 0, 0, 1, 1])
 * precision // => 0.667…
 * recall // => 1
 * ```
 */
export function eventRates(flags: ArrayLike<number>, labels: ArrayLike<number>): EventRates {
  checkLengths('eventRates', flags, labels, 'flags')
  const [events, found] = overlapping(labels, flags)
  const [alarms, right] = overlapping(flags, labels)
  const precision = right / alarms
  const recall = found / events
  const f1 = right + found === 0 && alarms + events > 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { events, alarms, precision, recall, f1 }
}

/** How many runs there are, and how many of them hold a row where `other` is set. */
function overlapping(values: ArrayLike<number>, other: ArrayLike<number>): [number, number] {
  const before = runningCount(other)
  let runs = 0
  let touched = 0
  eachRun(values, (first, last) => {
    runs += 1
    if (before[last + 1]! > before[first]!) touched += 1
  })
  return [runs, touched]
}
