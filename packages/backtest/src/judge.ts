import type { MeasurementEvent } from '@messwerk/core/model'
import type { Label } from './labels.ts'

/** An alarm of a backtest: an event from its beginning to its end. @internal */
export interface Alarm {
  readonly event: MeasurementEvent
  readonly start: number
  readonly end: number
}

/**
 * A label and what became of it.
 *
 * @example
 * ```ts
 * import type { LabelFound } from '@messwerk/backtest'
 *
 * const missed: LabelFound = { label: { start: 0, end: 1000 }, delay: undefined }
 * missed.delay // => undefined
 * ```
 */
export interface LabelFound {
  readonly label: Label
  /** Seconds from its start to the first alarm that overlaps it, 0 when that was on already; undefined = missed. */
  readonly delay: number | undefined
}

/** @internal */
export interface Judgement {
  readonly labels: readonly LabelFound[]
  readonly isFalse: readonly boolean[]
}

/**
 * Holds alarms against labels: an alarm that overlaps a label, or begins at most `toleranceMs` behind its end, has found it.
 *
 * @internal
 */
export function judge(alarms: readonly Alarm[], labels: readonly Label[], toleranceMs: number): Judgement {
  const isFalse = alarms.map(() => true)
  const found = labels.map((label): LabelFound => {
    let delay: number | undefined
    alarms.forEach(({ event, start, end }, i) => {
      if (label.stream !== undefined && label.stream !== event.stream) return
      if (start > label.end + toleranceMs || end < label.start) return
      isFalse[i] = false
      const after = Math.max(0, start - label.start) / 1000
      if (delay === undefined || after < delay) delay = after
    })
    return { label, delay }
  })
  return { labels: found, isFalse }
}
