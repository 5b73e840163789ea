/**
 * What a threshold of `falseAlarms` can say of its limit, once calibrated. Plain values.
 *
 * @example
 * ```ts
 * import { type AlarmPromise, falseAlarms } from '@messwerk/detectors'
 *
 * const promise: AlarmPromise | undefined = falseAlarms({ atMost: 1, per: 'week' }).create().promise
 * promise // => undefined
 * ```
 */
export interface AlarmPromise {
  /** All of it, as a sentence. */
  readonly text: string
  /**
   * `observed`: the span was long enough to see more alarms than were aimed at. `extrapolated`: it was not; the limit continues the
   * tail of the scores, and there is no promise.
   */
  readonly basis: 'observed' | 'extrapolated'
  /** Alarms to be expected in the period, if operation stays as it was. */
  readonly expected: number
  /** What they stay below in 95 of 100 calibrations; undefined where extrapolated. */
  readonly upper?: number
  /** Alarms that the limit would have raised in the span it was found by. */
  readonly alarms: number
  /** Length of that span with scores, s, and of one that would be long enough. */
  readonly span: number
  readonly spanNeeded: number
  readonly limit: number
  /**
   * Whether normal operation reaches its own highest score too often, so that the limit lies above it: where that is the highest score
   * the detector can give, no alarm will ever be raised, false or not.
   */
  readonly isBeyond: boolean
  /** k of n scores must reach it. */
  readonly kOfN: readonly [number, number]
  /** How long scores must stay below it before an alarm is over, s. */
  readonly hold: number
}

/** @internal */
export interface PromiseFacts {
  readonly atMost: number
  readonly per: string
  readonly perSeconds: number
  /** Alarms allowed in the span, and those aimed at. */
  readonly budget: number
  readonly target: number
  readonly span: number
  readonly alarms: number
  readonly limit: number
  readonly isBeyond: boolean
  readonly kOfN: readonly [number, number]
  readonly hold: number
}

/** Alarms that a span must allow, for one of them to be aimed at. */
const LEAST_BUDGET = 2

const MISSED = 'it says nothing of what is missed'
const BEYOND =
  'normal operation reaches its highest score more often than that: if scores cannot be higher, nothing will be found'

/** @internal */
export function promiseOf(facts: PromiseFacts): AlarmPromise {
  const { atMost, per, perSeconds, budget, target, span, alarms, limit, isBeyond, kOfN, hold } = facts
  const expected = (target / budget) * atMost
  const spanNeeded = (LEAST_BUDGET / atMost) * perSeconds
  const isSeen = target >= 1
  const upper = (poissonUpper(target) / budget) * atMost
  const [k, n] = kOfN
  const rule = `at most ${atMost} false alarm${atMost === 1 ? '' : 's'} per ${per}: ${n === 1 ? 'a score' : `${k} of ${n} scores`} at or over ${round(limit)}`
  const found = `from ${duration(span)} of normal operation, ${alarms} alarm${alarms === 1 ? '' : 's'} in it`
  const said = isSeen
    ? `expected ${round(expected)} per ${per}, below ${round(upper)} with 95 % confidence, while operation stays as it was`
    : `too short to promise anything (${duration(spanNeeded)} would do), the limit is extrapolated`
  const text = `${rule}; ${found}; ${said}; ${isBeyond ? BEYOND : MISSED}`
  const promise = { text, expected, alarms, span, spanNeeded, limit, isBeyond, kOfN, hold }
  return isSeen
    ? Object.assign(promise, { basis: 'observed' as const, upper })
    : Object.assign(promise, { basis: 'extrapolated' as const })
}

/** 95 % quantile of a gamma variable of this shape (Wilson and Hilferty): what a rate may be that was found by so many alarms. */
function poissonUpper(shape: number): number {
  const root = 1 - 1 / (9 * shape) + 1.6449 / (3 * Math.sqrt(shape))
  return shape * root * root * root
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function duration(seconds: number): string {
  if (seconds >= 2 * 86_400) return `${round(seconds / 86_400)} days`
  if (seconds >= 7200) return `${round(seconds / 3600)} h`
  return seconds >= 120 ? `${round(seconds / 60)} min` : `${round(seconds)} s`
}
