import { KthLargest } from './kth-largest.ts'
import { type LimitsState, limitsState } from './limits-state.ts'
import type { Snapshot } from './snapshot.ts'
import { type Duration, durationMs } from './span.ts'
import type { Threshold, ThresholdSpec, Verdict } from './threshold.ts'

/**
 * When a limit that is reached becomes an alarm, and when the alarm ends: what every threshold has.
 *
 * @example
 * ```ts
 * import { limits, type AlarmRules } from '@messwerk/core/model'
 *
 * const patient: AlarmRules = { kOfN: [3, 5], clearDelay: '10s', refractory: '5min' }
 * // eslint-disable-next-line no-restricted-syntax -- options
 * limits({ raise: 6, ...patient }).create().limit // => 6
 * ```
 */
export interface AlarmRules {
  /** How long the value must stay at or beyond the limit, in event time, before the alarm is raised. @defaultValue '0s' */
  readonly delay?: Duration | undefined
  /** How long the value must stay on the normal side before the alarm clears. @defaultValue '0s' */
  readonly clearDelay?: Duration | undefined
  /**
   * `[k, n]`: k of the last n values must be at or beyond the limit, 1 <= k <= n <= 1000. `[3, 5]` is a running median of 5. It
   * holds for raising, clearing and warning alike.
   *
   * @defaultValue [1, 1]
   */
  readonly kOfN?: readonly [number, number] | undefined
  /** How long after an alarm has cleared no other one is raised. @defaultValue '0s' */
  readonly refractory?: Duration | undefined
}

/**
 * Fixed limits with hysteresis.
 *
 * - High side (`clear` left out or not above `raise`): an alarm is raised at `value >= raise` and clears at `value < clear`.
 * - Low side (`clear` above `raise`): an alarm is raised at `value <= raise` and clears at `value > clear`.
 *
 * @example
 * ```ts
 * import { limits, type Limits } from '@messwerk/core'
 *
 * const tooLow: Limits = { raise: 2, clear: 2.5, delay: '5s' }
 * limits(tooLow).create().limit // => 2
 * ```
 */
export interface Limits extends AlarmRules {
  /** Value at which an alarm is raised, in the unit of what is watched. */
  readonly raise: number
  /** Value beyond which it clears. @defaultValue `raise` */
  readonly clear?: number | undefined
  /** Value from which on the verdict is a warning; on the normal side of `raise`. @defaultValue no warnings */
  readonly warn?: number | undefined
}

/**
 * A threshold of fixed limits.
 *
 * - Verdict 2 (alarm) from `raise` until beyond `clear`; otherwise 1 (warning) at or beyond `warn`; otherwise 0.
 * - While a delay runs the verdict is not yet changed to or from alarm. A value on the other side ends the delay, NaN does not: it
 *   keeps the verdict and the delay runs on.
 * - A declared gap starts delays and `kOfN` anew; a raised alarm stays.
 * - During the refractory time a value at or beyond `raise` is a warning if there is `warn`, else normal; a delay may run.
 *
 * @throws RangeError when a limit is not a finite number, `warn` is not on the normal side of `raise`, a time is no span of time or
 * `kOfN` no two whole numbers 1 <= k <= n <= 1000
 *
 * @example
 * ```ts
 * import { limits } from '@messwerk/core'
 *
 * const threshold = limits({ raise: 6, clear: 4, delay: '2s' }).create()
 * threshold.decide(7, 0) // => 0
 * threshold.decide(7, 2) // => 2
 * threshold.decide(NaN, 3) // => 2
 * threshold.decide(4, 4) // => 2
 * threshold.decide(3.9, 5) // => 0
 *
 * const twoOfThree = limits({ raise: 6, kOfN: [2, 3] }).create()
 * const verdicts = [9, 1, 7, 1, 1].map((value, i) => twoOfThree.decide(value, i))
 * verdicts // => [0, 0, 2, 0, 0]
 * ```
 */
export function limits(options: Limits): ThresholdSpec {
  return limitsSpec(parseLimits(options, 'limits: '))
}

/** Limits that were checked, turned so that higher is worse: on the low side all values have the other sign. @internal */
export interface ParsedLimits extends ParsedRules {
  readonly sign: 1 | -1
  readonly raise: number
  readonly clear: number
  readonly warn: number
}

interface ParsedRules {
  readonly delayNs: number
  readonly clearNs: number
  readonly refractoryNs: number
  readonly kOfN: readonly [number, number]
}

/** @param option - in front of the name of an option in errors: `limits: `, `detect: threshold.` @internal */
export function parseLimits(options: Limits, option: string): ParsedLimits {
  const { raise, clear = raise, warn } = options
  finite(raise, `${option}raise`)
  finite(clear, `${option}clear`)
  const sign = clear > raise ? -1 : 1
  if (warn !== undefined) checkWarn(warn, sign, raise, option)
  const { delayNs, clearNs, refractoryNs, kOfN } = parseRules(options, option)
  const turned = { raise: sign * raise, clear: sign * clear, warn: warn === undefined ? Number.NaN : sign * warn }
  return { sign, raise: turned.raise, clear: turned.clear, warn: turned.warn, delayNs, clearNs, refractoryNs, kOfN }
}

