import type { OutletMetrics } from '../delivery/outlet.ts'

/**
 * How a run is doing.
 *
 * @example
 * ```ts
 * import type { RunStatus } from '@messwerk/core'
 *
 * const status: RunStatus = { state: 'running', since: 1_700_000_000_000, keepsState: 'in memory' }
 * status.state // => 'running'
 * ```
 */
export interface RunStatus {
  readonly state: 'connecting' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed'
  /** ms since the Unix epoch. */
  readonly since: number
  /** Where operator state lives: a crash loses what is in memory, open windows among it, but no raw rows. */
  readonly keepsState: 'in memory'
  /** The outlet that the source waits for, while paused. */
  readonly pausedBy?: string | undefined
  /** Why it failed. */
  readonly error?: unknown
}

/**
 * Counters of a run since its start.
 *
 * @example
 * ```ts
 * import type { RunMetrics } from '@messwerk/core'
 *
 * const metrics: Pick<RunMetrics, 'scans' | 'unsettledBytes'> = { scans: 1000, unsettledBytes: 0 }
 * metrics.unsettledBytes // => 0
 * ```
 */
export interface RunMetrics {
  readonly batches: number
  readonly blocks: number
  readonly scans: number
  readonly values: number
  /** Declared holes, and the scans missing in those that know their number. */
  readonly gaps: number
  readonly missingScans: number
  /** Blocks that an operator threw on. */
  readonly rejected: number
  /** Streams whose operator state is kept, and those evicted because there were too many. */
  readonly streams: number
  readonly evictedStreams: number
  readonly commits: number
  /** Data taken from sources that is not durable yet. */
  readonly unsettledBytes: number
  readonly largestUnsettledBytes: number
  /** Time that sources were not asked for more. */
  readonly pausedMs: number
  readonly outlets: Readonly<Record<string, OutletMetrics>>
}
