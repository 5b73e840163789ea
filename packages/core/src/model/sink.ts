/**
 * Where blocks or events go.
 *
 * Rows are identified by stream and event time (ties: position), events by id, never by block: writing the same twice
 * changes nothing. Batching, waiting and counting are the outlet's work, not the sink's.
 *
 * @example
 * ```ts
 * import type { Block, Sink } from '@messwerk/core/model'
 *
 * const seen: number[] = []
 * const sink: Sink<Block> = { write: async (blocks) => { for (const block of blocks) seen.push(block.length) } }
 * await sink.write([], AbortSignal.timeout(1000))
 * seen // => []
 * ```
 */
export interface Sink<in T> {
  /** Name in logs, status and errors. @defaultValue the position in the pipeline */
  readonly id?: string | undefined
  /** Connects; called once before the first write. */
  open?(signal: AbortSignal): Promise<void>
  /** Resolves when all items are durable. @throws BatchError that names the failed items when only some failed */
  write(items: readonly T[], signal: AbortSignal): Promise<void>
  /** Flushes and disconnects; harmless when called twice. */
  close?(): Promise<void>
}
