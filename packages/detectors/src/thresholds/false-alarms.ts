import { type Duration, durationMs, type Snapshot, type Threshold, type ThresholdSpec } from '@messwerk/core/model'
import { type AlarmLimit, limitFor, targetFor } from './alarm-limit.ts'
import { type AlarmPromise, promiseOf } from './alarm-promise.ts'
import {
  type CalibratedParts,
  CalibratedThreshold,
  calibratedState,
  type Found,
  needScores
} from './calibrated-threshold.ts'
import { correlationLength } from './correlation-length.ts'
import { type Smoothing, smoothed, smoothings } from './smoothing.ts'

const KIND = 'falseAlarms'
const PERIODS = { hour: 3600, day: 86_400, week: 604_800, month: 2_629_746 } as const
const LEAST_SCORES = 100
/** Bounds of how many scores must stay below the limit before an alarm is over. */
const [SHORTEST_HOLD, LONGEST_HOLD] = [8, 64]
/** By how much of what lies between usual scores and the limit a longer smoothing must lower it to be worth its delay. */
const WORTH = 0.3

/**
 * Options of {@link falseAlarms}.
 *
 * @example
 * ```ts
 * import type { FalseAlarmsOptions } from '@messwerk/detectors'
 *
 * const options: FalseAlarmsOptions = { atMost: 1, per: 'week' }
 * options.atMost // => 1
 * ```
 */
export interface FalseAlarmsOptions {
  /** How many false alarms are bearable, above 0. */
  readonly atMost: number
  /** In which time: a word, or a span such as `'8h'`. */
  readonly per: 'hour' | 'day' | 'week' | 'month' | Duration
  /**
   * How many scans in a row a fault may take before it must be noticed, 1..8: how many scores may be looked at together. 1 for
   * scores that only the first scan of a fault raises, such as a rate of change.
   *
   * @defaultValue 8
   */
  readonly patience?: number | undefined
}

/**
 * A threshold of {@link falseAlarms}.
 *
 * @example
 * ```ts
 * import { falseAlarms, type FalseAlarmsThreshold } from '@messwerk/detectors'
 *
 * const threshold: FalseAlarmsThreshold = falseAlarms({ atMost: 1, per: 'day' }).create()
 * threshold.limit // => NaN
 * ```
 */
export interface FalseAlarmsThreshold extends Threshold {
  /** What it can say of its limit; undefined before `calibrate`. */
  readonly promise: AlarmPromise | undefined
  calibrate(scores: Float64Array, seconds: Float64Array): void
}

/**
 * What {@link falseAlarms} returns.
 *
 * @example
 * ```ts
 * import { falseAlarms, type FalseAlarmsSpec } from '@messwerk/detectors'
 *
 * const spec: FalseAlarmsSpec = falseAlarms({ atMost: 1, per: 'week' })
 * spec.calibrates // => true
 * ```
 */
export interface FalseAlarmsSpec extends ThresholdSpec {
  create(): FalseAlarmsThreshold
  restore(snapshot: Snapshot): FalseAlarmsThreshold
}

/**
 * A limit by how many false alarms are bearable, for any detector: found on scores of normal operation, never guessed.
 *
 * - It counts the alarms that a limit would have raised there. An alarm is over once scores have stayed below the limit for a while,
 *   which follows from how long scores resemble each other: what belongs together is one alarm.
 * - It tries single scores and k of the last n (up to 5 of 8, at most `patience`), and takes the shortest that lowers the limit by
 *   30 %: for heavy tails no limit for single scores is low enough to see a fault.
 * - Of few alarms allowed in the span it aims at half, of many at more, as those seen are a matter of chance. A span that allows
 *   fewer than 2 is too short: the limit is then extrapolated, and `promise` says so.
 * - What it cannot know: seasons and modes of operation that the span did not hold; and what a detector does not see.
 *
 * Supported, as measured on white, autoregressive, seasonal and heavy-tailed values (rate kept, and at least 95 % of shifts of 5 deviations
 * that last 10 scans found): on one channel `robustZ`, `zScore`, `quantileBounds`, `ewmaChart`, `t2`, `auto`, `nearestNeighbour`,
 * `localOutlierFactor`, `randomCutForest`. With the others the rate is kept, but such shifts may be missed, some of them always:
 * see docs/detectors/thresholds.md for the figures. `promise.isBeyond` tells where the limit is out of reach.
 *
 * In `detect` it is calibrated behind the learning (`learn` must be a span), on scores of what was learned as if it had not been.
 * In batch: `threshold.calibrate` with the scores of `calibrationScores`. Then `promise.text` says what can be said.
 *
 * @throws RangeError when an option is out of range; `calibrate` throws RangeError for fewer than 100 scores
 *
 * @example
 * ```ts
 * import { falseAlarms } from '@messwerk/detectors'
 *
 * const threshold = falseAlarms({ atMost: 1, per: 'day' }).create()
 * const minutes = Float64Array.from({ length: 10_080 }, (_, i) => 60 * i)
 * threshold.calibrate(minutes.map((t) => Math.abs(Math.sin(t) * Math.sin(t / 7))), minutes)
 * threshold.promise?.basis // => 'observed'
 * ```
 */
