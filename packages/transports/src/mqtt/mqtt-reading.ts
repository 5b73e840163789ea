// Longer than other files: the life of one connection, which many events change, can be followed in one place.
import type { Scheduler } from '@messwerk/core/driver'
import { type Batch, NotConnectedError, type ReadOptions, type SdkError } from '@messwerk/core/model'
import type { IPublishPacket, MqttClient } from 'mqtt'
import { Acknowledgements } from './acknowledgements.ts'
import { connectMqtt, disconnectMqtt } from './connect-mqtt.ts'
import { EarlyCheckpoints } from './early-checkpoints.ts'
import { LinkWatch } from './link-watch.ts'
import { type Message, MessageIntake } from './message-intake.ts'
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
  readonly #intake: MessageIntake
  readonly #acks: Acknowledgements
  readonly #early: EarlyCheckpoints | undefined
  #client: MqttClient | undefined
  #watch: LinkWatch | undefined
  #error: SdkError | undefined
  #wireQos = 0
  #wake: (() => void) | undefined
  /** Lets the client parse on; set while nothing more may be taken. */
  #parseOn: (() => void) | undefined
  #isLingering = false
  #isSubscribed = false
  #isRunning = false
  #handedOver: number
  #acknowledged: number
  #looked = -1
  /** What the broker granted less than was asked for. */
  #weaker: string | undefined
  #cancelLinger: (() => void) | undefined

  constructor(options: ReadingOptions) {
    const { plan, split, routes, scheduler, position } = options
    this.#with = options
    this.#handedOver = this.#acknowledged = position
    const restarted = (topic: string): void =>
      this.#report('running', `the publisher of ${topic} counts anew: declared as a gap of unknown size`)
    const { payload, maxPayload } = plan
    this.#intake = new MessageIntake(
      { split, payload, maxPayload, routes, now: () => scheduler.now(), restarted },
      position
    )
    this.#acks = new Acknowledgements((bytes) => this.#client?.stream.write(bytes))
    const { window, connection } = plan
    const { hurry, signal } = options.options
    if (options.defers) this.#early = new EarlyCheckpoints({ window, version: connection.version, scheduler, hurry })
    signal.addEventListener('abort', this.#onAbort, { once: true })
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
    }).catch((error: unknown) => {
      this.#client = undefined
      throw error
    })
    this.#client = client
    if (continues && !connack.sessionPresent) {
      routes.tear()
      this.#report('degraded', 'the broker has lost the session: what it had for us is declared as a gap')
    }
    this.#startWatch(client, connack.properties?.serverKeepAlive)
    // what the broker has kept comes before its answer, and must be taken for the answer to come
    subscribe(client, plan, () => this.#isBusy()).then(
      (weaker) => this.#subscribed(client, weaker),
      (error: SdkError) => {
        this.#end(error)
        client.stream.destroy()
      }
    )
  }

  /** The next batch; undefined at the end. @throws SdkError when the connection is lost */
  async next(): Promise<Batch | undefined> {
    this.#early?.look(this.#uncommitted)
    for (;;) {
      const batch = this.#intake.take()
      if (batch) {
        this.#handedOver = batch.position
        this.#early?.arrived()
        if (!this.#with.defers) this.#acks.upTo(batch.position)
        this.#makeRoom()
        return batch
      }
      if (this.#with.options.signal.aborted) return undefined
      if (this.#error) throw this.#error
      const cancel = this.#early?.wait(this.#uncommitted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      cancel?.()
    }
  }

  /** Tells the broker that everything up to a position is durable. */
  acknowledge(position: number): void {
    if (this.#error || !this.#client) return
    const at = Math.min(position, this.#handedOver)
    this.#acknowledged = Math.max(this.#acknowledged, at)
    this.#early?.committed()
    if (this.#acks.upTo(at) > 0) this.#early?.acknowledged()
    this.#makeRoom()
    this.#early?.look(this.#uncommitted)
    if (this.#isLingering && this.#acks.length === 0) void this.close()
  }

  /** Takes nothing more, and waits for the commits of what was handed over. */
  linger(): void {
    this.#with.options.signal.removeEventListener('abort', this.#onAbort)
    if (!this.#client || this.#isLingering) return
    this.#isLingering = true
    const { stream } = this.#client as { readonly stream?: { unref?(): void } }
    stream?.unref?.()
    if (this.#acks.length === 0 || this.#error) void this.close()
    else this.#cancelLinger = this.#with.scheduler.after(LINGER_MS, () => void this.close())
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    this.#cancelLinger?.()
    this.#watch?.stop()
    if (!client) return
    this.#error ??= new NotConnectedError(this.#with.plan.connection.url, 'closed')
    await disconnectMqtt(client)
  }

  #prepare(client: MqttClient): void {
    // The client acknowledges QoS 1 and 2 by itself as soon as it has parsed a message. Told that it is QoS 0, it does
    // not, and keeps nothing of it: the acknowledgement is ours, when the pipeline commits.
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'publish') {
        this.#wireQos = packet.qos
        packet.qos = 0
      } else if (packet.cmd === 'pingresp') this.#flows()
    })
    client.handleMessage = (packet, done) => this.#take(packet, done as () => void)
  }

  #take(packet: IPublishPacket, done: () => void): void {
    if (this.#isLingering) return // not taken: the broker keeps it for the next connection
    const qos = this.#wireQos as 0 | 1 | 2
    packet.qos = qos
    const isSkipped = packet.retain && !this.#with.plan.usesRetained
    const position = isSkipped ? this.#intake.skip() : this.#intake.add(packet as Message)
    if (qos > 0) this.#acks.add(position, packet.messageId as number, qos)
    this.#flows()
    this.#awake()
    if (this.#isFull) this.#hold(done)
    else done()
  }

  /** Messages that the pipeline has and has not committed. */
  get #uncommitted(): number {
    return this.#handedOver - this.#acknowledged
  }

  get #isFull(): boolean {
    const { window, buffer } = this.#with.plan
    return this.#acks.length >= window || this.#intake.bytes >= buffer
  }

  /** Nothing more is parsed, so the socket is no longer read, and the broker has to wait. */
  #hold(done: () => void): void {
    this.#parseOn = done
    if (this.#watch) this.#watch.isHolding = true
  }

  #makeRoom(): void {
    const parseOn = this.#parseOn
    if (!parseOn || this.#isFull || this.#isLingering) return
    this.#parseOn = undefined
    if (this.#watch) this.#watch.isHolding = false
    this.#watch?.heard()
    parseOn()
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
    this.#watch = watch
    client.stream.on('data', () => watch.heard())
  }

  #subscribed(client: MqttClient, weaker: string | undefined): void {
    this.#weaker = weaker
    this.#isSubscribed = true
    client.sendPing() // its answer is the sign that data can flow
  }

  #isBusy(): boolean {
    const { position } = this.#intake
    const hasMoved = position !== this.#looked
    this.#looked = position
    return hasMoved || this.#parseOn !== undefined
  }

  #flows(): void {
    if (this.#isRunning || !this.#isSubscribed) return
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
