import { SnapshotIncompatibleError } from '../model/errors.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type Duration, durationMs } from '../model/span.ts'
import type { Threshold, ThresholdSpec, Verdict } from '../model/threshold.ts'

const KIND = 'limits'
const VERSION = 1

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
export interface Limits {
  /** Value at which an alarm is raised, in the unit of what is watched. */
  readonly raise: number
  /** Value beyond which it clears. @defaultValue `raise` */
  readonly clear?: number | undefined
  /** How long the value must stay at or beyond `raise`, in event time, before the alarm is raised. @defaultValue '0s' */
  readonly delay?: Duration | undefined
  /** Value from which on the verdict is a warning; on the normal side of `raise`. @defaultValue no warnings */
  readonly warn?: number | undefined
}

/**
 * A threshold of fixed limits.
 *
 * - Verdict 2 (alarm) from `raise` until beyond `clear`; otherwise 1 (warning) at or beyond `warn`; otherwise 0.
 * - While the delay runs there is no alarm yet. A value on the normal side of `raise` ends the delay, NaN does not: it keeps
 *   the verdict and the delay runs on. A declared gap starts the delay anew.
 *
 * @throws RangeError when a limit is not a finite number, `warn` is not on the normal side of `raise`, or `delay` is no span of
 * time
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
 * ```
 */
export function limits(options: Limits): ThresholdSpec {
  return limitsSpec(parseLimits(options, 'limits: '))
}

/** Limits that were checked, turned so that higher is worse: on the low side all values have the other sign. @internal */
export interface ParsedLimits {
  readonly sign: 1 | -1
  readonly raise: number
  readonly clear: number
  readonly warn: number
  readonly delayNs: number
}

/** @param option - in front of the name of an option in errors: `limits: `, `detect: threshold.` @internal */
export function parseLimits(options: Limits, option: string): ParsedLimits {
  const { raise, clear = raise, warn, delay = '0s' } = options
  finite(raise, `${option}raise`)
  finite(clear, `${option}clear`)
  const sign = clear > raise ? -1 : 1
  if (warn !== undefined) checkWarn(warn, sign, raise, option)
  const delayNs = durationMs(delay, `${option}delay`) * 1e6
  return {
    sign,
    raise: sign * raise,
    clear: sign * clear,
    warn: warn === undefined ? Number.NaN : sign * warn,
    delayNs
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
    kind: KIND,
    create: () => new LimitsThreshold(parsed, 0, Number.NaN),
    restore: (snapshot) => {
      const { verdict, since } = stateOf(snapshot)
      return new LimitsThreshold(parsed, verdict, since)
    }
  }
}

class LimitsThreshold implements Threshold {
  readonly limit: number
  readonly #sign: number
  readonly #raise: number
  readonly #clear: number
  readonly #warn: number
  readonly #delayNs: number
  #verdict: Verdict
  /** Seconds at which the value came to `raise` and has stayed there since; NaN when it has not. */
  #since: number

  constructor(parsed: ParsedLimits, verdict: Verdict, since: number) {
    this.limit = parsed.sign * parsed.raise
    this.#sign = parsed.sign
    this.#raise = parsed.raise
    this.#clear = parsed.clear
    this.#warn = parsed.warn
    this.#delayNs = parsed.delayNs
    this.#verdict = verdict
    this.#since = since
  }

  decide(score: number, seconds: number): Verdict {
    if (Number.isNaN(score)) return this.#verdict
    const value = this.#sign * score
    if (this.#verdict === 2 && value >= this.#clear) return 2
    if (value < this.#raise) {
      this.#since = Number.NaN
    } else if (this.#hasLasted(seconds)) {
      this.#since = Number.NaN
      this.#verdict = 2
      return 2
    }
    this.#verdict = value >= this.#warn ? 1 : 0
    return this.#verdict
  }

  /** Starts the delay anew. */
  gap(): void {
    this.#since = Number.NaN
  }

  snapshot(): Snapshot {
    return { kind: KIND, version: VERSION, state: { verdict: this.#verdict, since: this.#since } }
  }

  #hasLasted(seconds: number): boolean {
    if (this.#delayNs === 0) return true
    if (Number.isNaN(this.#since)) this.#since = seconds
    // In whole ns, as a difference of seconds may be a rounding error short of the delay.
    return Math.round((seconds - this.#since) * 1e9) >= this.#delayNs
  }
}

function stateOf({ kind, version, state }: Snapshot): { verdict: Verdict; since: number } {
  if (kind !== KIND) throw new SnapshotIncompatibleError('limits', `the snapshot is of a threshold '${kind}'`)
  if (version !== VERSION) throw new SnapshotIncompatibleError('limits', `version ${version}, expected ${VERSION}`)
  const { verdict, since } = (state ?? {}) as { verdict?: unknown; since?: unknown }
  const isVerdict = verdict === 0 || verdict === 1 || verdict === 2
  if (isVerdict && typeof since === 'number') return { verdict, since }
  throw new SnapshotIncompatibleError('limits', 'the state is not a verdict and a time')
}
