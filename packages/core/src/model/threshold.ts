import type { Snapshot } from './snapshot.ts'

/**
 * 0 normal, 1 warning, 2 alarm.
 *
 * @example
 * ```ts
 * import type { Verdict } from '@messwerk/core/model'
 *
 * const verdict: Verdict = 2
 * verdict // => 2
 * ```
 */
export type Verdict = 0 | 1 | 2

/**
 * Turns scores into verdicts.
 *
 * @example
 * ```ts
 * import { limits } from '@messwerk/core'
 * import type { Threshold } from '@messwerk/core/model'
 *
 * const threshold: Threshold = limits({ raise: 6, clear: 4 }).create()
 * threshold.decide(7, 0) // => 2
 * threshold.decide(5, 1) // => 2
 * threshold.decide(3, 2) // => 0
 * ```
 */
export interface Threshold {
  /** Score at which an alarm would be raised now; NaN where it is not calibrated, and then every verdict is 0. */
  readonly limit: number
  /**
   * Score from which on an adapting detector does not learn a scan, whatever the verdict.
   *
   * @defaultValue `limit`
   */
  readonly learnBelow?: number | undefined
  /** What it can say of its limit, in a line: `at most 1 alarm a week: limit 4.1, 4 of 7 scans`. */
  readonly summary?: string | undefined
  /**
   * The verdict on the next score.
   *
   * @param score - NaN keeps the verdict
   * @param seconds - event time of the scan, since an origin that is fixed for the stream
   */
  decide(score: number, seconds: number): Verdict
  /**
   * Finds its limit.
   *
   * @param scores - of normal operation that the detector had not learned, in order; NaN = none
   * @param seconds - event time of each, since any fixed origin
   * @throws RangeError when these scores are too few for what it has to keep
   */
  calibrate?(scores: Float64Array, seconds: Float64Array): void
  /** The scans from here on are of a new normal: the verdict is 0, what was calibrated stays. */
  reset?(): void
  /** Scans are missing before the next one: what counts time or scans in a row starts again. */
  gap?(): void
  /** A copy of its state. */
  snapshot(): Snapshot
}

/**
 * The description of a threshold: options without state. Each stream gets a threshold of its own from it.
 *
 * @example
 * ```ts
 * import { limits } from '@messwerk/core'
 *
 * limits({ raise: 6 }).create().limit // => 6
 * ```
 */
export interface ThresholdSpec {
  readonly kind: string
  /** Whether its thresholds need `calibrate` before they have a limit. @defaultValue false */
  readonly calibrates?: boolean | undefined
  /** A threshold in its first state. */
  create(): Threshold
  /** A threshold that goes on from a snapshot. @throws SnapshotIncompatibleError when it is of another kind or version */
  restore(snapshot: Snapshot): Threshold
}
