import type { Gap } from './gap.ts'
import type { Stream } from './stream.ts'

/**
 * The state of one step of a pipeline for one stream.
 *
 * @example
 * ```ts
 * import { defineStream, type StepState } from '@messwerk/core/model'
 *
 * const stream = defineStream({ id: 'pump-1', channels: [{ name: 'pressure', unit: 'bar' }] })
 * const step: StepState = { step: '0 rms', version: 1, state: { pending: undefined }, stream }
 * step.step // => '0 rms'
 * ```
 */
export interface StepState {
  /** Place and id of the operator in the pipeline. */
  readonly step: string
  /** Of the operator. */
  readonly version: number
  /** Plain values and typed arrays, copied. */
  readonly state: unknown
  /** The stream as it comes to the operator. */
  readonly stream: Stream
}

/**
 * Operator state of one stream of one split.
 *
 * @example
 * ```ts
 * import { defineStream, type LaneState } from '@messwerk/core/model'
 *
 * const stream = defineStream({ id: 'pump-1', channels: [{ name: 'pressure', unit: 'bar' }] })
 * const lane: LaneState = { stream, steps: [] }
 * lane.stream.id // => 'pump-1'
 * ```
 */
export interface LaneState {
  readonly stream: Stream
  /** Last sequence number of the stream's publisher, where it counts. */
  readonly sequence?: number | undefined
  readonly steps: readonly StepState[]
}

/**
 * What a checkpoint holds of one split of one source: enough for another process to go on there.
 *
 * @example
 * ```ts
 * import type { SplitState } from '@messwerk/core/model'
 *
 * const split: SplitState = { source: 'plant.csv', split: 'plant.csv', at: 4711, lanes: [] }
 * split.at // => 4711
 * ```
 */
export interface SplitState {
  readonly source: string
  readonly split: string
  /** Position of the last batch that has gone through the operators. */
  readonly at: number
  /** Ids of session messages that may be delivered again. */
  readonly seen?: Float64Array | undefined
  /** Holes that no block of their stream has carried yet, by the stream's id. */
  readonly gaps?: readonly (readonly [stream: string, gap: Gap])[] | undefined
  readonly lanes: readonly LaneState[]
}

/**
 * Operator state and the source positions it belongs to. Everything up to these positions is settled.
 *
 * @example
 * ```ts
 * import type { Checkpoint } from '@messwerk/core/model'
 *
 * const checkpoint: Checkpoint = { number: 1, takenAt: 1_700_000_000_000, steps: ['0 rms'], splits: [] }
 * checkpoint.number // => 1
 * ```
 */
export interface Checkpoint {
  /** Counts up from 1, also over restarts. */
  readonly number: number
  /** ms since the Unix epoch. */
  readonly takenAt: number
  /** The operators of the pipeline, in order: `0 rms`. */
  readonly steps: readonly string[]
  readonly splits: readonly SplitState[]
}

/**
 * A claim on the checkpoints of a pipeline. A later claim fences it: its saves are refused.
 *
 * @example
 * ```ts
 * import { memoryCheckpoints } from '@messwerk/core/testing'
 *
 * const first = await memoryCheckpoints().claim('press-3')
 * first.latest // => undefined
 * ```
 */
export interface CheckpointClaim {
  /** Higher than that of every earlier claim. */
  readonly generation: number
  /** The newest whole checkpoint, if there is one. */
  readonly latest: Checkpoint | undefined
  /** Why newer checkpoints could not be used, a sentence each. */
  readonly skipped?: readonly string[] | undefined
  /**
   * Resolves with the bytes written when the checkpoint would survive a power cut.
   *
   * @throws FencedError after a later claim; StorageError
   */
  save(checkpoint: Checkpoint): Promise<number>
  /**
   * Whether this claim still holds, at little cost: asked before a source is read again.
   *
   * @throws FencedError after a later claim; StorageError when that cannot be found out
   */
  check?(): Promise<void>
  /**
   * Takes over one split, where processes that run the same pipeline share its splits out. A later take by another process fences this
   * claim for that split alone. `latest` is then undefined, and `save` is given the splits that were taken; what it is given of
   * one that is someone else's by now is not kept, and `fenced` is told.
   *
   * @throws StorageError; SnapshotIncompatibleError when only checkpoints of a newer format are there
   */
  take?(source: string, split: string, tell: TakeListener): Promise<TakenSplit>
  /** Lets go; harmless when called twice. */
  close?(): Promise<void>
}

/**
 * What a claim tells of a split that it takes.
 *
 * @example
 * ```ts
 * import type { TakeListener } from '@messwerk/core/model'
 *
 * const tell: TakeListener = { progress: (share) => share, fenced: () => {} }
 * Object.keys(tell) // => ['progress', 'fenced']
 * ```
 */
export interface TakeListener {
  /** Which share of what there is to read has been read, 0..1. */
  progress(share: number): void
  /** Another process has the split: before the save that found it out resolves. */
  fenced(): void
}

/**
 * A split that was taken over.
 *
 * @example
 * ```ts
 * import { memoryCheckpoints } from '@messwerk/core/testing'
 *
 * const claim = await memoryCheckpoints({ shared: true }).claim('press-3')
 * await claim.take?.('line', 'line/0', { progress: () => {}, fenced: () => {} }) // => { checkpoint: undefined, isOurs: false }
 * ```
 */
export interface TakenSplit {
  /** The newest checkpoint, of this split alone; undefined where nobody has saved one. */
  readonly checkpoint: Checkpoint | undefined
  /** Whether this claim took the split before and no other has taken it since. */
  readonly isOurs: boolean
}

/**
 * Where checkpoints are kept.
 *
 * @example
 * ```ts
 * import type { CheckpointStore } from '@messwerk/core/model'
 * import { memoryCheckpoints } from '@messwerk/core/testing'
 *
 * const store: CheckpointStore = memoryCheckpoints()
 * const claim = await store.claim('press-3')
 * await claim.save({ number: 1, takenAt: 0, steps: [], splits: [] })
 * const next = await store.claim('press-3')
 * next.latest?.number // => 1
 * ```
 */
export interface CheckpointStore {
  /**
   * Takes over the checkpoints of a pipeline.
   *
   * @param pipeline - the pipeline's id
   * @throws StorageError; SnapshotIncompatibleError when only checkpoints of a newer format are there
   */
  claim(pipeline: string): Promise<CheckpointClaim>
  /**
   * The newest checkpoint, without taking anything over: asked before `claim`, so that a start that is refused fences nobody.
   *
   * @param pipeline - the pipeline's id
   * @throws as `claim` does
   */
  latest?(pipeline: string): Promise<Checkpoint | undefined>
}
