import {
  type Limits,
  limits,
  type Snapshot,
  SnapshotIncompatibleError,
  type Threshold,
  type ThresholdSpec,
  type Verdict
} from '@messwerk/core/model'
import type { AlarmPromise } from './alarm-promise.ts'

/** What a calibration has found: plain values, as it is part of checkpoints. @internal */
export interface Found {
  readonly limits: Limits
  readonly learnBelow?: number
  readonly summary: string
  readonly promise?: AlarmPromise
}

/** @internal */
export interface CalibratedParts<F extends Found> {
  /** Name of the function that users call, as in messages, and of its snapshots. */
  readonly kind: string
  /** Options that must be the same when a snapshot is restored, as a text; part of it. */
  readonly settings: string
  /** Finds the limits. @param scores - without NaN @param seconds - of these scores */
  find(scores: Float64Array, seconds: Float64Array): F
}

interface State<F> {
  readonly settings: string
  readonly found: F | undefined
  readonly inner: Snapshot | undefined
}

/** @internal */
export interface Calibrated<F> {
  readonly found?: F
  readonly inner?: Threshold
}

/** Limits that are found by a calibration. @internal */
export class CalibratedThreshold<F extends Found> implements Threshold {
  readonly #parts: CalibratedParts<F>
  #found: F | undefined
  #inner: Threshold | undefined

  constructor(parts: CalibratedParts<F>, { found, inner }: Calibrated<F> = {}) {
    this.#parts = parts
    this.#found = found
    this.#inner = inner
  }

  get promise(): AlarmPromise | undefined {
    return this.#found?.promise
  }

  get limit(): number {
    return this.#inner?.limit ?? Number.NaN
  }

  get learnBelow(): number {
    return this.#found?.learnBelow ?? this.limit
  }

  get summary(): string | undefined {
    return this.#found?.summary
  }

  calibrate(scores: Float64Array, seconds: Float64Array): void {
    const known = scores.filter((score) => !Number.isNaN(score))
    const times = seconds.filter((_, i) => !Number.isNaN(scores[i]!))
    this.#found = this.#parts.find(known, times)
    this.#inner = limits(this.#found.limits).create()
  }

  decide(score: number, seconds: number): Verdict {
    return this.#inner?.decide(score, seconds) ?? 0
  }

  gap(): void {
    this.#inner?.gap?.()
  }

  reset(): void {
    this.#inner?.reset?.()
  }

  snapshot(): Snapshot {
    const { kind, settings } = this.#parts
    const state: State<F> = { settings, found: structuredClone(this.#found), inner: this.#inner?.snapshot() }
    return { kind, version: 1, state }
  }
}

/** @internal */
export function calibratedSpec<F extends Found>(parts: CalibratedParts<F>): ThresholdSpec {
  return {
    kind: parts.kind,
    calibrates: true,
    create: () => new CalibratedThreshold(parts),
    restore: (snapshot) => new CalibratedThreshold(parts, calibratedState(parts, snapshot))
  }
}

/** What a snapshot holds. @throws SnapshotIncompatibleError when it is of another threshold @internal */
export function calibratedState<F extends Found>(parts: CalibratedParts<F>, snapshot: Snapshot): Calibrated<F> {
  const { found, inner } = stateOf(parts, snapshot)
  if (found === undefined || inner === undefined) return {}
  return { found: structuredClone(found), inner: limits(found.limits).restore(inner) }
}

function stateOf<F extends Found>(parts: CalibratedParts<F>, { kind, version, state }: Snapshot): State<F> {
  const refuse = (why: string): never => {
    throw new SnapshotIncompatibleError(parts.kind, why)
  }
  if (kind !== parts.kind) refuse(`the snapshot is of a threshold '${kind}'`)
  if (version !== 1) refuse(`version ${version}, expected 1`)
  if (typeof state !== 'object' || state === null) refuse('it holds no state')
  const found = state as State<F>
  if (found.settings !== parts.settings) {
    refuse(`it was calibrated with ${found.settings}, this one has ${parts.settings}: relearn`)
  }
  return found
}

/** @throws RangeError when there are fewer scores than a threshold needs @internal */
export function needScores(factory: string, least: number, scores: Float64Array): void {
  if (scores.length >= least) return
  throw new RangeError(
    `${factory}: needs at least ${least} scores of normal operation, got ${scores.length}: let the detector learn longer`
  )
}
