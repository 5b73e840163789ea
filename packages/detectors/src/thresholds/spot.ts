import {
  type AlarmRules,
  limits,
  type Snapshot,
  SnapshotIncompatibleError,
  type Threshold,
  type ThresholdSpec,
  type Verdict
} from '@messwerk/core/model'
import { alarmRules, rulesText } from './alarm-rules.ts'
import { needScores } from './calibrated-threshold.ts'
import { paretoQuantile, paretoTail } from './generalised-pareto.ts'

const LEAST_PEAKS = 10
/** Excesses kept: the newest. */
const MOST_PEAKS = 1000
/** Up to so many the tail is fitted anew at each, then each time one in so many is new. */
const FITTED_EACH = 200
const FITTED_PART = 100

/**
 * Options of {@link spot}, with the rules of an alarm: `kOfN`, `delay`, `clearDelay`, `refractory`.
 *
 * @example
 * ```ts
 * import type { SpotOptions } from '@messwerk/detectors'
 *
 * const options: SpotOptions = { q: 1e-4 }
 * options.q // => 0.0001
 * ```
 */
export interface SpotOptions extends AlarmRules {
  /** Share of normal scans over the limit, above 0 and below 1 - level. @defaultValue 1e-4 */
  readonly q?: number | undefined
  /** Share of scores below those that the tail is fitted to, above 0 and below 1. @defaultValue 0.98 */
  readonly level?: number | undefined
}

/**
 * A limit by extreme-value theory that goes on learning: SPOT (streaming peaks over threshold).
 *
 * The excesses of scores over t, their `level` quantile, follow a generalised Pareto tail (shape g, scale s); the limit is
 * z_q = t + s / g ((q n / N)^-g - 1), with N excesses among n scores (g = 0: t - s ln(q n / N)). A score over the limit is an alarm and is
 * not learned, one between t and the limit is, and the others are counted.
 *
 * - For shares smaller than 1 / scores, where a quantile has nothing to say. About 1 000 scores or more; ten excesses at least.
 * - Assumes that scores are independent and do not change their distribution. Where they resemble the ones before, alarms come
 *   in clusters, and where t no longer is the quantile, the share is wrong: relearn.
 * - The newest 1 000 excesses are kept; the tail is fitted anew at every excess up to 200, then at each hundredth part new.
 *
 * Grimshaw's reduction, as in the paper, but its roots are bracketed and bisected; `learn` of `detect` must be a span.
 * A. Siffer, P.-A. Fouque, A. Termier, C. Largouet, "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017.
 *
 * @throws RangeError when an option is out of range; `calibrate` throws RangeError when fewer than ten scores exceed t
 *
 * @example
 * ```ts
 * import { spot } from '@messwerk/detectors'
 *
 * const threshold = spot({ q: 1e-3 }).create()
 * const scores = Float64Array.from({ length: 1000 }, (_, i) => -Math.log((i + 0.5) / 1000))
 * threshold.calibrate?.(scores, scores)
 * Math.abs(threshold.limit - Math.log(1000)) < 0.3 // => true
 * ```
 */
export function spot(options: SpotOptions = {}): ThresholdSpec {
  const { q = 1e-4, level = 0.98 } = options
  if (!(typeof level === 'number' && level > 0 && level < 1))
    throw new RangeError(`spot: level must be a number above 0 and below 1, got ${String(level)}`)
  if (!(typeof q === 'number' && q > 0 && q < 1 - level))
    throw new RangeError(`spot: q must be a number above 0 and below 1 - level (${1 - level}), got ${String(q)}`)
  const rules = alarmRules('spot', options)
  const plan: Plan = {
    q,
    level,
    settings: `q ${q}, level ${level}, ${rulesText(rules)}`,
    rules: limits(Object.assign({ raise: 1 }, rules))
  }
  return {
    kind: 'spot',
    calibrates: true,
    create: () => new SpotThreshold(plan),
    restore: (snapshot) => new SpotThreshold(plan, stateOf(plan, snapshot))
  }
}

interface Plan {
  readonly q: number
  readonly level: number
  readonly settings: string
  /** Of scores in parts of the limit. */
  readonly rules: ThresholdSpec
}

