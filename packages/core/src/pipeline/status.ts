import type { OutletMetrics } from '../delivery/outlet-metrics.ts'
import type { GapCause } from '../model/gap.ts'

/**
 * How one part of a run is doing.
 *
 * @example
 * ```ts
 * import type { ComponentStatus } from '@messwerk/core'
 *
 * const status: ComponentStatus = {
 *   kind: 'source', state: 'degraded', since: 1_700_000_000_000, why: 'No connection to mqtt://broker; next try in 2 s',
 * }
 * status.state // => 'degraded'
 * ```
 */
export interface ComponentStatus {
  readonly kind: 'source' | 'sink' | 'checkpoints' | 'operator'
  readonly state: 'connecting' | 'running' | 'degraded' | 'stopped'
  /** ms since the Unix epoch. */
  readonly since: number
  /** What is wrong and what happens next, while it is not running; of an operator with models also which one scores. */
  readonly why?: string | undefined
}

/**
 * Declared holes of a source since the start.
 *
 * @example
 * ```ts
 * import type { GapStatus } from '@messwerk/core'
 *
 * const last = { stream: 'press-3', scans: 1000, cause: 'lost', at: 1_700_000_000_000 } as const
 * const gaps: GapStatus = { count: 1, missingScans: 1000, last }
 * gaps.last.cause // => 'lost'
 * ```
 */
export interface GapStatus {
  readonly count: number
  /** Scans missing in those that know their number. */
  readonly missingScans: number
  /** The last one, and when it was noticed, ms since the Unix epoch. */
  readonly last: {
    readonly stream: string
    readonly scans: number | 'unknown'
    readonly cause: GapCause
    readonly at: number
  }
}

/**
 * How a run is doing.
 *
 * @example
 * ```ts
 * import { pipeline, pushSource, type RunStatus } from '@messwerk/core'
 * import { recordingSink } from '@messwerk/core/testing'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * const run = pipeline('pump').from(pump).to(recordingSink()).start()
 * let status: RunStatus | undefined
 * run.status$.subscribe((next) => { status = next })
 * await run.stop()
 * status?.state // => 'stopped'
 * ```
 */
export interface RunStatus {
  readonly state: 'connecting' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed'
  /** ms since the Unix epoch. */
  readonly since: number
  /** Where operator state lives. `in memory`: a crash loses it, open windows among it, but no raw rows. */
  readonly keepsState: 'in memory' | 'checkpoints'
  /**
   * `once`: after a crash or a lost connection every row is in an upserting store once. `at least once`: a source that
   * delivers again gives rows the time of their arrival, so a row may come again under another time; a `time` field of
   * the payload mends that.
   */
  readonly rows: 'once' | 'at least once'
  /** Sources, sinks and checkpoints by id. */
  readonly components: Readonly<Record<string, ComponentStatus>>
  /** Declared holes since the start, by source: those of its blocks and those found between them. */
  readonly gaps: Readonly<Record<string, GapStatus>>
  /** The outlet that the source waits for, while paused. */
  readonly pausedBy?: string | undefined
  /** Why it failed. */
  readonly error?: unknown
}

/**
 * Whether a run lives and whether it does its work, for probes of a supervisor.
 *
 * @example
 * ```ts
 * import type { Health } from '@messwerk/core'
 *
 * const health: Health = { live: true, ready: false, why: ['sink duckdb is degraded: the disk is full'] }
 * health.why.length // => 1
 * ```
 */
export interface Health {
  /** It has neither failed nor ended: no restart is needed. */
  readonly live: boolean
  /** Every source and every required sink is running: data flows. */
  readonly ready: boolean
  /** What keeps it from being ready, a sentence each. */
  readonly why: readonly string[]
}

/**
 * Counters of one source.
 *
 * @example
 * ```ts
 * import type { SourceMetrics } from '@messwerk/core'
 *
 * const metrics: Pick<SourceMetrics, 'batches' | 'retries'> = { batches: 10, retries: 0 }
 * metrics.batches // => 10
 * ```
 */
export interface SourceMetrics {
  readonly batches: number
  readonly scans: number
  /** Declared holes, and the scans missing in those that know their number. */
  readonly gaps: number
  readonly missingScans: number
  /** Of the gaps, those of data that came too late. */
  readonly late: number
  /** Payloads that could not be decoded. */
  readonly rejected: number
  /** Batches delivered again that were known and entered no operator. */
  readonly redelivered: number
  /** Times it was read again after a failure. */
  readonly retries: number
  readonly commits: number
  /** Batches taken and not committed yet. */
  readonly uncommitted: number
  readonly unsettledBytes: number
  /** Age of the oldest batch that is not settled, ms; 0 when there is none. */
  readonly oldestUnsettledMs: number
  /** By split: what lies at the peer behind what was handed over, in units of the source. Absent where it does not know. */
  readonly lag?: Readonly<Record<string, number>> | undefined
}

/**
 * Counters of checkpoints.
 *
 * @example
 * ```ts
 * import type { CheckpointMetrics } from '@messwerk/core'
 *
 * const metrics: Pick<CheckpointMetrics, 'saved' | 'bytes'> = { saved: 10, bytes: 4096 }
 * metrics.saved // => 10
 * ```
 */
export interface CheckpointMetrics {
  readonly saved: number
  readonly failed: number
  /** Of the last one: its age now, what it takes on disk, and how long capture, waiting and saving took. */
  readonly ageMs: number
  readonly bytes: number
  readonly captureMs: number
  readonly waitMs: number
  readonly saveMs: number
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
  /** Blocks that an operator threw on, and payloads that a source could not decode. */
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
  readonly sources: Readonly<Record<string, SourceMetrics>>
  readonly outlets: Readonly<Record<string, OutletMetrics>>
  /** Absent without a checkpoint store. */
  readonly checkpoints?: CheckpointMetrics | undefined
}
