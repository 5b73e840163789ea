import type { Observable } from 'rxjs'
import type { Block } from '../model/block.ts'
import type { Sink } from '../model/sink.ts'
import type { Duration, Size } from '../model/span.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { Log } from './log.ts'
import type { RunMetrics, RunStatus } from './status.ts'

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
  /** Takes blocks that an operator threw on; without it the first such block ends the run. */
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
  /** Resolves at the end of data or after a stop; rejects when the run failed. */
  readonly done: Promise<void>
  readonly status$: Observable<RunStatus>
  readonly metrics: RunMetrics
  /** Blocks at the end of the flow that was started, for looking at: all of RxJS is allowed, nothing is counted. */
  readonly tap$: Observable<Block<C>>
  /** What runs, one line a part. */
  describe(): string
  /** Makes the operators of a stream (of all streams, when none is named) forget what they learned. */
  relearn(stream?: string): void
  /** Takes no more, waits for what was taken, commits, closes. Kernels are not flushed: it is not the end of data. */
  stop(options?: StopOptions): Promise<void>
}
