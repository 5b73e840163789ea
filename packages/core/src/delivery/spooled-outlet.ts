// Over 200 lines: what is appended, what is written, and the outage between are one state.
import type { Block } from '../model/block.ts'
import { isSdkError, PipelineError, type SdkError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { durationMs } from '../model/span.ts'
import type { Spool, SpoolRecord } from '../model/spool.ts'
import { sleep } from '../time/scheduler.ts'
import type { Delivery } from './ledger.ts'
import { OUTAGE, OutageWatch } from './outage-watch.ts'
import type { OutletLike, OutletState } from './outlet-like.ts'
import type { OutletMetrics } from './outlet-metrics.ts'
import { RetryPolicy } from './retry-policy.ts'
import { RetryingWriter } from './retrying-writer.ts'
import { type LaneLimits, SpoolLanes } from './spool-lanes.ts'
import { SpoolProgress } from './spool-progress.ts'
import { batchOf, itemsOf, recordBytes } from './spooled-items.ts'
import { limitsOf, type SpooledOutletOptions } from './spooled-outlet-options.ts'

/** A sink in trouble for longer has an outage: what came before it is back again is back-fill. */
const OUTAGE_MS = 1000

/** What is there once the spool is open. */
interface Run {
  readonly spool: Spool
  readonly progress: SpoolProgress
  readonly lanes: SpoolLanes
}

/**
 * An outlet whose items are on disk before their delivery is released; from there they go to the sink, however long it is
 * away. After an outage new data goes first, and what came before is written beside it as back-fill: flagged
 * `historical`, its rate limited, in its own order.
 *
 * @internal
 */
export class SpooledOutlet<T extends Block | MeasurementEvent> implements OutletLike<T> {
  readonly id: string
  readonly delivery = 'spooled'
  readonly #options: SpooledOutletOptions<T>
  readonly #limits: LaneLimits
  readonly #writer: RetryingWriter<T>
  readonly #outages: OutageWatch
  readonly #stop = new AbortController()
  readonly #counts = { items: 0, bytes: 0, rejected: 0 }
  #spool: Spool | undefined
  #progress: SpoolProgress | undefined
  #lanes: SpoolLanes | undefined
  #state: OutletState
  #isFlushing = false
  #isClosed = false
  #failure: { readonly cause: unknown } | undefined
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined
  #early: [T, Delivery | undefined][] = []
  #listeners: (() => void)[] = []

  constructor(options: SpooledOutletOptions<T>) {
    const { id, scheduler, timeout = '30s', pipeline, sink, retry, idempotent } = options
    this.id = id
    this.#options = options
    this.#limits = limitsOf(options)
    this.#state = { state: 'connecting', since: scheduler.now() }
    this.#outages = new OutageWatch(OUTAGE_MS, scheduler)
    this.#writer = new RetryingWriter<T>({
      id,
      pipeline,
      sink,
      policy: new RetryPolicy(retry, `${id}: retry`),
      timeoutMs: durationMs(timeout, `${id}: timeout`),
      scheduler,
      idempotent,
      reject: options.deadLetters && ((item, error) => this.#refuse(item, error)),
      troubled: (why) => this.#troubled(why)
    })
  }

  get state(): OutletState {
    return this.#state
  }

  get metrics(): OutletMetrics {
    const { writes, retried, timeouts, lastError } = this.#writer
    const unwritten = this.#progress?.unwritten ?? 0
    const metrics = this.#spool?.metrics
    const at = this.#lanes?.oldest?.at
    return {
      items: this.#counts.items,
      bytes: this.#counts.bytes,
      writes,
      dropped: metrics?.droppedRecords ?? 0,
      retried,
      rejected: this.#counts.rejected,
      timeouts,
      queuedItems: unwritten + (metrics?.waiting ?? 0) + this.#early.length,
      queuedBytes: unwritten > 0 ? (metrics?.bytes ?? 0) : 0,
      oldestMs: at === undefined ? 0 : Math.max(0, this.#options.scheduler.now() - at),
      lastError,
      spool: metrics
    }
  }

  async open(): Promise<void> {
    const spool = await this.#opened()
    if (!spool) return
    const { scheduler } = this.#options
    const progress = new SpoolProgress(spool, scheduler)
    const { ranges } = progress
    this.#spool = spool
    this.#progress = progress
    this.#lanes = new SpoolLanes({ spool, ranges, limits: this.#limits, scheduler, changed: () => this.#changed() })
    progress.save() // from now on what is dropped is a hole for this sink, and there is room for the cursor
    for (const [item, delivery] of this.#early.splice(0)) this.#append(spool, item, delivery)
    this.#running = this.#run({ spool, progress, lanes: this.#lanes }).catch((cause: unknown) => this.#fail(cause))
  }

  /** Waits for a disk that is full; undefined when it was closed meanwhile. */
  async #opened(): Promise<Spool | undefined> {
    const { spool, scheduler } = this.#options
    while (!this.#isClosed) {
      try {
        const opened = await spool()
        if (!this.#isClosed) return opened
        await opened.close()
      } catch (error) {
        if (!(isSdkError(error) && error.retryable)) throw error
        this.#setState('connecting', error.message)
        await sleep(OUTAGE_MS, scheduler, this.#stop.signal)
      }
    }
    return undefined
  }

  add(item: T, delivery: Delivery | undefined): boolean {
    delivery?.hold()
    if (this.#spool) this.#append(this.#spool, item, delivery)
    else this.#early.push([item, delivery])
    return true
  }

  #append(spool: Spool, item: T, delivery: Delivery | undefined): void {
    spool.append(batchOf(item)).then(
      () => delivery?.release(),
      (cause: unknown) => this.#fail(cause)
    )
  }

  flush(): void {
    this.#isFlushing = true
    void this.#spool?.flush().catch(() => {})
    this.#changed()
  }

  /** Resolves when everything is on disk and, where the sink works, in the sink. */
  async drain(): Promise<void> {
    const spool = this.#spool
    const progress = this.#progress
    if (!spool || !progress) return
    await spool.flush()
    this.#isFlushing = true
    this.#changed()
    const to = spool.durable
    while (this.#isWorking && progress.unwrittenTo(to) > 0) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve))
    }
    this.#isFlushing = false
    await progress.saved()
  }

  get #isWorking(): boolean {
    const { state, why } = this.#state
    const mayWork = state === 'running' || (state === 'connecting' && why === undefined)
    return mayWork && !this.#failure && !this.#isClosed
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stop.abort(new PipelineError(this.#options.pipeline ?? this.id, `sink ${this.id} is being closed`))
    this.#changed()
    this.#tell()
    await this.#running
    this.#lanes?.stop()
    this.#outages.cancel()
    await this.#progress?.close()
    await this.#spool?.close()
    this.#setState('stopped')
    await this.#options.sink.close?.()
  }

  async #run(run: Run): Promise<void> {
    const { signal } = this.#stop
    try {
      await this.#writer.open(signal)
      await this.#cameBack(run)
      while (!signal.aborted) await this.#step(run)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #step(run: Run): Promise<void> {
    const { lanes, progress } = run
    if (lanes.failure) return this.#cannotRead(lanes, lanes.failure.cause)
    if (lanes.isLiveDue(this.#isFlushing)) return lanes.isLate ? this.#cameBack(run) : this.#writeLive(run)
    if (lanes.isBehindDue) return this.#writeBehind(run)
    if (!lanes.isBehindDone) return this.#change(lanes.dueIn)
    lanes.nextBehind()
    this.#save(progress)
  }

  async #writeLive(run: Run): Promise<void> {
    const records = run.lanes.takeLive()
    if (!(await this.#write(records, false))) return this.#outage(run)
    run.progress.ranges.live = (records.at(-1) as SpoolRecord).position
    this.#save(run.progress)
  }

  async #writeBehind(run: Run): Promise<void> {
    const records = run.lanes.takeBehind()
    if (!(await this.#write(records, true))) return this.#outage(run)
    run.progress.ranges.caughtUp((records.at(-1) as SpoolRecord).position)
    this.#save(run.progress)
  }

  /** False when the sink is away: nothing of it counts as written. */
  async #write(records: readonly SpoolRecord[], isHistorical: boolean, mayWait = false): Promise<boolean> {
    const items: T[] = []
    let bytes = 0
    for (const record of records) {
      bytes += recordBytes(record)
      for (const item of itemsOf(record.batch, isHistorical)) items.push(item as T)
    }
    const { signal } = this.#stop
    try {
      const either = mayWait ? signal : AbortSignal.any([signal, this.#outages.begin()])
      const refused = await this.#writer.write(items, either)
      this.#counts.items += items.length - refused.length
      this.#counts.bytes += bytes
      return true
    } catch (error) {
      if (error === OUTAGE) return false
      throw error
    } finally {
      this.#outages.end()
    }
  }

  /** The oldest that is not written is tried, as back-fill, until the sink takes it. */
  async #outage(run: Run): Promise<void> {
    const { lanes, progress } = run
    const { ranges } = progress
    lanes.stop()
    const range = ranges.behind
    const lane = lanes.lane(ranges.done, range?.[1])
    try {
      while (lane.length === 0 && !lane.hasEnded && !this.#stop.signal.aborted) await this.#change()
      if (lane.failure) return await this.#cannotRead(lanes, lane.failure.cause)
      const records = lanes.takeOf(lane)
      const last = records.at(-1)?.position
      if (last === undefined) return await this.#cameBack(run)
      await this.#write(records, true, true)
      if (range) ranges.caughtUp(last)
      else ranges.live = last
    } finally {
      lane.stop()
    }
    await this.#cameBack(run)
  }

  /** New data first: what is in the spool now is behind. Said on disk, where that works, before anything new is written. */
  async #cameBack({ spool, progress, lanes }: Run): Promise<void> {
    progress.ranges.fallBehind(spool.durable)
    this.#save(progress)
    await progress.saved()
    this.#setState('running')
    lanes.start()
  }

  /** The disk does not give back what is on it: again, as long as that may help. */
  async #cannotRead(lanes: SpoolLanes, cause: unknown): Promise<void> {
    if (!(isSdkError(cause) && cause.retryable)) throw cause
    this.#setState('degraded', cause.message)
    await sleep(OUTAGE_MS, this.#options.scheduler, this.#stop.signal)
    this.#setState('running')
    lanes.start()
  }

  #troubled(why: string | undefined): void {
    this.#outages.troubled(why !== undefined)
    if (why !== undefined) this.#setState(this.#state.state === 'connecting' ? 'connecting' : 'degraded', why)
    else if (this.#state.state === 'degraded') this.#setState('running')
  }

  #save(progress: SpoolProgress): void {
    progress.save()
    this.#tell()
  }

  async #refuse(item: T, error: SdkError): Promise<void> {
    await this.#options.deadLetters?.(item, error)
    this.#counts.rejected += 1
  }

  #fail(cause: unknown): void {
    if (this.#failure || this.#isClosed) return
    this.#failure = { cause }
    this.#lanes?.stop()
    this.#setState('degraded', cause instanceof Error ? cause.message : String(cause))
    this.#tell()
    this.#options.failed(cause)
  }

  /** Resolves when something changed, or after `ms`. */
  #change(ms = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      const cancel = Number.isFinite(ms) ? this.#options.scheduler.after(ms, () => this.#changed()) : undefined
      this.#wake = () => {
        cancel?.()
        resolve()
      }
    })
  }

  #changed(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #tell(): void {
    for (const listener of this.#listeners.splice(0)) listener()
  }

  #setState(state: OutletState['state'], why?: string): void {
    const now = this.#state
    if (now.state === 'stopped' || (now.state === state && now.why === why)) return
    this.#state = { state, why, since: now.state === state ? now.since : this.#options.scheduler.now() }
    this.#tell()
    this.#options.changed?.()
  }
}
