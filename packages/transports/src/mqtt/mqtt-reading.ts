import type { Scheduler } from '@messwerk/core/driver'
import {
  type Batch,
  isSdkError,
  NotConnectedError,
  ProtocolError,
  type ReadOptions,
  type SdkError
} from '@messwerk/core/model'
import type { MqttClient } from 'mqtt'
import { connectMqtt, disconnectMqtt } from './connect-mqtt.ts'
import { LinkWatch } from './link-watch.ts'
import { MessageWindow } from './message-window.ts'
import type { SourcePlan } from './mqtt-source-options.ts'
import { subscribe } from './subscribe.ts'
import type { TopicRoutes } from './topic-routes.ts'

/** @internal */
export interface ReadingOptions {
  readonly plan: SourcePlan
  readonly split: string
  readonly routes: TopicRoutes
  readonly scheduler: Scheduler
  /** The last one given out. */
  readonly position: number
  /** Whether the broker should know our session. */
  readonly continues: boolean
  /** Whether messages are acknowledged by commits; otherwise when they are handed over. */
  readonly defers: boolean
  readonly options: ReadOptions
}

const LINGER_MS = 10_000

/**
 * One connection of a source, from CONNECT to the last acknowledgement. Packet ids die with it.
 *
 * @internal
 */
export class MqttReading {
  readonly #with: ReadingOptions
  readonly #window: MessageWindow
  #client: MqttClient | undefined
  #watch: LinkWatch | undefined
  #error: SdkError | undefined
  #wake: (() => void) | undefined
  #isLingering = false
  #isSubscribed = false
  #isRunning = false
  /** What the broker granted less than was asked for. */
  #weaker: string | undefined
  #cancelLinger: (() => void) | undefined

  constructor(options: ReadingOptions) {
    this.#with = options
    this.#window = new MessageWindow(options, {
      arrived: () => {
        this.#flows()
        this.#awake()
      },
      restarted: (topic) =>
        this.#report('running', `the publisher of ${topic} counts anew: declared as a gap of unknown size`),
      holds: (isHolding) => this.#holds(isHolding),
      failed: (error) => {
        this.#end(isSdkError(error) ? error : new ProtocolError(String(error), { cause: error }))
        this.#client?.stream.destroy()
      }
    })
    options.options.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  readonly #onAbort = (): void => this.#awake()

  /** Connects and asks for the topics. @throws SdkError */
  async open(): Promise<void> {
    const { plan, options, continues, routes } = this.#with
    this.#report('connecting', `to ${plan.connection.url}`)
    const { client, connack } = await connectMqtt({
      plan: plan.connection,
      clientId: plan.clientId,
      expiry: plan.expiry,
      receiveMaximum: plan.qos === 0 ? undefined : plan.window,
      signal: options.signal,
      prepare: (made) => this.#prepare(made),
      ended: (error) => this.#end(error)
    })
    this.#client = client
    if (continues && !connack.sessionPresent) {
      routes.tear()
      this.#report('degraded', 'the broker has lost the session: what it had for us is declared as a gap')
    }
    this.#startWatch(client, connack.properties?.serverKeepAlive)
    // what the broker has kept comes before its answer, and must be taken for the answer to come
    subscribe(client, plan, () => this.#window.isBusy()).then(
      (weaker) => this.#subscribed(client, weaker),
      (error: SdkError) => {
        this.#end(error)
        client.stream.destroy()
      }
    )
  }

  /** The next batch; undefined at the end. @throws SdkError when the connection is lost */
  async next(): Promise<Batch | undefined> {
    this.#window.look()
    for (;;) {
      const batch = this.#window.next()
      if (batch) return batch
      if (this.#with.options.signal.aborted) return undefined
      if (this.#error) throw this.#error
      const cancel = this.#window.wait()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      cancel?.()
    }
  }

  /** Tells the broker that everything up to a position is durable. */
  acknowledge(position: number): void {
    if (this.#error || !this.#client) return
    this.#window.acknowledge(position)
    if (this.#isLingering && this.#window.unacknowledged === 0) void this.close()
  }

  /** Takes nothing more, and waits for the commits of what was handed over. */
  linger(): void {
    this.#with.options.signal.removeEventListener('abort', this.#onAbort)
    if (!this.#client || this.#isLingering) return
    this.#isLingering = true
    this.#window.shut()
    const { stream } = this.#client as { readonly stream?: { unref?(): void } }
    stream?.unref?.()
    if (this.#window.unacknowledged === 0 || this.#error) void this.close()
    else this.#cancelLinger = this.#with.scheduler.after(LINGER_MS, () => void this.close())
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    this.#cancelLinger?.()
    this.#watch?.stop()
    this.#window.detach()
    if (!client) return
    this.#error ??= new NotConnectedError(this.#with.plan.connection.url, 'closed')
    await disconnectMqtt(client)
  }

  #prepare(client: MqttClient): void {
    this.#window.attach(client)
    client.on('packetreceive', ({ cmd }) => {
      if (cmd === 'pingresp' && this.#isSubscribed) this.#flows()
      // a session that goes on: the answer to the ping lies behind all that the broker has kept
      else if (cmd === 'publish' && !this.#isRunning) this.#flows()
    })
  }

  #startWatch(client: MqttClient, serverKeepAlive = Number.POSITIVE_INFINITY): void {
    const { plan, scheduler } = this.#with
    const keepaliveMs = Math.min(plan.connection.keepaliveMs, serverKeepAlive * 1000)
    const seconds = keepaliveMs / 1000
    const watch = new LinkWatch({
      keepaliveMs,
      scheduler,
      ping: () => {
        client.sendPing()
        client.reschedulePing(true) // whether the link is dead is decided here alone
      },
      quiet: (isQuiet) => {
        this.#isRunning = false
        if (isQuiet) this.#report('degraded', `nothing heard from the broker for ${seconds} s`)
      },
      dead: () => {
        const why = `nothing heard from the broker for ${seconds * 1.5} s: the link is dead`
        this.#end(new NotConnectedError(plan.connection.url, why))
        client.stream.destroy()
      }
    })
    watch.isHolding = this.#window.isHolding // kept messages may have filled it together with the CONNACK
    this.#watch = watch
    client.stream.on('data', () => watch.heard())
  }

  /** While we do not read, silence says nothing about the peer. */
  #holds(isHolding: boolean): void {
    if (!this.#watch) return
    this.#watch.isHolding = isHolding
    if (!isHolding) this.#watch.heard()
  }

  #subscribed(client: MqttClient, weaker: string | undefined): void {
    this.#weaker = weaker
    this.#isSubscribed = true
    if (weaker) this.#isRunning = false
    client.sendPing() // its answer is the sign that data can flow
  }

  #flows(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#report(this.#weaker ? 'degraded' : 'running', this.#weaker)
  }

  #end(error: SdkError): void {
    this.#error ??= error
    this.#watch?.stop()
    this.#awake()
    if (this.#isLingering) void this.close()
  }

  #awake(): void {
    const wake = this.#wake
    if (!wake) return
    this.#wake = undefined
    wake()
  }

  #report(state: 'connecting' | 'running' | 'degraded', why?: string): void {
    this.#with.options.report?.({ state, why })
  }
}
