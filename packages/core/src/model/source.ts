import type { Block } from './block.ts'
import type { MeasurementEvent } from './event.ts'

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
  /** Id of a session message, by which a redelivery is recognised. */
  readonly id?: string | undefined
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
  /** Returns the position to read from, or undefined for the source's own start. */
  assigned(split: string): Promise<number | undefined>
  /** Resolves when what was read of the split is settled and committed, or at the deadline. */
  revoked(split: string, deadlineMs: number): Promise<void>
  /** The split is already someone else's: nothing of it is committed any more. */
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
  readonly splits: Splits
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
   * The batches, in order within each split; returns at the end of data.
   *
   * @throws SdkError; `retryable` tells whether reading again may help
   */
  read(options: ReadOptions): AsyncIterable<Batch<C>>
  /** What is up to here need not be delivered again. */
  commit?(at: Positions): Promise<void>
}
