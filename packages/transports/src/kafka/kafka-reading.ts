import type { Scheduler } from '@messwerk/core/driver'
import { type Batch, NotConnectedError, type Positions, type ReadOptions, type SdkError } from '@messwerk/core/model'
import { Fetching } from './fetching.ts'
import type { KafkaReader } from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import type { OpenReader, SourcePlan } from './kafka-source-options.ts'
import { Membership } from './membership.ts'
import type { SplitDecoders } from './split-decoders.ts'

/** @internal */
export interface ReadingOptions {
  readonly plan: SourcePlan
  readonly openReader: OpenReader
  readonly decoders: SplitDecoders
  readonly scheduler: Scheduler
  readonly options: ReadOptions
}

const LINGER_MS = 10_000

/** One connection of a source, from joining its group to leaving it. @internal */
export class KafkaReading {
  readonly #with: ReadingOptions
  #reader: KafkaReader | undefined
  #membership: Membership | undefined
  #fetching: Fetching | undefined
  #error: SdkError | undefined
  readonly #ended: Promise<never>
  #rejectEnded: (error: SdkError) => void = () => {}
  #wake: (() => void) | undefined
  #cancelLinger: (() => void) | undefined
  #isLingering = false
  #isRunning = false
  #isMoving = true

  constructor(options: ReadingOptions) {
    this.#with = options
    this.#ended = new Promise<never>((_, reject) => {
      this.#rejectEnded = reject
    })
    this.#ended.catch(() => {}) // it may come when nobody waits
    options.options.signal.addEventListener('abort', this.#awake, { once: true })
  }

  /** Connects and joins the group. @throws SdkError */
  async open(): Promise<void> {
    const { plan, openReader, decoders, scheduler, options } = this.#with
    this.#report('connecting', `to ${plan.connection.url}`)
    const reader = await openReader(plan.connection, options.signal)
    this.#reader = reader
    const degraded = (why: string): void => {
      this.#isRunning = false
      this.#report('degraded', why)
    }
    const failed = (error: SdkError): void => this.#end(error)
    const fetching = new Fetching(reader, plan, scheduler, {
      flows: () => this.#flows(),
      awake: this.#awake,
      degraded,
      failed
    })
    this.#fetching = fetching
    const membership = new Membership({
      plan,
      reader,
      decoders,
      scheduler,
      read: options,
      host: {
        moving: () => {
          this.#isMoving = true
          fetching.stop()
        },
        moved: (owned) => {
          this.#isMoving = false
          fetching.start(owned)
          if (owned.length === 0) this.#flows(`no partition is left for this member of group '${plan.group}'`)
        },
        degraded,
        failed
      }
    })
    this.#membership = membership
    // a join waits for the other members: a stop must not
    const giveUp = (): void => this.#end(new NotConnectedError(plan.connection.url, 'stopped while joining'))
    options.signal.addEventListener('abort', giveUp, { once: true })
    try {
      await Promise.race([membership.open(), this.#ended])
    } catch (error) {
      this.#end(kafkaError(error, plan.connection, `group '${plan.group}'`))
      throw this.#error
    } finally {
      options.signal.removeEventListener('abort', giveUp)
    }
  }

  /** The next batch; undefined at the end. @throws SdkError when the connection is lost */
  async next(): Promise<Batch | undefined> {
    for (;;) {
      if (this.#with.options.signal.aborted) return undefined
      if (this.#error) throw this.#error
      const batch = this.#isMoving ? undefined : this.#fetching?.take()
      if (batch) return batch
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async commit(at: Positions): Promise<void> {
    if (this.#error) throw this.#error
    await this.#membership?.commit(at)
    if (this.#isLingering && this.#membership?.isSettled) await this.close()
  }

  /** Takes nothing more, and waits for the commits of what was handed over. */
  async linger(): Promise<void> {
    const { options, scheduler } = this.#with
    options.signal.removeEventListener('abort', this.#awake)
    if (this.#isLingering) return
    this.#isLingering = true
    this.#fetching?.stop()
    this.#membership?.stopping()
    if (!this.#reader) return
    if (this.#error || !this.#membership || this.#membership.isSettled) return this.close()
    this.#reader.unref()
    this.#cancelLinger = scheduler.after(LINGER_MS, () => void this.close())
  }

  /** Leaves the group, unless an error ended the reading: then the next one goes on as the same member. */
  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    this.#cancelLinger?.()
    this.#fetching?.stop()
    if (this.#error) this.#membership?.close()
    else await this.#membership?.leave()
    this.#error ??= new NotConnectedError(this.#with.plan.connection.url, 'closed')
    await reader?.close()
  }

  #flows(why?: string): void {
    if (this.#isRunning || this.#isMoving) return
    this.#isRunning = true
    this.#report('running', why)
  }

  #end(error: SdkError): void {
    this.#error ??= error
    this.#fetching?.stop()
    this.#membership?.close()
    this.#rejectEnded(error)
    this.#awake()
    if (this.#isLingering) void this.close()
  }

  readonly #awake = (): void => {
    const wake = this.#wake
    if (!wake) return
    this.#wake = undefined
    wake()
  }

  #report(state: 'connecting' | 'running' | 'degraded', why?: string): void {
    this.#with.options.report?.({ state, why })
  }
}
