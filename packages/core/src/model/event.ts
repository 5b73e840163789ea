/**
 * The value of a channel in an event, with the normal band where one is known.
 *
 * @example
 * ```ts
 * import type { EventValue } from '@messwerk/core/model'
 *
 * const value: EventValue = { value: 4.2, unit: 'bar', lower: 2.9, upper: 3.3 }
 * value.unit // => 'bar'
 * ```
 */
export interface EventValue {
  readonly value: number
  readonly unit: string
  readonly lower?: number | undefined
  readonly upper?: number | undefined
}

/**
 * An anomaly with a beginning, a peak and an end, or a notice. Plain JSON.
 *
 * Sent at its beginning and again at its end with the same `id`, so that a sink that upserts by id holds it once.
 *
 * @example
 * ```ts
 * import type { MeasurementEvent } from '@messwerk/core/model'
 *
 * const event: MeasurementEvent = {
 *   id: 'pump-1/score/1700000000000000000', kind: 'anomaly', phase: 'begin', stream: 'pump-1', rule: 'score',
 *   start: 1_700_000_000_000, origin: { split: 'pump-1', position: 12 },
 * }
 * event.phase // => 'begin'
 * ```
 */
export interface MeasurementEvent {
  /** Made from stream, rule and start only, so a replay makes the same one. */
  readonly id: string
  readonly kind: 'anomaly' | 'notice' | 'drift'
  readonly phase: 'begin' | 'end'
  readonly stream: string
  /** What raised it: the name of the score or channel, or of the notice. */
  readonly rule: string
  /** ms since the Unix epoch, as `peak` and `end`. */
  readonly start: number
  readonly peak?: number | undefined
  readonly end?: number | undefined
  /** Score and limit at the peak (so far). */
  readonly score?: number | undefined
  readonly limit?: number | undefined
  /** Share of the score by channel at the peak; they sum to the score. */
  readonly contributions?: Readonly<Record<string, number>> | undefined
  /** Values at the peak. */
  readonly values?: Readonly<Record<string, EventValue>> | undefined
  /** Name and version of the model that scored. */
  readonly model?: string | undefined
  readonly origin: { readonly split: string; readonly position: number }
  /** Anything else, as JSON. */
  readonly data?: unknown
}
