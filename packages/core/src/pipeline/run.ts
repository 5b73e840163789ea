import type { Observable } from 'rxjs'
import type { RetryOptions } from '../delivery/retry-policy.ts'
import type { Block } from '../model/block.ts'
import type { CheckpointStore } from '../model/checkpoint.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import type { Sink } from '../model/sink.ts'
import type { Duration, Size } from '../model/span.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Log } from './log.ts'
import type { Health, RunMetrics, RunStatus } from './status.ts'

/**
 * How operator state is kept.
 *
 * @example
 * ```ts
 * import type { CheckpointOptions } from '@messwerk/core'
 * import { memoryCheckpoints } from '@messwerk/core/testing'
 *
 * const options: CheckpointOptions = { store: memoryCheckpoints(), every: '200ms' }
 * options.every // => '200ms'
 * ```
 */
export interface CheckpointOptions {
  /** @defaultValue '1s' */
  readonly every?: Duration | undefined
  /** @defaultValue files in the directory */
  readonly store?: CheckpointStore | undefined
  /**
   * What happens when the operators have changed since the checkpoint: the start is refused, or they start without
   * state at the positions of the checkpoint.
   *
   * @defaultValue 'refuse'
   */
  readonly onMismatch?: 'refuse' | 'startAfresh' | undefined
}

/**
 * How a pipeline runs.
 *
 * @example
 * ```ts
 * import type { StartOptions } from '@messwerk/core'
 *
 * const options: StartOptions = { credit: '16MiB', log: console }
 * options.credit // => '16MiB'
 * ```
 */
export interface StartOptions {
  /** How much data may be taken from the sources without being durable. @defaultValue '64MiB' */
  readonly credit?: Size | undefined
  /** @defaultValue none */
  readonly log?: Log | undefined
  /**
   * A folder for checkpoints and dead letters; one pipeline each. Made when missing. Needs Node.
   *
   * @defaultValue none: operator state is in memory, and settling alone commits
   */
  readonly directory?: string | undefined
  /** Where operator state is kept, and how often. */
  readonly checkpoint?: CheckpointOptions | undefined
  /** When a source that failed is read again. @defaultValue after 100 ms, then twice as long, 5 s at most, for ever */
  readonly retry?: RetryOptions | undefined
  /**
   * Takes what could not be processed, decoded or stored; without a place for it the first such item ends the run.
   *
   * @defaultValue `dead-letters.ndjson` in the directory
   */
  readonly deadLetters?: Sink<DeadLetter> | undefined
  /** Most streams whose operator state is kept; beyond it the ones idle longest are forgotten. @defaultValue 100000 */
  readonly streams?: number | undefined
  /** @defaultValue systemTime */
  readonly scheduler?: Scheduler | undefined
}

/**
 * How a run is stopped.
 *
 * @example
 * ```ts
 * import type { StopOptions } from '@messwerk/core'
 *
 * const options: StopOptions = { drain: '30s' }
 * options.drain // => '30s'
 * ```
 */
export interface StopOptions {
  /** How long what has been taken may take to become durable; the rest is given back, uncommitted. @defaultValue '10s' */
  readonly drain?: Duration | undefined
}

/**
 * A running pipeline.
 *
 * @example
 * ```ts
 * import { pipeline, pushSource } from '@messwerk/core'
 * import { recordingSink } from '@messwerk/core/testing'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * const run = pipeline('pump').from(pump).to(recordingSink()).start()
 * pump.push({ pressure: 3.1 })
 * await run.stop()
 * run.metrics.scans // => 1
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface Run<C extends string = any> {
  /** Of the pipeline. */
  readonly id: string
  /** Resolves at the end of data or after a stop; rejects when the run failed. */
  readonly done: Promise<void>
  readonly status$: Observable<RunStatus>
  readonly metrics: RunMetrics
  /** Blocks at the end of the flow that was started, for looking at: all of RxJS is allowed, nothing is counted. */
  readonly tap$: Observable<Block<C>>
  /** What runs, one line a part. */
  describe(): string
  /** Whether it lives and whether data flows, for the probes of a supervisor. */
  health(): Health
  /** Saves operator state now, when all before it is durable, and commits. Does nothing without a checkpoint store. */
  checkpoint(): Promise<void>
  /** Makes the operators of a stream (of all streams, when none is named) forget what they learned. */
  relearn(stream?: string): void
  /** Takes no more, waits for what was taken, saves, commits, closes. Kernels are not flushed: it is not the end of data. */
  stop(options?: StopOptions): Promise<void>
}
