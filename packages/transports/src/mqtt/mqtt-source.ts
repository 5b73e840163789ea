import { systemTime } from '@messwerk/core/driver'
import type { Batch, Positions, ReadOptions, Source } from '@messwerk/core/model'
import { MqttReading } from './mqtt-reading.ts'
import { type MqttSourceOptions, planSource, type SourcePlan } from './mqtt-source-options.ts'
import { TopicRoutes } from './topic-routes.ts'

/**
 * Measurements from an MQTT broker.
 *
 * With QoS 1 or 2 a message is acknowledged, in the order of arrival, when the pipeline commits it, that is when what
 * came of it is durable; what was not acknowledged comes again, also after a crash, and is known by its id. At most
 * `window` messages are unacknowledged; then the socket is no longer read.
 *
 * A lost connection is an error that may be retried: the pipeline reads again and keeps its state. Payloads that cannot
 * be decoded, messages of topics that match no template and scans older than their stream's last go to the dead letters,
 * each with its reason; one bad message costs one message.
 *
 * @throws TypeError or RangeError when an option is wrong.
 * `read` throws AuthError; NotConnectedError, TimeoutError and InUseError (another client has the same id), which may be
 * retried; ProtocolError; MissingDependencyError without `mqtt`.
 *
 * @example
 * ```ts
 * import { json, mqttSource } from '@messwerk/transports/mqtt'
 *
 * const source = mqttSource({
 *   url: 'mqtt://reader:secret@127.0.0.1:1883',
 *   clientId: 'hall-2',
 *   topics: 'line/{machine}/{sensor}',
 *   payload: json({ channels: { temperature: 'Cel' }, time: { at: 'ts', unit: 'ms' }, sequence: 'seq' }),
 * })
 * source.id // => 'mqtt:hall-2'
 * source.replay // => 'session'
 * ```
 */
export function mqttSource<const C extends string>(options: MqttSourceOptions<C>): Source<C> {
  return new Subscription(options)
}

class Subscription<C extends string> implements Source<C> {
  readonly id: string
  readonly replay: 'session' | 'none'
  readonly #options: MqttSourceOptions<C>
  readonly #plan: SourcePlan
  readonly #routes: TopicRoutes
  #position = -1
  #hasRead = false
  #reading: MqttReading | undefined

  constructor(options: MqttSourceOptions<C>) {
    const plan = planSource(options)
    this.#options = options
    this.#plan = plan
    this.id = plan.id
    this.replay = plan.qos > 0 && plan.expiry > 0 ? 'session' : 'none'
    this.#routes = new TopicRoutes({
      split: this.id,
      templates: plan.templates,
      payload: plan.payload,
      stream: plan.stream
    })
  }

  async *read(options: ReadOptions): AsyncGenerator<Batch<C>, void, void> {
    await this.#reading?.close()
    const from = options.from[this.id]
    this.#position = Math.max(this.#position, from ?? -1)
    const reading = new MqttReading({
      plan: this.#plan,
      split: this.id,
      routes: this.#routes,
      scheduler: this.#options.scheduler ?? systemTime,
      position: this.#position,
      continues: this.replay === 'session' && (this.#hasRead || from !== undefined),
      defers: this.replay === 'session',
      options
    })
    this.#reading = reading
    if (options.signal.aborted) return
    try {
      await reading.open()
      this.#hasRead = true
      for (let batch = await reading.next(); batch; batch = await reading.next()) {
        this.#position = batch.position
        yield batch as Batch<C>
      }
    } finally {
      reading.linger()
    }
  }

  async commit(at: Positions): Promise<void> {
    const position = at[this.id]
    if (position !== undefined) this.#reading?.acknowledge(position)
  }
}
