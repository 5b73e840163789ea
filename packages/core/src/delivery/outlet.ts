import { OverflowError, PipelineError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'
import { type Duration, durationMs, type Size, sizeBytes } from '../model/span.ts'
import { type Scheduler, sleep } from '../time/scheduler.ts'
import type { Delivery } from './ledger.ts'

/**
 * When an outlet writes what it has collected: whichever comes first.
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
 * `required`: the source waits for it. `bestEffort`: never holds anything up; what does not fit its buffer is dropped,
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
export type DeliveryMode = 'required' | 'bestEffort'

// how long a write that was told to abort, or a bestEffort sink at the end of data, may take
const GRACE_MS = 1000

/** @internal */
export interface OutletOptions<T> {
  readonly id: string
  readonly sink: Sink<T>
  readonly delivery: DeliveryMode
  readonly batch?: BatchOptions | undefined
  /** Most that a bestEffort outlet holds. @defaultValue '16MiB' */
  readonly buffer?: Size | undefined
  readonly scheduler: Scheduler
  readonly bytesOf: (item: T) => number
  /** Dropped items are told here, so that the next item can declare them. */
  readonly dropped?: ((item: T) => void) | undefined
  /** A required outlet that failed: the run ends. */
  readonly failed: (error: unknown) => void
  readonly warn: (message: string, error: unknown) => void
}

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
  /** Items and bytes that are durable. */
  readonly items: number
  readonly bytes: number
  readonly writes: number
  /** Items dropped by a bestEffort outlet: full, or the write failed. */
  readonly dropped: number
  readonly queuedItems: number
  readonly queuedBytes: number
}

/** The part of a pipeline in front of a sink: batching, one write in flight, accounts. @internal */
export class Outlet<T> {
  readonly id: string
  readonly delivery: DeliveryMode
  items = 0
  bytes = 0
  writes = 0
  dropped = 0
  readonly #options: OutletOptions<T>
  readonly #limit: { items: number; bytes: number; ageMs: number; buffer: number }
  readonly #abort = new AbortController()
  #queue: T[] = []
  #holds: (Delivery | undefined)[] = []
  #queued = 0
  #cancelTimer: (() => void) | undefined
  #isDraining = false
  #writing: Promise<void> | undefined
  #writingBytes = 0
  #writingItems = 0
  #opened = false
  #closed = false

  constructor(options: OutletOptions<T>) {
    const { id, delivery, batch = {}, buffer = '16MiB' } = options
    const { items = 4096, bytes = '1MiB', age = '100ms' } = batch
    if (!(Number.isInteger(items) && items > 0)) {
      throw new RangeError(`${id}: batch.items must be a positive whole number, got ${items}`)
    }
    if (delivery !== 'required' && delivery !== 'bestEffort') {
      throw new RangeError(`${id}: delivery must be 'required' or 'bestEffort', got '${String(delivery)}'`)
    }
    this.id = id
    this.delivery = delivery
    this.#options = options
    this.#limit = {
      items,
      bytes: sizeBytes(bytes, `${id}: batch.bytes`),
      ageMs: durationMs(age, `${id}: batch.age`),
      buffer: sizeBytes(buffer, `${id}: buffer`)
    }
  }

  get metrics(): OutletMetrics {
    const { items, bytes, writes, dropped } = this
    const queuedItems = this.#queue.length + this.#writingItems
    return { items, bytes, writes, dropped, queuedItems, queuedBytes: this.#queued + this.#writingBytes }
  }

  async open(): Promise<void> {
    await this.#options.sink.open?.(this.#abort.signal)
    this.#opened = true
  }

  /** Takes an item; a required outlet holds its delivery until the item is durable. */
  add(item: T, delivery: Delivery | undefined): boolean {
    const bytes = this.#options.bytesOf(item)
    const holding = this.delivery === 'required' ? delivery : undefined
    if (this.delivery === 'bestEffort' && this.#queued + this.#writingBytes + bytes > this.#limit.buffer) {
      this.#drop(item)
      return false
    }
    holding?.hold()
    this.#queue.push(item)
    this.#holds.push(holding)
    this.#queued += bytes
    if (this.#isFull()) this.flush()
    else this.#flushLater()
    return true
  }

  /** Writes what is there now, without waiting for more. */
  flush(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (this.#queue.length > 0 && !this.#writing && this.#opened) this.#writing = this.#writeAll()
  }

  /** Resolves when everything taken so far has been written or dropped; a bestEffort sink gets a moment for it. */
  async drain(): Promise<void> {
    const drained = this.#drainAll()
    await (this.delivery === 'required' ? drained : Promise.race([drained, sleep(GRACE_MS, this.#options.scheduler)]))
  }

  async #drainAll(): Promise<void> {
    this.#isDraining = true
    this.flush()
    while (this.#writing) await this.#writing
    this.#isDraining = false
  }

  /** Gives up what is still held, ends a write in flight, and closes the sink. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#cancelTimer?.()
    if (this.#queue.length > 0 || this.#writing) {
      this.#abort.abort(new PipelineError(this.id, 'the outlet is being closed before its items were written'))
    }
    this.#queue = []
    this.#holds = []
    if (this.#writing) await Promise.race([this.#writing, sleep(GRACE_MS, this.#options.scheduler)])
    await this.#options.sink.close?.()
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve() // the rest of the turn joins this write
    try {
      do await this.#writeOnce()
      while (this.#isFull() || (this.#isDraining && this.#queue.length > 0))
    } finally {
      this.#writing = undefined
    }
    if (this.#queue.length > 0) this.#flushLater()
  }

  #isFull(): boolean {
    return this.#queued >= this.#limit.bytes || this.#queue.length >= this.#limit.items
  }

  #flushLater(): void {
    this.#cancelTimer ??= this.#options.scheduler.after(this.#limit.ageMs, () => this.flush())
  }

  async #writeOnce(): Promise<void> {
    const items = this.#queue
    const holds = this.#holds
    this.#writingBytes = this.#queued
    this.#writingItems = items.length
    this.#queue = []
    this.#holds = []
    this.#queued = 0
    try {
      await this.#options.sink.write(items, this.#abort.signal)
      this.items += items.length
      this.bytes += this.#writingBytes
      this.writes += 1
      for (const hold of holds) hold?.release()
    } catch (error) {
      this.#fail(items, error)
    } finally {
      this.#writingBytes = this.#writingItems = 0
    }
  }

  #fail(items: readonly T[], error: unknown): void {
    if (this.#closed) return
    if (this.delivery === 'required') {
      this.#queue = []
      this.#holds = []
      this.#queued = 0
      return this.#options.failed(error)
    }
    for (const item of items) this.#drop(item)
    this.#options.warn(`${this.id}: a write failed, ${items.length} items dropped`, error)
  }

  #drop(item: T): void {
    this.dropped += 1
    if (this.dropped === 1) this.#options.warn(`${this.id} is full`, new OverflowError(this.id, 1))
    this.#options.dropped?.(item)
  }
}
