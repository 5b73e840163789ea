import type { Batch } from '@messwerk/core/model'
import type { IPublishPacket, MqttClient } from 'mqtt'
import { Acknowledgements } from './acknowledgements.ts'
import { EarlyCheckpoints } from './early-checkpoints.ts'
import { type Message, MessageIntake } from './message-intake.ts'
import type { ReadingOptions } from './mqtt-reading.ts'

/** What the window tells its reading. @internal */
export interface WindowHost {
  /** A message was taken. */
  arrived(): void
  /** A publisher counts anew. */
  restarted(topic: string): void
  /** Whether the socket is left unread from now on. */
  holds(isHolding: boolean): void
  /** What a message needs to be decoded cannot be had now: the broker keeps it. */
  failed(error: unknown): void
}

/**
 * The messages of one connection that were taken and are not acknowledged, `window` at most. While it is full, nothing
 * more is parsed, so the socket is not read, and the broker has to wait.
 *
 * @internal
 */
export class MessageWindow {
  readonly #with: ReadingOptions
  readonly #host: WindowHost
  readonly #intake: MessageIntake
  readonly #acks: Acknowledgements
  readonly #early: EarlyCheckpoints | undefined
  #client: MqttClient | undefined
  #wireQos = 0
  /** Lets the client parse on; set while nothing more may be taken. */
  #parseOn: (() => void) | undefined
  #isShut = false
  #handedOver: number
  #acknowledged: number
  #looked = -1

  constructor(options: ReadingOptions, host: WindowHost) {
    const { plan, split, routes, scheduler, position, defers } = options
    this.#with = options
    this.#host = host
    this.#handedOver = this.#acknowledged = position
    const { payload, maxPayload, window, connection } = plan
    const restarted = (topic: string): void => host.restarted(topic)
    const now = (): number => scheduler.now()
    this.#intake = new MessageIntake({ split, payload, maxPayload, routes, now, restarted }, position)
    this.#acks = new Acknowledgements((bytes) => this.#client?.stream.write(bytes))
    const { hurry } = options.options
    if (defers) this.#early = new EarlyCheckpoints({ window, version: connection.version, scheduler, hurry })
  }

  /** Messages that the broker waits for us to acknowledge. */
  get unacknowledged(): number {
    return this.#acks.length
  }

  /** Whether the socket is left unread. */
  get isHolding(): boolean {
    return this.#parseOn !== undefined
  }

  /** Takes what a client receives; before it connects, for kept messages come first. */
  attach(client: MqttClient): void {
    this.#client = client
    // The client acknowledges QoS 1 and 2 by itself as soon as it has parsed a message. Told that it is QoS 0, it does
    // not, and keeps nothing of it: the acknowledgement is ours, when the pipeline commits.
    client.on('packetreceive', (packet) => {
      if (packet.cmd !== 'publish') return
      this.#wireQos = packet.qos
      packet.qos = 0
    })
    client.handleMessage = (packet, done) => this.#take(packet, done as () => void)
  }

  /** Takes nothing more: the broker keeps it for the next connection. What was taken can be acknowledged. */
  shut(): void {
    this.#isShut = true
  }

  /** The connection is over. */
  detach(): void {
    this.#isShut = true
    this.#client = undefined
  }

  /** The next batch, if anything waits. */
  next(): Batch | undefined {
    const batch = this.#intake.take()
    if (!batch) return undefined
    this.#handedOver = batch.position
    this.#early?.arrived()
    if (!this.#with.defers) this.#acks.upTo(batch.position)
    this.#makeRoom()
    return batch
  }

  /** Asks for a checkpoint where one is due. */
  look(): void {
    this.#early?.look(this.#uncommitted)
  }

  /** Nothing has come: may ask for a checkpoint in a moment. The returned function cancels. */
  wait(): (() => void) | undefined {
    return this.#early?.wait(this.#uncommitted)
  }

  /** Tells the broker that everything up to a position is durable. */
  acknowledge(position: number): void {
    const at = Math.min(position, this.#handedOver)
    this.#acknowledged = Math.max(this.#acknowledged, at)
    this.#early?.committed()
    if (this.#acks.upTo(at) > 0) this.#early?.acknowledged()
    this.#makeRoom()
    this.look()
  }

  /** Whether anything was taken since the last question, or has to wait. */
  isBusy(): boolean {
    const { position } = this.#intake
    const hasMoved = position !== this.#looked
    this.#looked = position
    return hasMoved || this.isHolding
  }

  #take(packet: IPublishPacket, done: () => void): void {
    if (this.#isShut) return
    const qos = this.#wireQos as 0 | 1 | 2
    packet.qos = qos
    const { payload, maxPayload } = this.#with.plan
    const bytes = packet.payload as Uint8Array
    const wait = bytes.length > maxPayload ? undefined : payload.prepare?.(bytes)
    if (!wait) return this.#accept(packet, qos, done)
    // the next one is not parsed before this one is taken: their order stays
    this.#host.holds(true)
    wait.then(
      () => {
        if (this.#isShut) return
        this.#host.holds(false)
        this.#accept(packet, qos, done)
      },
      (error: unknown) => this.#host.failed(error)
    )
  }

  #accept(packet: IPublishPacket, qos: 0 | 1 | 2, done: () => void): void {
    const isSkipped = packet.retain && !this.#with.plan.usesRetained
    const position = isSkipped ? this.#intake.skip() : this.#intake.add(packet as Message)
    if (qos > 0) this.#acks.add(position, packet.messageId as number, qos)
    this.#host.arrived()
    if (!this.#isFull) return done()
    this.#parseOn = done
    this.#host.holds(true)
  }

  /** Messages that the pipeline has and has not committed. */
  get #uncommitted(): number {
    return this.#handedOver - this.#acknowledged
  }

  get #isFull(): boolean {
    const { window, buffer } = this.#with.plan
    return this.#acks.length >= window || this.#intake.bytes >= buffer
  }

  #makeRoom(): void {
    const parseOn = this.#parseOn
    if (!parseOn || this.#isFull || this.#isShut) return
    this.#parseOn = undefined
    this.#host.holds(false)
    parseOn()
  }
}