function parseRules(rules: AlarmRules, option: string): ParsedRules {
  const { delay = '0s', clearDelay = '0s', refractory = '0s', kOfN = [1, 1] } = rules
  const [k, n] = Array.isArray(kOfN) ? (kOfN as readonly unknown[]) : []
  const areWhole = Number.isInteger(k) && Number.isInteger(n)
  if (!(areWhole && kOfN.length === 2 && 1 <= kOfN[0] && kOfN[0] <= kOfN[1] && kOfN[1] <= 1000)) {
    const shown = Array.isArray(kOfN) ? `[${kOfN.join(', ')}]` : String(kOfN)
    throw new RangeError(`${option}kOfN must be two whole numbers [k, n] with 1 <= k <= n <= 1000, got ${shown}`)
  }
  return {
    delayNs: durationMs(delay, `${option}delay`) * 1e6,
    clearNs: durationMs(clearDelay, `${option}clearDelay`) * 1e6,
    refractoryNs: durationMs(refractory, `${option}refractory`) * 1e6,
    kOfN
  }
}

function finite(value: unknown, option: string): void {
  if (typeof value === 'number' && Number.isFinite(value)) return
  throw new RangeError(`${option} must be a finite number, got ${String(value)}`)
}

function checkWarn(warn: number, sign: 1 | -1, raise: number, option: string): void {
  finite(warn, `${option}warn`)
  if (sign * warn < sign * raise) return
  const side = sign === 1 ? 'below' : 'above'
  throw new RangeError(`${option}warn must be ${side} raise (${raise}), got ${warn}`)
}

/** @internal */
export function limitsSpec(parsed: ParsedLimits): ThresholdSpec {
  return {
    kind: 'limits',
    create: () => new LimitsThreshold(parsed),
    restore: (snapshot) => new LimitsThreshold(parsed, limitsState(snapshot))
  }
}

class LimitsThreshold implements Threshold {
  readonly limit: number
  readonly #of: ParsedLimits
  readonly #rank: KthLargest | undefined
  #verdict: Verdict
  /** Seconds at which the value came to the side that it has stayed on since, while a delay runs; else NaN. */
  #since: number
  /** Seconds at which the last alarm cleared; NaN when none has. */
  #cleared: number

  constructor(parsed: ParsedLimits, state?: LimitsState) {
    this.limit = parsed.sign * parsed.raise
    this.#of = parsed
    const [k, n] = parsed.kOfN
    this.#rank = n > 1 ? new KthLargest(k, n) : undefined
    for (const value of state?.last.subarray(-n) ?? []) this.#rank?.push(value)
    this.#verdict = state?.verdict ?? 0
    this.#since = state?.since ?? Number.NaN
    this.#cleared = state?.cleared ?? Number.NaN
  }

  decide(score: number, seconds: number): Verdict {
    if (Number.isNaN(score)) return this.#verdict
    const turned = this.#of.sign * score
    const value = this.#rank === undefined ? turned : this.#rank.push(turned)
    const isAlarm = this.#verdict === 2 ? !this.#mayClear(value, seconds) : this.#mayRaise(value, seconds)
    this.#verdict = isAlarm ? 2 : value >= this.#of.warn ? 1 : 0
    return this.#verdict
  }

  /** Starts delays and `kOfN` anew. */
  gap(): void {
    this.#since = Number.NaN
    this.#rank?.clear()
  }

  reset(): void {
    this.gap()
    this.#verdict = 0
    this.#cleared = Number.NaN
  }

  snapshot(): Snapshot {
    const last = this.#rank?.values() ?? new Float64Array(0)
    const state: LimitsState = { verdict: this.#verdict, since: this.#since, cleared: this.#cleared, last }
    return { kind: 'limits', version: 2, state }
  }

  #mayRaise(value: number, seconds: number): boolean {
    if (value < this.#of.raise) {
      this.#since = Number.NaN
      return false
    }
    if (!this.#hasLasted(this.#of.delayNs, seconds)) return false
    if (nsBetween(this.#cleared, seconds) < this.#of.refractoryNs) return false
    this.#since = Number.NaN
    return true
  }

  #mayClear(value: number, seconds: number): boolean {
    if (value >= this.#of.clear) {
      this.#since = Number.NaN
      return false
    }
    if (!this.#hasLasted(this.#of.clearNs, seconds)) return false
    // What clears an alarm is on the normal side of `raise`: no delay runs.
    this.#since = Number.NaN
    this.#cleared = seconds
    return true
  }

  #hasLasted(ns: number, seconds: number): boolean {
    if (ns === 0) return true
    if (Number.isNaN(this.#since)) this.#since = seconds
    return nsBetween(this.#since, seconds) >= ns
  }
}

/** In whole ns, as a difference of seconds may be a rounding error short of a delay. */
function nsBetween(from: number, to: number): number {
  return Math.round((to - from) * 1e9)
}