export function falseAlarms(options: FalseAlarmsOptions): FalseAlarmsSpec {
  const plan = planOf(options)
  const settings = `at most ${plan.atMost} per ${plan.per}, patience ${plan.patience}`
  const parts: CalibratedParts<FoundAlarms> = {
    kind: KIND,
    settings,
    find: (scores, seconds) => find(plan, scores, seconds)
  }
  return {
    kind: KIND,
    calibrates: true,
    create: () => new CalibratedThreshold(parts),
    restore: (snapshot) => new CalibratedThreshold(parts, calibratedState(parts, snapshot))
  }
}

interface Plan {
  readonly atMost: number
  readonly per: string
  readonly perSeconds: number
  readonly patience: number
}

interface FoundAlarms extends Found {
  readonly promise: AlarmPromise
}

function planOf({ atMost, per, patience = 8 }: FalseAlarmsOptions): Plan {
  if (!(typeof atMost === 'number' && atMost > 0 && atMost < Number.POSITIVE_INFINITY))
    throw new RangeError(`falseAlarms: atMost must be a finite number above 0, got ${String(atMost)}`)
  if (!(Number.isInteger(patience) && patience >= 1 && patience <= 8))
    throw new RangeError(`falseAlarms: patience must be a whole number of scans in 1..8, got ${String(patience)}`)
  const option = `falseAlarms: per must be ${Object.keys(PERIODS).join(', ')}, or it`
  const named = PERIODS[per as keyof typeof PERIODS]
  const perSeconds = named ?? durationMs(per as Duration, option) / 1000
  if (perSeconds > 0) return { atMost, per, perSeconds, patience }
  throw new RangeError(`falseAlarms: per must be longer than 0, got '${per}'`)
}

function find(plan: Plan, scores: Float64Array, seconds: Float64Array): FoundAlarms {
  needScores(KIND, LEAST_SCORES, scores)
  const step = stepOf(seconds)
  const span = scores.length * step
  const budget = (plan.atMost * span) / plan.perSeconds
  const target = targetFor(budget)
  const all = smoothings(plan.patience).map((smoothing) => tried(scores, smoothing, target))
  const { smoothing, limit, alarms, isBeyond, hold: scans } = chosen(all, scores, target)
  const kOfN = [smoothing.k, smoothing.n] as const
  const hold = Math.round(scans * step * 1e6) / 1e6
  const { atMost, per, perSeconds } = plan
  const promise = promiseOf({ atMost, per, perSeconds, budget, target, span, alarms, limit, isBeyond, kOfN, hold })
  return {
    limits: { raise: limit, kOfN, clearDelay: `${Number((hold * 1000).toFixed(3))}ms` },
    learnBelow: Math.max(limit, all[0]!.limit),
    summary: promise.text,
    promise
  }
}

interface Tried extends AlarmLimit {
  readonly smoothing: Smoothing
  /** Scores that must stay below the limit. */
  readonly hold: number
}

function tried(scores: Float64Array, smoothing: Smoothing, target: number): Tried {
  const series = smoothed(scores, smoothing)
  const hold = Math.min(LONGEST_HOLD, Math.max(SHORTEST_HOLD, 2 * correlationLength(series, LONGEST_HOLD)))
  return Object.assign({ smoothing, hold }, limitFor(series, hold + 1, target))
}

/** The shortest, unless a longer one is worth its delay, or scores have a bound and the limit of the shorter lies beyond it. */
function chosen(all: readonly Tried[], scores: Float64Array, target: number): Tried {
  const sorted = scores.slice().sort()
  const usual = sorted[sorted.length >> 1]!
  const most = target >= 1 ? sorted[sorted.length - 1]! : Number.POSITIVE_INFINITY
  let best = all[0]!
  for (const next of all) {
    const isLower = next.limit - usual < (1 - WORTH) * (best.limit - usual)
    if (isLower || (best.limit > most && next.limit < best.limit)) best = next
  }
  return best
}

/** Seconds from one score to the next: the usual step, so that holes do not count. */
function stepOf(seconds: Float64Array): number {
  const steps = seconds.subarray(1).map((time, i) => time - seconds[i]!)
  const some = steps.filter((step) => step > 0).sort()
  return some[some.length >> 1] ?? 1
}
