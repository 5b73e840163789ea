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
  /** Score at which an alarm would be raised now. */
  readonly limit: number
  /**
   * The verdict on the next score.
   *
   * @param score - NaN keeps the verdict
   * @param seconds - event time of the scan, since an origin that is fixed for the stream
   */
  decide(score: number, seconds: number): Verdict
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
  /** A threshold in its first state. */
  create(): Threshold
  /** A threshold that goes on from a snapshot. @throws SnapshotIncompatibleError when it is of another kind or version */
  restore(snapshot: Snapshot): Threshold
}
