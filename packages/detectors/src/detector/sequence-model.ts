import type { LearnedScans } from './learned-scans.ts'
import type { SnapshotReader } from './snapshot-reader.ts'

/**
 * What a detector is made of whose score depends on the scans before, learned or not: a chart, a window of the signal. Rows hold one
 * finite value for each used channel.
 *
 * @internal
 */
export interface SequenceModel {
  /** Whether it has learned enough to score. */
  readonly ready: boolean
  /** `fit` also wants the scans of which some values are missing, with NaN in their place. */
  readonly fitsPartial?: boolean
  /** Forgets everything and learns these scans; it then stands behind the last of them. */
  fit(scans: LearnedScans): void
  /** Moves on by one scan and returns its score, >= 0; NaN while not ready or while the past is too short. */
  advance(row: Float64Array, seconds: number): number
  /** A scan without a usable value: it has no score, and time has passed. */
  skip(seconds: number): void
  /** Learns the scan that it was moved on by last. */
  learn(row: Float64Array, seconds: number): void
  /** The share of each used channel in the score that `advance` returned last: >= 0, they sum to it. */
  explain(score: number, shares: Float64Array): void
  /** Scans are missing before the next one: what looks back starts anew. */
  gap(): void
  /** Remembers where it stands; nothing is learned between `mark` and `back`. */
  mark(): void
  /** Stands again where it stood at `mark`. */
  back(): void
  /** The normal band of each used channel at a limit of the score. */
  band?(limit: number, lower: Float64Array, upper: Float64Array): void
  /** How far each used channel is from normal, signed, in deviations, at the scan that it was moved on by last. The caller caps it. */
  deviations?(out: Float64Array): void
  /** Copies of all that restoring needs: plain values and typed arrays. */
  state(): Record<string, unknown>
  /** The part of `state` that moves with the scans though nothing is learned. With `goTo`, or neither. */
  place?(): Record<string, unknown>
  /** Stands where `place` was taken of a model that has learned the same. */
  goTo?(reader: SnapshotReader): void
}
