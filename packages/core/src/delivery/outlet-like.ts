import type { Duration, Size } from '../model/span.ts'
import type { Delivery } from './ledger.ts'
import type { OutletMetrics } from './outlet-metrics.ts'

/**
 * When an outlet writes what it has collected: whichever comes first. What comes in the same turn, or while a write runs,
 * joins the next write, so a write may hold more.
 *
 * @example
 * ```ts
 * import type { BatchOptions } from '@messwerk/core'
 *
 * const batch: BatchOptions = { items: 1000, bytes: '4MiB', age: '1s' }
 * batch.age // => '1s'
 * ```
 */
export interface BatchOptions {
  /** @defaultValue 4096 */
  readonly items?: number | undefined
  /** @defaultValue '1MiB' */
  readonly bytes?: Size | undefined
  /** @defaultValue '100ms' */
  readonly age?: Duration | undefined
}

/**
 * `required`: the source waits for it. `spooled`: it waits for the disk, and what is on disk goes to the sink from there,
 * however long that is away; needs a directory. `bestEffort`: never holds anything up; what does not fit its buffer is dropped,
 * counted and declared.
 *
 * @example
 * ```ts
 * import type { DeliveryMode } from '@messwerk/core'
 *
 * const mode: DeliveryMode = 'required'
 * mode // => 'required'
 * ```
 */
export type DeliveryMode = 'required' | 'spooled' | 'bestEffort'

/**
 * How an outlet is doing: `connecting` until its sink was opened, `degraded` while the last attempt failed.
 *
 * @example
 * ```ts
 * import type { OutletState } from '@messwerk/core'
 *
 * const state: OutletState = { state: 'degraded', why: 'the disk is full; next try in 3 s', since: 1_700_000_000_000 }
 * state.state // => 'degraded'
 * ```
 */
export interface OutletState {
  readonly state: 'connecting' | 'running' | 'degraded' | 'stopped'
  /** What is wrong, and when it is tried again. */
  readonly why?: string | undefined
  /** When the state began, ms since the Unix epoch. */
  readonly since: number
}

/** The part of a pipeline in front of a sink. @internal */
export interface OutletLike<T> {
  readonly id: string
  readonly delivery: DeliveryMode
  readonly metrics: OutletMetrics
  readonly state: OutletState
  /** Resolves when items are taken care of; rejects with what ends the run. */
  open(): Promise<void>
  /** Takes an item and holds its delivery for as long as the mode wants. False when it was dropped. */
  add(item: T, delivery: Delivery | undefined): boolean
  /** Writes what is there now, without waiting for more. */
  flush(): void
  /** Resolves when everything taken so far has been written or dropped. */
  drain(): Promise<void>
  /** Gives up what is still held, ends a write in flight and every wait, and closes the sink. */
  close(): Promise<void>
}
