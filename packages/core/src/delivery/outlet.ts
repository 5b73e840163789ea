import { OverflowError, PipelineError, type SdkError } from '../model/errors.ts'
import { sleep } from '../time/scheduler.ts'
import type { Delivery } from './ledger.ts'
import type { DeliveryMode, OutletLike, OutletState } from './outlet-like.ts'
import type { OutletMetrics } from './outlet-metrics.ts'
import { type Limits, limitsOf, type OutletOptions } from './outlet-options.ts'
import { RetryPolicy } from './retry-policy.ts'
import { RetryingWriter } from './retrying-writer.ts'
import { textOf } from './texts.ts'

export type { OutletMetrics } from './outlet-metrics.ts'

// how long a bestEffort sink may take at the end of data
const GRACE_MS = 1000

/** What is being written. */
interface Writing<T> {
  readonly items: readonly T[]
  readonly holds: readonly (Delivery | undefined)[]
  readonly bytes: number
  readonly since: number
}

/** The part of a pipeline in front of a sink: batching, repeating, the in-flight limit, accounts. @internal */
export class Outlet<T> implements OutletLike<T> {
  readonly id: string
  readonly delivery: DeliveryMode
  readonly #options: OutletOptions<T>
  readonly #limit: Limits
  readonly #writer: RetryingWriter<T>
  readonly #abort = new AbortController()
  readonly #writing = new Set<Writing<T>>()
  #items = 0
  #bytes = 0
  #dropped = 0
  #rejected = 0
  #state: OutletState
  #queue: T[] = []
  #holds: (Delivery | undefined)[] = []
  #queued = 0
  #queuedSince = 0
  #writingBytes = 0
  #writingItems = 0
  #cancelTimer: (() => void) | undefined
  /** A write begins at the end of this turn. */
  #isStarting = false
  #isDue = false
  #isOpen = false
  #isFailed = false
  #isClosed = false
  #isOpening = false
  #waiting: (() => void)[] = []

  constructor(options: OutletOptions<T>) {
    const { id, delivery, scheduler } = options
    this.id = id
    this.delivery = delivery
    this.#options = options
    this.#limit = limitsOf(options)
    this.#state = { state: 'connecting', since: scheduler.now() }
    this.#writer = this.#writerOf(options)
  }

  get metrics(): OutletMetrics {
    const { writes, retried, timeouts, lastError } = this.#writer
    return {
      items: this.#items,
      bytes: this.#bytes,
      writes,
      dropped: this.#dropped,
      retried,
      rejected: this.#rejected,
      timeouts,
      queuedItems: this.#queue.length + this.#writingItems,
      queuedBytes: this.#queued + this.#writingBytes,
      oldestMs: this.#oldestMs(),
      lastError
    }
  }

  get state(): OutletState {
    return this.#state
  }

