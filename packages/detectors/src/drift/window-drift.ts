import type { Drift, DriftSpec } from '@messwerk/core/model'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { normalQuantile } from '../statistics/quantiles.ts'
import { quantileOf } from '../statistics/running-median.ts'
import { checkPart, checkWhole, type DriftModel, driftSpec } from './drift-spec.ts'
import { effectiveSize } from './effective-size.ts'

/**
 * Options of the drift tests that compare a recent window with a reference.
 *
 * @example
 * ```ts
 * import { ksDrift, type WindowDriftOptions } from '@messwerk/detectors'
 *
 * const week: WindowDriftOptions = { reference: 7 * 1440, recent: 1440, every: 60 }
 * ksDrift(week).kind // => 'ks-drift'
 * ```
 */
export interface WindowDriftOptions {
  /** Values of the reference: the first ones, and after a drift the ones that follow it. @defaultValue 500 */
  readonly reference?: number
  /** The last values, which are compared with it. Whole periods of anything that repeats, a day for instance. @defaultValue 200 */
  readonly recent?: number
  /** Values from one test to the next. @defaultValue a quarter of `recent` */
  readonly every?: number
  /** Probability of a false drift at a test. @defaultValue 0.0001 */
  readonly delta?: number
}

/** How two windows are compared. @internal */
export interface Comparison {
  /** Size of the effect, in the unit of the test, and how improbable it is: p. Both windows ascending. */
  compare(reference: Float64Array, recent: Float64Array, effective: number): { statistic: number; p: number }
}

interface WindowRules {
  readonly reference: number
  readonly recent: number
  readonly every: number
  readonly delta: number
  readonly limit: number
}

/** @internal */
export function windowDriftSpec(
  factory: string,
  kind: string,
  options: WindowDriftOptions,
  effect: { readonly option: string; readonly limit: number },
  comparison: Comparison
): DriftSpec {
  const { reference = 500, recent = 200, delta = 0.0001 } = options
  const every = options.every ?? Math.max(1, Math.floor(recent / 4))
  checkWhole(factory, 'reference', reference, 20)
  checkWhole(factory, 'recent', recent, 20)
  checkWhole(factory, 'every', every, 1)
  checkPart(factory, 'delta', delta)
  const { option, limit } = effect
  if (!(limit > 0 && limit < Number.POSITIVE_INFINITY))
    throw new RangeError(`${factory}: ${option} must be finite and above 0, got ${String(limit)}`)
  const rules = { reference, recent, every, delta, limit }
  const settings = { options: Object.values(rules).join(', ') }
  return driftSpec(kind, settings, () => new WindowDrift(rules, comparison))
}

/** The reference fills first, then a ring of the recent values is compared with it now and then. */
class WindowDrift implements DriftModel {
  readonly #rules: WindowRules
  readonly #comparison: Comparison
  readonly #reference: Float64Array
  readonly #ring: Float64Array
  /** Values that went into the reference, and into the ring since the reference is full. */
  #learned = 0
  #seen = 0
  /** The reference ascending, once it is full, and what it is worth in independent values. */
  #sorted: Float64Array | undefined
  #worth = 0

  constructor(rules: WindowRules, comparison: Comparison) {
    this.#rules = rules
    this.#comparison = comparison
    this.#reference = new Float64Array(rules.reference)
    this.#ring = new Float64Array(rules.recent)
  }

  update(value: number): Drift | undefined {
    const { reference, recent, every } = this.#rules
    if (this.#learned < reference) {
      this.#learn(value)
      return undefined
    }
    this.#ring[this.#seen % recent] = value
    this.#seen += 1
    if (this.#seen < recent || (this.#seen - recent) % every !== 0) return undefined
    return this.#test()
  }

  state(): Record<string, unknown> {
    const counts = Float64Array.of(this.#learned, this.#seen)
    return { reference: this.#reference.slice(), ring: this.#ring.slice(), counts }
  }

  restore(reader: SnapshotReader): void {
    this.#reference.set(reader.floats('reference', this.#reference.length))
    this.#ring.set(reader.floats('ring', this.#ring.length))
    const [learned, seen] = reader.floats('counts', 2)
    this.#learned = learned!
    this.#seen = seen!
    if (this.#learned === this.#reference.length) this.#close()
  }

  #learn(value: number): void {
    this.#reference[this.#learned] = value
    this.#learned += 1
    if (this.#learned === this.#reference.length) this.#close()
  }

  #close(): void {
    this.#sorted = this.#reference.slice().sort()
    this.#worth = effectiveSize(this.#reference)
  }

  #test(): Drift | undefined {
    const { delta, limit } = this.#rules
    const recent = this.#recentInOrder()
    // How values hang together is asked of the reference alone: a shift within the recent window looks like hanging together.
    const [one, two] = [this.#worth, (this.#worth * recent.length) / this.#reference.length]
    const ascending = recent.slice().sort()
    const { statistic, p } = this.#comparison.compare(this.#sorted!, ascending, (one * two) / (one + two))
    if (!(statistic > limit && p < delta)) return undefined
    const found = { statistic, limit, p, before: meanOf(this.#sorted!), after: meanOf(ascending) }
    // The recent values may be of before and after the change: the next reference is what comes.
    this.#learned = this.#seen = 0
    return found
  }

  #recentInOrder(): Float64Array {
    const from = this.#seen % this.#ring.length
    const values = new Float64Array(this.#ring.length)
    values.set(this.#ring.subarray(from))
    values.set(this.#ring.subarray(0, from), this.#ring.length - from)
    return values
  }
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i += 1) sum += values[i]!
  return sum / values.length
}

/** Standard deviation, at least a trace of the values. @internal */
export function spreadOf(values: Float64Array): number {
  const mean = meanOf(values)
  let squares = 0
  for (let i = 0; i < values.length; i += 1) squares += (values[i]! - mean) * (values[i]! - mean)
  return Math.max(Math.sqrt(squares / values.length), 1e-12 * Math.abs(mean), 1e-300)
}

/** Upper ends of all but the last of `bins` bins with equal parts of these ascending values; equal ones once. @internal */
export function edgesOf(sorted: Float64Array, bins: number): Float64Array {
  const edges = Array.from({ length: bins - 1 }, (_, b) => quantileOf(sorted, sorted.length, (b + 1) / bins))
  return Float64Array.from(edges.filter((edge, b) => b === 0 || edge > edges[b - 1]!))
}

/**
 * Probability that a chi-squared number is above `x`: its sum for whole degrees of freedom.
 *
 * @param degrees - whole number from 1
 * @internal
 */
export function chiSquaredTail(x: number, degrees: number): number {
  if (!(x > 0)) return 1
  const half = x / 2
  const isOdd = degrees % 2 === 1
  let tail = isOdd ? 2 * tailOf(Math.sqrt(x)) : Math.exp(-half)
  // half^a e^-half / Gamma(a + 1) for a = 1/2, 3/2 … or 1, 2 …
  let term = isOdd ? 2 * Math.sqrt(half / Math.PI) * Math.exp(-half) : half * Math.exp(-half)
  for (let a = isOdd ? 0.5 : 1; a < degrees / 2; a += 1) {
    tail += term
    term *= half / (a + 1)
  }
  return Math.min(1, tail)
}

/** Probability that a standard normal number is above `z`. */
function tailOf(z: number): number {
  if (z < 0) return 1 - tailOf(-z)
  let [low, high] = [0, 0.5]
  for (let k = 0; k < 60; k += 1) {
    const middle = (low + high) / 2
    if (normalQuantile(middle) > z) low = middle
    else high = middle
  }
  return (low + high) / 2
}
