import type { MeasurementEvent } from '@messwerk/core/model'
import type { LabelFound } from './judge.ts'

/**
 * What one threshold would have done on the recording.
 *
 * @example
 * ```ts
 * import type { ThresholdResult } from '@messwerk/backtest'
 *
 * const alarmsOf = ({ name, alarmsPerWeek }: ThresholdResult): string => `${name}: ${alarmsPerWeek} a week`
 * alarmsOf.length // => 1
 * ```
 */
export interface ThresholdResult {
  /** As in the report: '8.5', or the kind of a threshold that finds its limit itself. */
  readonly name: string
  /** Score at which an alarm was raised, at the end of the recording; NaN where it never had one. */
  readonly limit: number
  readonly alarms: number
  /** Alarms in seven days of scored time. */
  readonly alarmsPerWeek: number
  /** Share of scored time in alarm, 0..1. */
  readonly inAlarm: number
  /** Their ends, in order of time, 100 000 at most. */
  readonly events: readonly MeasurementEvent[]
  /** Only with labels: alarms that overlap none of them. */
  readonly falseAlarms?: number
  readonly falseAlarmsPerWeek?: number
  /** Only with labels: what became of each that lies in scored time. */
  readonly labels?: readonly LabelFound[]
  /** Share of the labels that were found, 0..1; NaN without any. */
  readonly recall?: number
  /** Share of the alarms that overlap a label, 0..1; NaN without alarms. */
  readonly precision?: number
  /** Median of the delays of found labels, s; NaN without any. */
  readonly medianDelay?: number
}

/**
 * What a backtest found.
 *
 * @example
 * ```ts
 * import type { BacktestReport } from '@messwerk/backtest'
 *
 * const first = (report: BacktestReport): string | undefined => report.text()[0]
 * first.length // => 1
 * ```
 */
export interface BacktestReport {
  /** Scans of the recording. */
  readonly scans: number
  /** Scans that had a score: those of learning and those with missing values have none. */
  readonly scored: number
  /** Time that these cover, s. */
  readonly seconds: number
  /** The thresholds asked for, in their order. */
  readonly thresholds: readonly ThresholdResult[]
  /** More limits, ascending: the curve of the page. */
  readonly curve: readonly ThresholdResult[]
  /** One line a threshold: "8.5: 1 alarm a week; 3 of 3 labels found". */
  text(): readonly string[]
  /** A page that needs nothing else: the curve, the table, the events. */
  html(): string
}
