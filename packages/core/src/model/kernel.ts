import type { Block } from './block.ts'
import type { MeasurementEvent } from './event.ts'
import type { Stream } from './stream.ts'

/**
 * What a kernel emits for one block.
 *
 * @example
 * ```ts
 * import type { Emission } from '@messwerk/core/model'
 *
 * const nothing: Emission = undefined
 * nothing // => undefined
 * ```
 */
export type Emission = Block | readonly Block[] | undefined

/**
 * The working part of an operator: plain code for one stream of one split. It returns all it has to emit and cannot
 * emit later, which is what makes the end of a turn a consistent state.
 *
 * `flush` is called at the end of data only. State is plain structured-cloneable values and typed arrays.
 *
 * @example
 * ```ts
 * import type { Kernel, Stream } from '@messwerk/core/model'
 *
 * const pass = (stream: Stream): Kernel => ({ output: stream, process: (block) => block })
 * typeof pass // => 'function'
 * ```
 */
export interface Kernel {
  readonly output: Stream
  /** Takes the next block; returns what comes of it. */
  process(block: Block): Emission
  /** Returns what is left, at the end of data. */
  flush?(): Emission
  /** A copy of its state. */
  snapshot?(): unknown
  /** Takes a state that `snapshot` gave. */
  restore?(state: unknown): void
  /** Forgets what was learned and starts learning anew. */
  relearn?(): void
  /** What it has to say of itself, for logs and status: `learning 12 of 30 s`. */
  progress?(): string | undefined
}

/**
 * A kernel that answers later. Outputs keep the order of their inputs, and a turn ends with the last of its promises.
 *
 * @example
 * ```ts
 * import type { AsyncKernel, Stream } from '@messwerk/core/model'
 *
 * const pass = (stream: Stream): AsyncKernel => ({ output: stream, process: async (block) => block })
 * typeof pass // => 'function'
 * ```
 */
export interface AsyncKernel {
  readonly output: Stream
  /** Takes the next block; resolves with what comes of it. */
  process(block: Block, signal: AbortSignal): Promise<Emission>
  /** Events of kind notice that have come up since it was last asked, which is behind every block; a pipeline gives them to its event sinks. */
  notices?(): readonly MeasurementEvent[]
  /** A copy of its state. */
  snapshot?(): unknown
  /** Takes a state that `snapshot` gave. */
  restore?(state: unknown): void
}

/**
 * A kernel that turns blocks into events.
 *
 * @example
 * ```ts
 * import type { EventKernel } from '@messwerk/core/model'
 *
 * const silent: EventKernel = { process: () => [] }
 * typeof silent.process // => 'function'
 * ```
 */
export interface EventKernel {
  /** Takes the next block; returns the events that begin or end in it. */
  process(block: Block): readonly MeasurementEvent[]
  /** Ends what is open, at the end of data. */
  flush?(): readonly MeasurementEvent[]
  /** A copy of its state. */
  snapshot?(): unknown
  /** Takes a state that `snapshot` gave. */
  restore?(state: unknown): void
}
