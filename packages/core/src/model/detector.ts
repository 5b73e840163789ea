import type { Channel } from './channel.ts'
import type { ModelRef } from './model-ref.ts'
import type { Samples } from './samples.ts'
import type { Snapshot } from './snapshot.ts'
import type { ThresholdSpec } from './threshold.ts'

/**
 * The description of a detector: options without state. Each stream gets a detector of its own from it.
 *
 * @example
 * ```ts
 * import { robustZ } from '@messwerk/detectors'
 * import type { DetectorSpec } from '@messwerk/core/model'
 *
 * const spec: DetectorSpec = robustZ()
 * spec.create([{ name: 'pressure', unit: 'bar' }]).ready // => false
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface DetectorSpec<N extends string = any> {
  readonly kind: string
  /** Channels it uses; absent = all measured ones. */
  readonly channels?: readonly N[] | undefined
  /**
   * Whether it learns a random sample so small that two of its detectors score differently though they learned almost the same: a limit
   * then holds for the very one that it was found with, and `calibrationScores` does not let it learn again.
   *
   * @defaultValue false
   */
  readonly random?: boolean | undefined
  /**
   * The model that its detectors come with: they are ready at once, and scores and events name it.
   *
   * @defaultValue none: they have to learn
   */
  readonly model?: ModelRef | undefined
  /** The threshold that came with the model; options of `detect` go before it. */
  readonly threshold?: ThresholdSpec | undefined
  /** @throws RangeError when it cannot work on these channels */
  create(channels: readonly Channel[]): Detector
  /** @throws SnapshotIncompatibleError when the snapshot is of another kind, version or shape */
  restore(snapshot: Snapshot): Detector
  /** The same detector for one of its channels alone; what its options say of others is left out. */
  readonly only?: ((channel: string) => DetectorSpec) | undefined
}

/**
 * Scores scans; knows no clock, no labels and no limits.
 *
 * A score is >= 0 and higher means more anomalous; NaN means no answer: not ready, or a value is not finite.
 *
 * @example
 * ```ts
 * import { robustZ } from '@messwerk/detectors'
 *
 * const detector = robustZ().create([{ name: 'pressure', unit: 'bar' }])
 * detector.fit({ channels: ['pressure'], length: 5, values: Float64Array.of(1, 2, 3, 4, 5), seconds: 1 })
 * detector.score({ channels: ['pressure'], length: 1, values: Float64Array.of(3), seconds: 1 }) // => Float64Array.of(0)
 * ```
 */
export interface Detector {
  /** Whether it has learned enough to score. */
  readonly ready: boolean
  /**
   * Whether a score depends on the scans before, learned or not, as with a control chart or a window of the signal. `process` then
   * moves along with every scan, `fit` leaves it behind the last scan it learned, and `score` and `explain` look ahead from where
   * it stands: they tell what `process` would, without moving.
   *
   * @defaultValue false: a score depends on its own scan and on what was learned
   */
  readonly sequential?: boolean
  /** Learns from these scans alone; forgets what it knew. */
  fit(samples: Samples): void
  /** Learns these scans in addition. */
  update(samples: Samples): void
  /** One score a scan, into `out` when given. Learns nothing. */
  score(samples: Samples, out?: Float64Array): Float64Array
  /**
   * For each scan in order: scores it, asks `admit` (default: yes), learns it if admitted.
   * The score of a scan depends on the scans before it only.
   */
  process(samples: Samples, admit?: (score: number, scan: number) => boolean, out?: Float64Array): Float64Array
  /**
   * The share of each channel in the score of one scan: >= 0, they sum to the score. Inside `admit` it speaks of the
   * state that scored.
   */
  explain(samples: Samples, scan: number, out?: Float64Array): Float64Array
  /**
   * The normal band at a score of `limit`, where the detector has one: `out[c]` lower, `out[channels + c]` upper end,
   * in the unit of the channel.
   */
  band?(limit: number, out?: Float64Array): Float64Array
  /**
   * How far each channel of one scan is from normal and to which side, where the detector counts that: in its own deviations,
   * below 0 where the value is too low; NaN where a channel is not used, or where there is no score. Inside `admit` it speaks of the state
   * that scored.
   */
  deviations?(samples: Samples, scan: number, out?: Float64Array): Float64Array
  /** Scans are missing before the next one: what looks back starts anew. */
  gap?(): void
  /** A copy of what it has learned. */
  snapshot(): Snapshot
  /**
   * A copy of what moves with the scans alone, of a sequential detector: what it has learned is in the file of its model, and does not
   * belong into every checkpoint.
   *
   * @defaultValue the whole of `snapshot`
   */
  place?(): Snapshot
  /** Goes on where `place` was taken of a detector of the same model. @throws SnapshotIncompatibleError when it is of another shape */
  goTo?(place: Snapshot): void
}
