import { confusion } from './confusion.ts'
import { type ConstantDetector, constantDetector } from './constant-detector.ts'
import { type DetectionDelay, detectionDelay } from './detection-delay.ts'
import { type EventRates, eventRates } from './event-rates.ts'
import { type FalseAlarmRate, falseAlarmRate } from './false-alarm-rate.ts'
import { flagsOf } from './flags-of.ts'
import { prAuc } from './pr-auc.ts'
import { type Rates, rates } from './rates.ts'
import { rocAuc } from './roc-auc.ts'
import { checkLengths, countAnomalous } from './scored-rows.ts'
import { vusPr } from './vus-pr.ts'

/**
 * Options of {@link evaluate}.
 *
 * @example
 * ```ts
 * import type { EvaluateOptions } from '@messwerk/detectors/evaluation'
 *
 * const options: EvaluateOptions = { limit: 6, seconds: 60 }
 * options.limit // => 6
 * ```
 */
export interface EvaluateOptions {
  /** Rows with a score at or above are flagged. @defaultValue no flags, only what ranking says */
  readonly limit?: number | undefined
  /** Flags of a rule of your own, one a row, instead of `limit`: 0 or NaN not flagged. */
  readonly flags?: ArrayLike<number> | undefined
  /** From one row to the next; with flags it gives delays and false alarms a day. @defaultValue none of these */
  readonly seconds?: number | undefined
  /** Widest buffer of `vusPr` in rows. @defaultValue no `vusPr` */
  readonly buffer?: number | undefined
}

/**
 * All that scores and labels say, with the figures of a constant detector beside them.
 *
 * @example
 * ```ts
 * import { type Evaluation, evaluate } from '@messwerk/detectors/evaluation'
 *
 * const report: Evaluation = evaluate([1, 2, 9], [0, 0, 1])
 * report.rocAuc // => 1
 * ```
 */
export interface Evaluation {
  readonly rows: number
  /** Rows without a score: they rank below all others and are never flagged. */
  readonly unscored: number
  /** Share of anomalous rows. */
  readonly prevalence: number
  /** What calling every row anomalous would reach. */
  readonly constant: ConstantDetector
  readonly rocAuc: number
  readonly prAuc: number
  readonly vusPr?: number
  /** Row by row. */
  readonly points?: Rates
  /** Anomaly by anomaly. */
  readonly events?: EventRates
  readonly delay?: DetectionDelay
  readonly falseAlarms?: FalseAlarmRate
}

/**
 * Measures a detector on labelled rows.
 *
 * Nothing is point-adjusted: under point adjustment a random score reaches an F1 of 0.73 where its PR-AUC is 0.06. `prevalence` and
 * `constant` are always there, since most figures mean nothing without them. Rows without a score (NaN: warm-up, missing values)
 * stay in: they rank below every score and are never flagged; leave rows of a warm-up out of both lists where a protocol says so.
 *
 * @param scores - higher is more anomalous
 * @param labels - 0 normal, anything else anomalous
 * @throws RangeError when lengths differ or an option is out of range
 *
 * @example
 * ```ts
 * import { evaluate } from '@messwerk/detectors/evaluation'
 *
 * const report = evaluate([NaN, 1, 2, 7, 8, 1], [0, 0, 0, 0, 1, 1], { limit: 6, seconds: 60 })
 * report.unscored // => 1
 * report.rocAuc // => 0.687…
 * report.points?.f1 // => 0.5
 * report.constant.f1 // => 0.5
 * ```
 */
export function evaluate(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: EvaluateOptions = {}
): Evaluation {
  checkLengths('evaluate', scores, labels)
  const { limit, flags, buffer } = options
  const prevalence = countAnomalous(labels) / labels.length
  const verdicts = flags ?? (limit === undefined ? undefined : flagsOf(scores, limit))
  return {
    rows: scores.length,
    unscored: Array.prototype.filter.call(scores, Number.isNaN).length,
    prevalence,
    constant: constantDetector(prevalence),
    rocAuc: rocAuc(scores, labels),
    prAuc: prAuc(scores, labels),
    // eslint-disable-next-line no-restricted-syntax -- one report a run, not a row
    ...(buffer === undefined ? {} : { vusPr: vusPr(scores, labels, { buffer }) }),
    // eslint-disable-next-line no-restricted-syntax -- one report a run, not a row
    ...(verdicts === undefined ? {} : ofFlags(verdicts, labels, options.seconds))
  }
}

function ofFlags(
  flags: ArrayLike<number>,
  labels: ArrayLike<number>,
  seconds: number | undefined
): Pick<Evaluation, 'points' | 'events' | 'delay' | 'falseAlarms'> {
  const points = rates(confusion(flags, labels))
  const events = eventRates(flags, labels)
  if (seconds === undefined) return { points, events }
  const delay = detectionDelay(flags, labels, { seconds })
  return { points, events, delay, falseAlarms: falseAlarmRate(flags, labels, { seconds }) }
}
