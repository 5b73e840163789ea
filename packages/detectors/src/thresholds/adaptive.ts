import {
  type Snapshot,
  SnapshotIncompatibleError,
  type Threshold,
  type ThresholdSpec,
  type Verdict
} from '@messwerk/core/model'

const KIND = 'adaptive'
const VERSION = 1
/** Scores before it trusts its own limit. */
const ENOUGH = 10

/**
 * Options of {@link adaptive}.
 *
 * @example
 * ```ts
 * import type { AdaptiveOptions } from '@messwerk/detectors'
 *
 * const options: AdaptiveOptions = { initial: 1.5, least: 0.8 }
 * options.deviations // => undefined
 * ```
 */
export interface AdaptiveOptions {
  /** How many deviations above the mean of the last scores the limit lies; above 0. @defaultValue 3 */
  readonly deviations?: number | undefined
  /** How fast scores are forgotten: each counts 1 - `discount` of the next; above 0 and below 1. @defaultValue 0.01 */
  readonly discount?: number | undefined
  /** Part of the differences between neighbouring scores in the deviation, 0..1. @defaultValue 0.5 */
  readonly differencing?: number | undefined
  /** Limit until ten scores have come. @defaultValue Infinity: no alarm before */
  readonly initial?: number | undefined
  /** The limit is never lower. @defaultValue 0 */
  readonly least?: number | undefined
}

/**
 * A limit that follows the scores: their discounted mean plus so many discounted deviations. With a random cut forest, `initial: 1.5`
 * and `least: 0.8` it is the thresholded forest of AWS.
 *
 * - An alarm at `score >= limit`, by the limit before the score is learned. A score above the limit is learned as if it were the limit: a
 *   spike hardly moves it, and a lasting change raises it until it is quiet, so nothing is locked out.
 * - The deviation is `1 - differencing` parts that of the scores and `differencing` parts that of the differences between
 *   neighbours: slow swings of the score count less than its noise. A gap starts the differences anew.
 * - It promises no number of false alarms: see `falseAlarms`. It needs no calibration, and O(1) memory.
 *
 * @throws RangeError when an option is out of range
 *
 * @example
 * ```ts
 * import { adaptive } from '@messwerk/detectors'
 *
 * const threshold = adaptive().create()
 * for (let i = 0; i < 100; i += 1) threshold.decide(1 + 0.1 * Math.sin(i), i)
 * threshold.decide(1.1, 100) // => 0
 * threshold.decide(2, 101) // => 2
 * ```
 *
 * Reference: rules of the thresholded random cut forest of random-cut-forest-by-aws
 */
export function adaptive(options: AdaptiveOptions = {}): ThresholdSpec {
  const { deviations = 3, discount = 0.01, differencing = 0.5, initial = Number.POSITIVE_INFINITY, least = 0 } = options
  within('deviations', deviations, 'above 0', deviations > 0 && deviations < Number.POSITIVE_INFINITY)
  within('discount', discount, 'above 0 and below 1', discount > 0 && discount < 1)
  within('differencing', differencing, 'from 0 to 1', differencing >= 0 && differencing <= 1)
  within('initial', initial, 'at least 0', initial >= 0)
  within('least', least, 'finite and at least 0', least >= 0 && least < Number.POSITIVE_INFINITY)
  const parts: Parts = { deviations, discount, differencing, initial, least }
  return {
    kind: KIND,
    create: () => new AdaptiveThreshold(parts, new Float64Array(FIELDS)),
    restore: (snapshot) => new AdaptiveThreshold(parts, stateOf(snapshot))
  }
}

type Parts = { readonly [K in keyof AdaptiveOptions]-?: number }

function within(option: string, value: unknown, rule: string, isWithin: boolean): void {
  if (typeof value !== 'number') throw new TypeError(`adaptive: ${option} must be a number, got ${String(value)}`)
  if (!isWithin) throw new RangeError(`adaptive: ${option} must be ${rule}, got ${value}`)
}

/** Where the state keeps what: for scores and for differences weight, sum and squares. */
const SCORES = 0
const DIFFERENCES = 3
const COUNT = 6
const LAST = 7
const HAS_LAST = 8
const VERDICT = 9
const FIELDS = 10

class AdaptiveThreshold implements Threshold {
  readonly #parts: Parts
  readonly #state: Float64Array

  constructor(parts: Parts, state: Float64Array) {
    this.#parts = parts
    this.#state = state
  }

  get limit(): number {
    const { deviations, differencing, initial, least } = this.#parts
    if (this.#state[COUNT]! < ENOUGH) return Math.max(initial, least)
    const scores = deviationOf(this.#state, SCORES)
    const mean = this.#state[SCORES + 1]! / this.#state[SCORES]!
    const deviation = (1 - differencing) * scores + differencing * deviationOf(this.#state, DIFFERENCES)
    return Math.max(least, mean + deviations * deviation)
  }

  decide(score: number, _seconds: number): Verdict {
    const state = this.#state
    if (Number.isNaN(score)) return verdictOf(state)
    const { limit } = this
    state[VERDICT] = score >= limit ? 2 : 0
    const learned = Math.min(score, limit)
    if (state[HAS_LAST] === 1) learn(state, DIFFERENCES, learned - state[LAST]!, this.#parts.discount)
    learn(state, SCORES, learned, this.#parts.discount)
    state[LAST] = learned
    state[HAS_LAST] = 1
    state[COUNT] = Math.min(state[COUNT]! + 1, ENOUGH)
    return verdictOf(state)
  }

  gap(): void {
    this.#state[HAS_LAST] = 0
  }

  reset(): void {
    this.#state.fill(0)
  }

  snapshot(): Snapshot {
    return { kind: KIND, version: VERSION, state: { values: this.#state.slice() } }
  }
}

function learn(state: Float64Array, at: number, value: number, discount: number): void {
  state[at] = state[at]! * (1 - discount) + 1
  state[at + 1] = state[at + 1]! * (1 - discount) + value
  state[at + 2] = state[at + 2]! * (1 - discount) + value * value
}

function deviationOf(state: Float64Array, at: number): number {
  if (state[at] === 0) return 0
  const mean = state[at + 1]! / state[at]!
  return Math.sqrt(Math.max(0, state[at + 2]! / state[at]! - mean * mean))
}

function verdictOf(state: Float64Array): Verdict {
  return state[VERDICT] === 2 ? 2 : 0
}

function stateOf({ kind, version, state }: Snapshot): Float64Array {
  if (kind !== KIND) throw new SnapshotIncompatibleError(KIND, `the snapshot is of a threshold '${kind}'`)
  if (version !== VERSION) throw new SnapshotIncompatibleError(KIND, `version ${version}, expected ${VERSION}`)
  const { values } = Object(state) as { values?: Float64Array }
  if (Object.prototype.toString.call(values) === '[object Float64Array]' && values!.length === FIELDS)
    return values!.slice()
  throw new SnapshotIncompatibleError(KIND, `the state is not ${FIELDS} numbers`)
}
