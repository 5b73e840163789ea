import { type Scheduler, systemTime } from '@messwerk/core/driver'
import { BatchError, type SdkError, type Sink } from '@messwerk/core/model'
import { defaultPayloads } from '../payload/sink-item.ts'
import { type ConnectionPlan, checkQos, type MqttConnectionOptions, planConnection } from './connection-options.ts'
import { type MqttItem, type Outgoing, type TopicOf, topicOf } from './outgoing.ts'
import { PendingWrite } from './pending-write.ts'
import { Publisher } from './publisher.ts'

/**
 * What a payload of one's own may be: one message, or several.
 *
 * @example
 * ```ts
 * import type { MqttPayload } from '@messwerk/transports/mqtt'
 *
 * const payloads: MqttPayload = ['21.5', '21.6']
 * payloads.length // => 2
 * ```
 */
export type MqttPayload = string | Uint8Array | readonly (string | Uint8Array)[]

/**
 * Options of {@link mqttSink}.
 *
 * @example
 * ```ts
 * import type { MqttSinkOptions } from '@messwerk/transports/mqtt'
 *
 * const options: MqttSinkOptions = { url: 'mqtt://127.0.0.1:1883', topic: 'features/{stream}', inFlight: 100 }
 * options.topic // => 'features/{stream}'
 * ```
 */
export interface MqttSinkOptions extends MqttConnectionOptions {
  /** `features/{stream}`: `{stream}`, the tags of the stream, for events also `{kind}` and `{rule}`; or a function. */
  readonly topic: string | ((item: MqttItem) => string)
  /**
   * Messages of an item.
   *
   * @defaultValue JSON: an event as it is, a block one message a scan with `time` (ISO 8601) and its channels
   */
  readonly payload?: ((item: MqttItem) => MqttPayload) | undefined
  /** With 1 and 2 a message counts as written when the broker has confirmed it. @defaultValue 1 */
  readonly qos?: 0 | 1 | 2 | undefined
  /** Whether the broker keeps the last message of each topic. @defaultValue false */
  readonly retain?: boolean | undefined
  /** Most messages that wait for their confirmation; the broker's own limit counts too. @defaultValue 1000 */
  readonly inFlight?: number | undefined
  /** User properties of each message (MQTT 5). */
  readonly messageProperties?: Readonly<Record<string, string>> | undefined
  /** @defaultValue made at random */
  readonly clientId?: string | undefined
  /** @defaultValue systemTime */
  readonly scheduler?: Scheduler | undefined
}

/**
 * Publishes blocks and events.
 *
 * A write resolves when the broker has confirmed every message of it (QoS 1: PUBACK, QoS 2: PUBCOMP; QoS 0: when it was
 * sent). It never has more on its way than the broker's CONNACK allows. What is written again is published again:
 * readers tell repeated scans by stream and time, repeated events by id.
 *
 * @throws TypeError or RangeError when an option is wrong.
 * `open` and `write` reject with NotConnectedError and TimeoutError, which may be retried; AuthError; ProtocolError;
 * MissingDependencyError; `write` with BatchError when the broker confirmed some items and not others: refused ones
 * (payload format, quota) are not to be retried, unconfirmed ones are.
 *
 * @example
 * ```ts
 * import { mqttSink } from '@messwerk/transports/mqtt'
 *
 * const sink = mqttSink({ url: 'mqtt://127.0.0.1:1883', topic: 'features/{stream}', qos: 1 })
 * sink.id // => 'mqtt:features/{stream}'
 * await sink.close?.() // => undefined
 * ```
 */
export function mqttSink(options: MqttSinkOptions): Sink<MqttItem> {
  const { qos = 1, inFlight = 1000, payload } = options
  checkQos(qos, 'mqttSink')
  if (!Number.isInteger(inFlight) || inFlight < 1 || inFlight > 65_535) {
    throw new RangeError(`mqttSink: inFlight must be a whole number from 1 to 65535, got ${inFlight}`)
  }
  if (payload !== undefined && typeof payload !== 'function')
    throw new TypeError('mqttSink: payload must be a function')
  return new Writer(options, planConnection(options, 'mqttSink'), topicOf(options.topic))
}

class Writer implements Sink<MqttItem> {
  readonly id: string
  readonly #options: MqttSinkOptions
  readonly #plan: ConnectionPlan
  readonly #topic: TopicOf
  #publisher: Promise<Publisher> | undefined
  #current: Publisher | undefined

  constructor(options: MqttSinkOptions, plan: ConnectionPlan, topic: TopicOf) {
    this.id = `mqtt:${typeof options.topic === 'string' ? options.topic : plan.url}`
    this.#options = options
    this.#plan = plan
    this.#topic = topic
  }

  async open(signal?: AbortSignal): Promise<void> {
    await this.#connected(signal)
  }

  async write(items: readonly MqttItem[], signal?: AbortSignal): Promise<void> {
    if (items.length === 0) return
    const publisher = await this.#connected(signal)
    const write = new PendingWrite(publisher)
    await write.run(items, (item) => this.#messages(item), signal)
    const { failed } = write
    if (failed.size === 0) return
    const [first] = failed.values()
    // one reason for all of them: the outlet need not look at each
    if (failed.size === items.length && new Set(failed.values()).size === 1) throw first as SdkError
    throw new BatchError(this.id, failed)
  }

  async close(): Promise<void> {
    const publisher = this.#publisher
    this.#publisher = undefined
    await (await publisher?.catch(() => undefined))?.close()
  }

  *#messages(item: MqttItem): Generator<Outgoing> {
    const topic = this.#topic(item)
    for (const payload of this.#payloads(item)) yield { topic, payload }
  }

  #payloads(item: MqttItem): Iterable<string | Uint8Array> {
    const made = this.#options.payload?.(item)
    if (made === undefined) return defaultPayloads(item, 'mqttSink')
    return typeof made === 'string' || made instanceof Uint8Array ? [made] : made
  }

  /** The connection, made anew when it has ended; writes at the same time share it. */
  #connected(signal: AbortSignal | undefined): Promise<Publisher> {
    if (this.#publisher && !this.#current?.error) return this.#publisher
    this.#current = undefined
    const opening = this.#open(signal)
    this.#publisher = opening
    opening.then(
      (publisher) => {
        this.#current = publisher
      },
      () => {
        if (this.#publisher === opening) this.#publisher = undefined
      }
    )
    return opening
  }

  async #open(signal: AbortSignal | undefined): Promise<Publisher> {
    const {
      qos = 1,
      retain = false,
      inFlight = 1000,
      clientId,
      messageProperties,
      scheduler = systemTime
    } = this.#options
    const publisher = new Publisher({
      plan: this.#plan,
      clientId: clientId ?? `messwerk-${Math.random().toString(36).slice(2, 12)}`,
      qos,
      retain,
      userProperties: messageProperties,
      inFlight,
      scheduler
    })
    await publisher.open(signal)
    return publisher
  }
}
