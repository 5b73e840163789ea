import type { Block } from './block.ts'
import type { SdkError } from './errors.ts'
import type { MeasurementEvent } from './event.ts'
import type { GapCause } from './gap.ts'

/**
 * Position by split.
 *
 * @example
 * ```ts
 * import type { Positions } from '@messwerk/core/model'
 *
 * const positions: Positions = { 'plant/0': 4711 }
 * positions['plant/0'] // => 4711
 * ```
 */
export type Positions = Readonly<Record<string, number>>

/**
 * What a source hands over at once: blocks of one split with one position.
 *
 * @example
 * ```ts
 * import { blockOf, type Batch } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] })
 * const batch: Batch<'a'> = { split: 's', position: 1, blocks: [block] }
 * batch.position // => 1
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface Batch<in C extends string = any> {
  readonly split: string
  /** Position of the last of it: reading from here gives what comes after. Increases within a split. */
  readonly position: number
  readonly blocks: readonly Block<C>[]
  /** Notices of the device. */
  readonly events?: readonly MeasurementEvent[] | undefined
  /** Payloads that could not be decoded: they go to the dead letters. */
  readonly rejected?: readonly Rejected[] | undefined
  /**
   * Ids of the session messages in it, safe integers, by which a redelivery is recognised. A message that may be a
   * redelivery stands in a batch of its own.
   */
  readonly ids?: ArrayLike<number> | undefined
  /**
   * Sequence numbers of the publishers, where they count: first and last of each block, two numbers a block, NaN = none.
   * What is skipped between two blocks of a stream, also over a restart, becomes a gap; within a block nothing is.
   */
  readonly sequences?: Float64Array | undefined
  /** Whether the peer says that this may be a redelivery: then it enters no operator if its id is known. */
  readonly redelivered?: boolean | undefined
  /**
   * What the source wants to know again when it is read on from here, also by another process; short, and its own affair. The
   * newest of each split counts. A spool keeps it beside the position; where there is none it is forgotten.
   */
  readonly memo?: string | undefined
}

/**
 * A payload that a source could not decode.
 *
 * @example
 * ```ts
 * import { DecodeError, type Rejected } from '@messwerk/core/model'
 *
 * const rejected: Rejected = { error: new DecodeError('line/1', 'not JSON'), payload: Uint8Array.of(0x7b), from: 'line/1' }
 * rejected.from // => 'line/1'
 * ```
 */
export interface Rejected {
  readonly error: SdkError
  readonly payload: Uint8Array
  /** Where it came from: the topic, the line. */
  readonly from: string
  /** Its own position in the split, for the dead letter. @defaultValue that of its batch */
  readonly position?: number | undefined
  /**
   * The stream whose scans it held, where that is known: the pipeline declares a gap before the stream's next block, also
   * over a restart. Next is the first block of the batch that ends behind `position`; without a `position`
   * that of a later batch. The source declares no gap for it itself.
   */
  readonly stream?: string | undefined
  /** How many scans it held. @defaultValue unknown */
  readonly scans?: number | undefined
  /** Why they are missing: `late` where they came after their time. @defaultValue 'rejected' */
  readonly cause?: GapCause | undefined
}

/**
 * How a source is doing, as it says itself.
 *
 * @example
 * ```ts
 * import type { SourceReport } from '@messwerk/core/model'
 *
 * const report: SourceReport = { state: 'degraded', why: 'nothing heard from the broker for 90 s' }
 * report.state // => 'degraded'
 * ```
 */
export interface SourceReport {
  readonly state: 'connecting' | 'running' | 'degraded'
  /** Why, and what to do. Never holds credentials. */
  readonly why?: string | undefined
}

/**
 * What a source tells when parts of it are given to this reader or taken away.
 *
 * @example
 * ```ts
 * import type { Splits } from '@messwerk/core/model'
 *
 * const splits: Splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
 * await splits.assigned('plant/0') // => undefined
 * ```
 */
export interface Splits {
  /**
   * Returns the position to read from, or undefined for the source's own start. A source that asks once asks for each of
   * its splits in each `read`: what it hands over of another one is dropped.
   *
   * @throws FencedError when another process has taken the pipeline over: the run ends, nothing more is to be read
   */
  assigned(split: string): Promise<number | undefined>
  /** Resolves when what was read of the split is settled and committed, or at the deadline. */
  revoked(split: string, deadlineMs: number): Promise<void>
  /** The split is already someone else's: nothing of it is committed any more, and what is on its way is dropped. */
  lost(split: string): void
}

/**
 * What a source is given to read.
 *
 * @example
 * ```ts
 * import type { ReadOptions } from '@messwerk/core/model'
 *
 * const options: Pick<ReadOptions, 'from'> = { from: { 'recording.csv': 1200 } }
 * options.from['recording.csv'] // => 1200
 * ```
 */
export interface ReadOptions {
  /** After it aborts, a source hands over what it has taken from its peer and cannot give back, and returns. */
  readonly signal: AbortSignal
  /** Positions to go on after, by split; a split that is not named starts at the source's own start. */
  readonly from: Positions
  /** By split: the newest `memo` of the batches up to `from`, where somebody kept it. */
  readonly memos?: Readonly<Record<string, string>> | undefined
  readonly splits: Splits
  /** Says how the source is doing; `running` only when data has been seen to flow. Absent where nobody listens. */
  readonly report?: ((report: SourceReport) => void) | undefined
  /** Asks for an early checkpoint: the peer's window of uncommitted messages is nearly full. */
  readonly hurry?: (() => void) | undefined
}

/**
 * Where measurements come from: connects, decodes, reports. It never retries by itself, and it never buffers without
 * a bound: not being asked for more is how it is slowed down.
 *
 * @example
 * ```ts
 * import { blockOf, type Source } from '@messwerk/core/model'
 *
 * const source: Source<'a'> = {
 *   id: 'two-values',
 *   replay: 'none',
 *   async *read() {
 *     yield { split: 's', position: 1, blocks: [blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] })] }
 *   },
 * }
 * source.replay // => 'none'
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface Source<in C extends string = any> {
  readonly id: string
  /** `position`: can be read again from any position; `session`: redelivers what was not committed; `none`: neither. */
  readonly replay: 'position' | 'session' | 'none'
  /**
   * Whether its splits are shared out among processes that run the same pipeline, and move from one to another. Operators that
   * join streams of several splits (`align`) are then refused at the start. @defaultValue false
   */
  readonly handsOver?: boolean | undefined
  /**
   * The batches, in order within each split; returns at the end of data.
   *
   * @throws SdkError; `retryable` tells whether reading again may help
   */
  read(options: ReadOptions): AsyncIterable<Batch<C>>
  /** What is up to here need not be delivered again. */
  commit?(at: Positions): Promise<void>
  /**
   * By split that is being read: how much lies at the peer behind what was handed over, in its own units (records of a
   * log), as of its last answer. It asks nobody and must not throw: it is called whenever somebody looks at the metrics.
   */
  lag?(): Readonly<Record<string, number>>
}
