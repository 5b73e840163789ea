import type { Snapshot } from './snapshot.ts'

/**
 * What a drift test has found.
 *
 * @example
 * ```ts
 * import { pageHinkleyDrift } from '@messwerk/detectors'
 * import type { Drift } from '@messwerk/core/model'
 *
 * const test = pageHinkleyDrift({ threshold: 20 }).create()
 * let found: Drift | undefined
 * for (let i = 0; i < 100; i += 1) found ??= test.update(i < 50 ? 0 : 3)
 * found?.before // => 0.4138…
 * ```
 */
export interface Drift {
  /** What was above the limit: see the test for its unit. */
  readonly statistic: number
  readonly limit: number
  /** Mean of the values before. */
  readonly before: number
  /** Mean of the values that differ from them, where the test knows it. */
  readonly after?: number
  /** Probability of so large a difference where there is none, where the test works one out. */
  readonly p?: number
}

/**
 * Watches the values of one channel, or a score, for a lasting change of their distribution. It says so and does nothing else: what
 * follows from a drift is decided elsewhere. After a drift it begins anew with what comes.
 *
 * @example
 * ```ts
 * import { adwin } from '@messwerk/detectors'
 * import type { DriftTest } from '@messwerk/core/model'
 *
 * const test: DriftTest = adwin().create()
 * test.update(5) // => undefined
 * ```
 */
export interface DriftTest {
  /** Takes the next value; one that is not finite is left out. Returns what has drifted, at the value that shows it. */
  update(value: number): Drift | undefined
  /** A copy of all it remembers. */
  snapshot(): Snapshot
}

/**
 * The description of a drift test: options without state.
 *
 * @example
 * ```ts
 * import { adwin } from '@messwerk/detectors'
 * import type { DriftSpec } from '@messwerk/core/model'
 *
 * const spec: DriftSpec = adwin({ delta: 0.001 })
 * spec.kind // => 'adwin'
 * ```
 */
export interface DriftSpec {
  readonly kind: string
  /** A test that has seen nothing. */
  create(): DriftTest
  /** @throws SnapshotIncompatibleError when the snapshot is of another kind, version or shape */
  restore(snapshot: Snapshot): DriftTest
}