interface State {
  readonly settings: string
  readonly limit: number
  readonly from: number
  readonly scores: number
  readonly peaks: number
  /** Excesses of which the tail knows nothing yet. */
  readonly since: number
  readonly excesses: Float64Array
  readonly inner: Snapshot
}

class SpotThreshold implements Threshold {
  readonly #plan: Plan
  #inner: Threshold
  #limit: number
  /** t of the paper. */
  #from: number
  #scores: number
  #peaks: number
  #since: number
  /** Newest last. */
  #excesses: number[]

  constructor(plan: Plan, state?: State) {
    this.#plan = plan
    this.#inner = state ? plan.rules.restore(state.inner) : plan.rules.create()
    this.#limit = state?.limit ?? Number.NaN
    this.#from = state?.from ?? Number.NaN
    this.#scores = state?.scores ?? 0
    this.#peaks = state?.peaks ?? 0
    this.#since = state?.since ?? 0
    this.#excesses = Array.from(state?.excesses ?? [])
  }

  get limit(): number {
    return this.#limit
  }

  get summary(): string | undefined {
    if (Number.isNaN(this.#limit)) return undefined
    return `limit ${Number(this.#limit.toPrecision(3))}: ${this.#plan.q} of the scores, by ${this.#peaks} excesses of ${this.#scores}`
  }

  calibrate(scores: Float64Array, _seconds: Float64Array): void {
    const known = scores.filter((score) => !Number.isNaN(score))
    const sorted = known.slice().sort()
    const from = sorted[Math.floor(this.#plan.level * known.length)] ?? 0
    const over = known.filter((score) => score > from)
    needPeaks(over.length, known.length, this.#plan.level)
    this.#from = from
    this.#scores = known.length
    this.#peaks = over.length
    this.#excesses = Array.from(over.subarray(-MOST_PEAKS), (score) => score - from)
    this.#fit()
  }

  decide(score: number, seconds: number): Verdict {
    if (Number.isNaN(this.#limit)) return 0
    const verdict = this.#inner.decide(score / this.#limit, seconds)
    if (score <= this.#limit) this.#learn(score)
    return verdict
  }

  gap(): void {
    this.#inner.gap?.()
  }

  reset(): void {
    this.#inner.reset?.()
  }

  snapshot(): Snapshot {
    const state: State = {
      settings: this.#plan.settings,
      limit: this.#limit,
      from: this.#from,
      scores: this.#scores,
      peaks: this.#peaks,
      since: this.#since,
      excesses: Float64Array.from(this.#excesses),
      inner: this.#inner.snapshot()
    }
    return { kind: 'spot', version: 1, state }
  }

  #learn(score: number): void {
    this.#scores += 1
    if (!(score > this.#from)) return
    this.#peaks += 1
    this.#since += 1
    this.#excesses.push(score - this.#from)
    if (this.#excesses.length > MOST_PEAKS) this.#excesses.shift()
    if (this.#peaks <= FITTED_EACH || this.#since * FITTED_PART >= this.#excesses.length) this.#fit()
  }

  #fit(): void {
    const tail = paretoTail(Float64Array.from(this.#excesses))
    this.#limit = this.#from + paretoQuantile(tail, (this.#scores * this.#plan.q) / this.#peaks)
    this.#since = 0
  }
}

function needPeaks(peaks: number, scores: number, level: number): void {
  needScores('spot', 1, new Float64Array(scores))
  if (peaks >= LEAST_PEAKS) return
  throw new RangeError(
    `spot: level ${level} needs at least ${LEAST_PEAKS} scores of normal operation over their quantile, got ${peaks} of ${scores}: let the detector learn longer`
  )
}

function stateOf({ settings }: Plan, { kind, version, state }: Snapshot): State {
  if (kind !== 'spot') throw new SnapshotIncompatibleError('spot', `the snapshot is of a threshold '${kind}'`)
  if (version !== 1) throw new SnapshotIncompatibleError('spot', `version ${version}, expected 1`)
  if (typeof state !== 'object' || state === null) throw new SnapshotIncompatibleError('spot', 'it holds no state')
  const found = state as State
  if (found.settings === settings) return found
  throw new SnapshotIncompatibleError(
    'spot',
    `it was calibrated with ${found.settings}, this one has ${settings}: relearn`
  )
}
