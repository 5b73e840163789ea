import type { Batch, Positions } from './source.ts'

/**
 * A batch as it stands in a spool.
 *
 * @example
 * ```ts
 * import type { SpoolRecord } from '@messwerk/core/model'
 *
 * const record: SpoolRecord = { position: 7, at: 1_700_000_000_000, batch: { split: 's', position: 12, blocks: [] } }
 * record.position // => 7
 * ```
 */
export interface SpoolRecord {
  /** In the spool; increases by one from batch to batch and is never given twice. */
  readonly position: number
  /** When it arrived first, ms since the Unix epoch. */
  readonly at: number
  /** As it was appended. What is missing of a stream is declared as the gap of its next block. */
  readonly batch: Batch
  /** Batches that are missing right before this one: damaged, or dropped by the declared policy. Absent = none. */
  readonly missing?: number | undefined
}

/**
 * What a spool holds and what became of the rest.
 *
 * @example
 * ```ts
 * import type { SpoolMetrics } from '@messwerk/core/model'
 *
 * const metrics: Pick<SpoolMetrics, 'droppedScans' | 'lostRecords'> = { droppedScans: 0, lostRecords: 0 }
 * metrics.lostRecords // => 0
 * ```
 */
export interface SpoolMetrics {
  /** Batches and bytes on disk, released segments not counted. */
  readonly records: number
  readonly bytes: number
  readonly segments: number
  /** Batches that became durable since it was opened. */
  readonly appended: number
  /** Batches and scans that the policy `onFull` or `age` dropped. */
  readonly droppedRecords: number
  readonly droppedScans: number
  /** Batches that are on disk no more although they were durable: damage. */
  readonly lostRecords: number
  /** Batches that wait in memory: for room, for the disk, for the next sync. */
  readonly waiting: number
  /** Writes that failed and were repeated. */
  readonly retried: number
}

/**
 * How a spool is doing: `degraded` while the disk refuses, or while it is full and waits for room.
 *
 * @example
 * ```ts
 * import type { SpoolState } from '@messwerk/core/model'
 *
 * const state: SpoolState = { state: 'degraded', why: 'the disk is full' }
 * state.state // => 'degraded'
 * ```
 */
export interface SpoolState {
  readonly state: 'running' | 'degraded'
  readonly why?: string | undefined
  /** What the disk said; `retryable` while it is tried again. */
  readonly error?: Error | undefined
}

/**
 * How a spool is read.
 *
 * @example
 * ```ts
 * import type { SpoolReadOptions } from '@messwerk/core/model'
 *
 * const all: SpoolReadOptions = { follow: false }
 * all.follow // => false
 * ```
 */
export interface SpoolReadOptions {
  /** Goes on after this position. @defaultValue before the first that is held */
  readonly from?: number | undefined
  /** Whether to wait for more at the end. @defaultValue true */
  readonly follow?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * A log of batches that outlives the process: one writer, several readers, bounded.
 *
 * @example
 * ```ts
 * import { blockOf } from '@messwerk/core/model'
 * import { fileSpool } from '@messwerk/core/node'
 *
 * const spool = await fileSpool({ path: 'spool-of-pump', bytes: '16MiB', fsync: 'each' })
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [3.1, 3.2] })
 * await spool.append({ split: 'pump-1', position: 1, blocks: [block] }) // => 1
 * const lengths: number[] = []
 * for await (const { batch } of spool.read({ follow: false })) lengths.push(batch.blocks[0]?.length ?? 0)
 * await spool.close()
 * lengths // => [2]
 * ```
 */
export interface Spool {
  readonly id: string
  readonly metrics: SpoolMetrics
  readonly state: SpoolState
  /** Position of the first record that is held, or of the next where none is. */
  readonly first: number
  /** Position of the last record that is durable; readers see no more than these. */
  readonly durable: number
  /** The last position by split of what was appended, in the source's own counting: where to read it from. */
  readonly positions: Positions
  /** Whether the id of a session message is among the last 65 536 that were appended. */
  hasSeen(id: number): boolean
  /**
   * Takes a batch. Resolves with its position when it is durable, with undefined when the policy dropped it. While the
   * disk refuses, or while a full spool that blocks has no room, it waits in memory: see `room`.
   *
   * @param at - first arrival, ms since the Unix epoch. @defaultValue now
   * @throws FencedError, or StorageError that is not retryable: nothing can be appended any more
   */
  append(batch: Batch, at?: number): Promise<number | undefined>
  /** Undefined when more may be appended now; otherwise resolves when that is so. */
  room(): Promise<void> | undefined
  /** Makes durable what was appended, without waiting for the next sync. */
  flush(): Promise<void>
  /** What is durable, in order, each with its position; ends with the signal, or at the end without `follow`. */
  read(options?: SpoolReadOptions): AsyncIterable<SpoolRecord>
  /** Records up to here are not needed any more; whole segments go. */
  release(to: number): Promise<void>
  /** A small text beside the log, for a reader that remembers where it is. */
  readonly cursor: string | undefined
  /** Replaces the text, durably and as a whole. */
  saveCursor(text: string): Promise<void>
  /** Makes durable what was appended, lets go of the folder; harmless when called twice. */
  close(): Promise<void>
}
