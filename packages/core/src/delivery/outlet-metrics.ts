import type { SpoolMetrics } from '../model/spool.ts'

/**
 * Counters of one outlet.
 *
 * @example
 * ```ts
 * import type { OutletMetrics } from '@messwerk/core'
 *
 * const metrics: Pick<OutletMetrics, 'items' | 'dropped'> = { items: 10, dropped: 0 }
 * metrics.dropped // => 0
 * ```
 */
export interface OutletMetrics {
  /** Of a spooled outlet: what is on disk; undefined before it is open. */
  readonly spool?: SpoolMetrics | undefined
  /** Items and bytes that are durable. */
  readonly items: number
  readonly bytes: number
  /** Writes by which items became durable. */
  readonly writes: number
  /** Items dropped by a bestEffort outlet: full, or refused; by a spooled one: what its policy dropped. */
  readonly dropped: number
  /** Repetitions of a write or of the connection. */
  readonly retried: number
  /** Items in the dead letters. */
  readonly rejected: number
  /** Attempts that took longer than `timeout`. */
  readonly timeouts: number
  /** What waits here, or is being written. */
  readonly queuedItems: number
  readonly queuedBytes: number
  /** For how long the oldest item of these has been here, ms; 0 when there is none. */
  readonly oldestMs: number
  /** The last error of the sink, also after it went well again. */
  readonly lastError?: string | undefined
}