  async open(): Promise<void> {
    if (this.delivery === 'required') return this.#open()
    this.#open().catch((error: unknown) => {
      if (!this.#isClosed) this.#cannotOpen(error)
    })
  }

  async #open(): Promise<void> {
    this.#isOpening = true
    try {
      await this.#writer.open(this.#abort.signal)
      this.#isOpen = true
      this.#setState('running')
    } finally {
      this.#isOpening = false
      this.#goOn()
    }
  }

  #cannotOpen(error: unknown): void {
    this.#isFailed = true
    this.#setState('degraded', `${textOf(error)}; everything for it is dropped`)
    this.#options.warn(`${this.id} cannot be opened, everything for it is dropped`, error)
    this.#dropAll(this.#queue)
    this.#clearQueue()
    this.#wakeUp()
  }

  add(item: T, delivery: Delivery | undefined): boolean {
    const bytes = this.#options.bytesOf(item)
    if (this.delivery === 'required') {
      delivery?.hold()
      if (this.#isFailed) return false // and is never released: it is not durable
      this.#holds.push(delivery)
    } else if (this.#isFailed || this.#queued + this.#writingBytes + bytes > this.#limit.buffer) {
      this.#drop(item)
      return false
    }
    this.#queue.push(item)
    this.#queued += bytes
    if (this.#isDue) return true
    if (this.#cancelTimer === undefined) this.#begin()
    if (this.#isFull()) this.flush()
    return true
  }

  /** The first item after a write began. */
  #begin(): void {
    const { scheduler } = this.#options
    this.#queuedSince = scheduler.elapsed()
    if (!this.#isFull()) this.#cancelTimer = scheduler.after(this.#limit.ageMs, this.#onAge)
  }

  flush(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (this.#queue.length === 0) return
    this.#isDue = true
    if (this.#isStarting || !this.#isOpen || this.#writing.size >= this.#limit.inFlight) return
    this.#isStarting = true
    void Promise.resolve().then(this.#start) // the rest of the turn joins this write
  }

  readonly #onAge = (): void => this.flush()

  async drain(): Promise<void> {
    if (this.delivery === 'required') return this.#drained()
    const enough = new AbortController()
    const drained = this.#drained().then(() => enough.abort())
    await Promise.race([drained, sleep(GRACE_MS, this.#options.scheduler, enough.signal)])
  }

  async #drained(): Promise<void> {
    while (this.#queue.length > 0 || this.#writing.size > 0) {
      if (this.#isFailed || this.#isClosed) return
      this.flush()
      await this.#change()
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelTimer?.()
    if (this.#queue.length > 0 || this.#isBusy || !this.#isOpen) {
      const { pipeline = this.id } = this.#options
      this.#abort.abort(new PipelineError(pipeline, `sink ${this.id} is being closed before its items were written`))
    }
    this.#dropAll(this.#queue)
    this.#clearQueue()
    this.#wakeUp()
    while (this.#isBusy) await this.#change() // ends soon: attempts leave behind what does not end when told to
    this.#setState('stopped', this.#isFailed ? this.#state.why : undefined)
    await this.#options.sink.close?.()
  }

  get #isBusy(): boolean {
    return this.#writing.size > 0 || this.#isOpening
  }

  readonly #start = (): void => {
    this.#isStarting = false
    if (this.#queue.length === 0 || this.#isClosed || this.#isFailed) return
    const writing = { items: this.#queue, holds: this.#holds, bytes: this.#queued, since: this.#queuedSince }
    this.#writing.add(writing)
    this.#writingBytes += writing.bytes
    this.#writingItems += writing.items.length
    this.#clearQueue()
    void this.#write(writing)
  }

  async #write(writing: Writing<T>): Promise<void> {
    const { items, holds, bytes } = writing
    try {
      const refused = await this.#writer.write(items, this.#abort.signal)
      this.#items += items.length - refused.length
      this.#bytes += bytes - this.#bytesOf(refused)
      for (let i = 0; i < holds.length; i += 1) holds[i]?.release()
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#writing.delete(writing)
      this.#writingBytes -= bytes
      this.#writingItems -= items.length
      this.#goOn()
    }
  }

  #goOn(): void {
    this.#wakeUp()
    if (this.#isDue || this.#isFull()) this.flush()
  }

  /** Resolves when a write ended, or nothing more comes. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wakeUp(): void {
    if (this.#waiting.length > 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #isFull(): boolean {
    return this.#queued >= this.#limit.bytes || this.#queue.length >= this.#limit.items
  }

  #clearQueue(): void {
    this.#queue = []
    this.#holds = []
    this.#queued = 0
    this.#isDue = false
  }

  #bytesOf(items: readonly T[]): number {
    let bytes = 0
    for (const item of items) bytes += this.#options.bytesOf(item)
    return bytes
  }

  #oldestMs(): number {
    let since = this.#queue.length > 0 ? this.#queuedSince : Number.POSITIVE_INFINITY
    for (const writing of this.#writing) since = Math.min(since, writing.since)
    return since === Number.POSITIVE_INFINITY ? 0 : this.#options.scheduler.elapsed() - since
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return
    if (this.delivery !== 'required')
      return void this.#options.warn(`${this.id}: a write failed, its items are dropped`, error)
    if (this.#isFailed) return
    this.#isFailed = true
    this.#clearQueue()
    this.#options.failed(error)
  }

  async #refuse(item: T, error: SdkError): Promise<void> {
    const { deadLetters } = this.#options
    if (!deadLetters) return this.#drop(item, error)
    await deadLetters(item, error)
    this.#rejected += 1
  }

  #dropAll(items: readonly T[]): void {
    if (this.delivery !== 'required') for (const item of items) this.#drop(item)
  }

  #drop(item: T, why: SdkError = new OverflowError(this.id, 1)): void {
    this.#dropped += 1
    if (this.#dropped === 1) this.#options.warn(`${this.id} drops items`, why)
    this.#options.dropped?.(item)
  }

  #setState(state: OutletState['state'], why?: string): void {
    const now = this.#state
    if (now.state === 'stopped' || (now.state === state && now.why === why)) return
    this.#state = { state, why, since: now.state === state ? now.since : this.#options.scheduler.now() }
    this.#options.changed?.()
  }

  #troubled(why: string | undefined): void {
    if (why === undefined) return this.#setState(this.#isOpen ? 'running' : 'connecting')
    this.#setState(this.#isOpen ? 'degraded' : 'connecting', why)
  }

  #writerOf(options: OutletOptions<T>): RetryingWriter<T> {
    const { id, pipeline, sink, delivery, retry, idempotent, scheduler, deadLetters } = options
    const canRefuse = deadLetters !== undefined || delivery === 'bestEffort'
    return new RetryingWriter<T>({
      id,
      pipeline,
      sink,
      policy: new RetryPolicy(retry, `${id}: retry`),
      timeoutMs: this.#limit.timeoutMs,
      scheduler,
      idempotent,
      reject: canRefuse ? (item, error) => this.#refuse(item, error) : undefined,
      abandoned: (items) => this.#dropAll(items),
      troubled: (why) => this.#troubled(why)
    })
  }
}
