import type { Scheduler } from '@messwerk/core/driver'
import { AuthError, NotConnectedError, ProtocolError, type SdkError } from '@messwerk/core/model'
import type { IConnackPacket, MqttClient } from 'mqtt'
import { connectMqtt, disconnectMqtt } from './connect-mqtt.ts'
import { connectionError } from './connection-errors.ts'
import type { ConnectionPlan } from './connection-options.ts'
import { LinkWatch } from './link-watch.ts'
import { reasonText } from './reason-codes.ts'

/** @internal */
export interface PublisherOptions {
  readonly plan: ConnectionPlan
  readonly clientId: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly userProperties: Readonly<Record<string, string>> | undefined
  readonly inFlight: number
  readonly scheduler: Scheduler
}

const NOT_AUTHORIZED = 135

/**
 * One connection that publishes, never more at once than the broker's CONNACK allows: brokers end the connection of one
 * that does, and what was on its way then comes twice.
 *
 * @internal
 */
export class Publisher {
  readonly #with: PublisherOptions
  readonly #pending = new Set<(error: SdkError) => void>()
  #waiting: (() => void)[] = []
  #client: MqttClient | undefined
  #watch: LinkWatch | undefined
  #error: SdkError | undefined
  #limit = 1
  #largest = Number.POSITIVE_INFINITY

  constructor(options: PublisherOptions) {
    this.#with = options
  }

  get url(): string {
    return this.#with.plan.url
  }

  /** Why the connection ended, once it has. */
  get error(): SdkError | undefined {
    return this.#error
  }

  /** @throws SdkError */
  async open(signal: AbortSignal | undefined): Promise<void> {
    const { plan, clientId } = this.#with
    const { client, connack } = await connectMqtt({
      plan,
      clientId,
      expiry: 0,
      signal,
      prepare: () => {},
      ended: (error) => this.#end(error)
    })
    this.#client = client
    this.#heed(connack)
    this.#startWatch(client, connack.properties?.serverKeepAlive)
  }

  /** Whether another message may be sent now. */
  get hasRoom(): boolean {
    return this.#pending.size < this.#limit
  }

  /** Resolves when there may be room, or the connection has ended. */
  room(): Promise<void> {
    if (this.hasRoom || this.#error) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Publishes; calls back when the broker has confirmed it (QoS 0: when it is on its way), or why not. */
  publish(topic: string, payload: string | Uint8Array, done: (error?: SdkError) => void): void {
    const { qos, retain, userProperties, plan } = this.#with
    const client = this.#client
    if (this.#error || !client) return done(this.#error ?? new NotConnectedError(plan.url, 'closed'))
    const size = typeof payload === 'string' ? payload.length : payload.byteLength
    if (size > this.#largest) {
      return done(
        new ProtocolError(`${plan.url}: ${size} B for '${topic}' are more than the broker takes (${this.#largest} B)`)
      )
    }
    const failed = (error: SdkError): void => done(error)
    this.#pending.add(failed)
    const properties =
      userProperties && plan.version === 5 ? { properties: { userProperties: { ...userProperties } } } : {}
    client.publish(topic, payload as Buffer | string, { qos, retain, ...properties }, (error) => {
      if (!this.#pending.delete(failed)) return
      done(error ? this.#refusal(error, topic) : undefined)
      this.#letIn()
    })
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    this.#watch?.stop()
    if (client && !this.#error) {
      this.#error = new NotConnectedError(this.#with.plan.url, 'closed')
      await disconnectMqtt(client)
    }
  }

  #heed({ properties }: IConnackPacket): void {
    const { plan, qos, retain, inFlight } = this.#with
    const most = properties?.maximumQoS ?? 2
    if (qos > most) this.#refuse(`takes QoS up to ${most}, not ${qos}`)
    if (retain && properties?.retainAvailable === false) this.#refuse('does not retain messages')
    this.#limit = Math.min(inFlight, (qos > 0 && properties?.receiveMaximum) || 65_535)
    // topic and header of a message come on top of its payload
    if (plan.version === 5 && properties?.maximumPacketSize) this.#largest = properties.maximumPacketSize - 1024
  }

  #refuse(why: string): never {
    void this.close()
    throw new ProtocolError(`${this.#with.plan.url}: the broker ${why}`)
  }

  #refusal(cause: unknown, topic: string): SdkError {
    const { plan } = this.#with
    const code = (cause as { readonly code?: unknown }).code
    if (typeof code !== 'number' || code < 128) return connectionError(cause, plan)
    const why = `it refused a message for '${topic}': ${reasonText(code)}`
    return code === NOT_AUTHORIZED
      ? new AuthError(plan.url, why, { cause })
      : new ProtocolError(`${plan.url}: ${why}`, { cause })
  }

  #startWatch(client: MqttClient, serverKeepAlive = Number.POSITIVE_INFINITY): void {
    const { plan, scheduler } = this.#with
    const keepaliveMs = Math.min(plan.keepaliveMs, serverKeepAlive * 1000)
    const watch = new LinkWatch({
      keepaliveMs,
      scheduler,
      ping: () => {
        client.sendPing()
        client.reschedulePing(true)
      },
      quiet: () => {},
      dead: () => {
        this.#end(new NotConnectedError(plan.url, `nothing heard from the broker for ${(keepaliveMs * 1.5) / 1000} s`))
        client.stream.destroy()
      }
    })
    this.#watch = watch
    client.stream.on('data', () => watch.heard())
  }

  #end(error: SdkError): void {
    this.#error ??= error
    this.#watch?.stop()
    const pending = Array.from(this.#pending)
    this.#pending.clear()
    for (const fail of pending) fail(this.#error)
    this.#letIn()
  }

  #letIn(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
