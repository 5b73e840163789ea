import type { Scheduler } from '@messwerk/core/driver'
import { type Duration, durationMs, type Size, sizeBytes } from '@messwerk/core/model'
import type { Payload } from '../payload/payload.ts'
import { type ConnectionPlan, checkQos, type MqttConnectionOptions, planConnection } from './connection-options.ts'
import { type TopicTemplate, topicTemplate } from './topic-template.ts'

/**
 * Options of {@link mqttSource}.
 *
 * @example
 * ```ts
 * import { json, type MqttSourceOptions } from '@messwerk/transports/mqtt'
 *
 * const options: MqttSourceOptions<'temperature'> = {
 *   url: 'mqtt://127.0.0.1:1883',
 *   clientId: 'hall-2',
 *   topics: 'line/{machine}/{sensor}',
 *   payload: json({ channels: { temperature: 'Cel' }, time: { at: 'ts', unit: 'ms' } }),
 * }
 * options.topics // => 'line/{machine}/{sensor}'
 * ```
 */
export interface MqttSourceOptions<C extends string> extends MqttConnectionOptions {
  /**
   * What to subscribe to: `line/{machine}/{sensor}`, `a/+/b`, `x/#`, `$share/group/x/#`, or several. Each topic is a
   * stream; named levels become its tags.
   */
  readonly topics: string | readonly string[]
  /** How payloads become scans: `json`, `number` or `custom`. */
  readonly payload: Payload<C>
  /** With 1 or 2 a message is acknowledged when what came of it is durable. @defaultValue 1 */
  readonly qos?: 0 | 1 | 2 | undefined
  /**
   * Name of the session at the broker, the same at each start and of this reader alone: under it the broker keeps what
   * was not acknowledged. Needed unless `qos` is 0 or `session` is `'none'`.
   */
  readonly clientId?: string | undefined
  /** How long the broker keeps the session while nobody reads (MQTT 5; 3.1.1 brokers decide it). @defaultValue '1h' */
  readonly session?: Duration | 'none' | undefined
  /** Id of the stream of a topic. @defaultValue the topic */
  readonly stream?: ((tags: Readonly<Record<string, string>>, topic: string) => string) | undefined
  /** What the broker has retained and sends at the subscription: old news. @defaultValue 'skip' */
  readonly retained?: 'use' | 'skip' | undefined
  /** Most messages that are taken and not acknowledged, 1 to 16384; announced to MQTT 5 brokers. @defaultValue 10000 */
  readonly window?: number | undefined
  /** Most payload bytes that wait for the pipeline; then nothing more is read from the socket. @defaultValue '16MiB' */
  readonly buffer?: Size | undefined
  /** Larger payloads go to the dead letters, cut. @defaultValue '1MiB' */
  readonly maxPayload?: Size | undefined
  /** @defaultValue systemTime */
  readonly scheduler?: Scheduler | undefined
}

/** Options that have been checked. @internal */
export interface SourcePlan {
  readonly connection: ConnectionPlan
  readonly templates: readonly TopicTemplate[]
  readonly payload: Payload<string>
  readonly qos: 0 | 1 | 2
  readonly clientId: string
  /** Of the source and its split: the same at each start, so that a checkpoint finds its state again. */
  readonly id: string
  /** Seconds; 0 = a clean session. */
  readonly expiry: number
  readonly stream: (tags: Readonly<Record<string, string>>, topic: string) => string
  readonly usesRetained: boolean
  readonly window: number
  readonly buffer: number
  readonly maxPayload: number
}

const WHAT = 'mqttSource'
// ids of redeliveries are known among the last 65 536 messages, of which as many again may be on their way
const MOST_WINDOW = 16_384

/** @throws TypeError or RangeError that names the option @internal */
export function planSource(options: MqttSourceOptions<string>): SourcePlan {
  const { qos = 1, payload, stream = (_, topic) => topic, retained = 'skip', window = 10_000 } = options
  checkQos(qos, WHAT)
  if (typeof payload?.decode !== 'function') {
    throw new TypeError(`${WHAT}: payload must be made by json(), number() or custom()`)
  }
  if (retained !== 'use' && retained !== 'skip') {
    throw new RangeError(`${WHAT}: retained must be 'use' or 'skip', got ${JSON.stringify(retained)}`)
  }
  if (!Number.isInteger(window) || window < 1 || window > MOST_WINDOW) {
    throw new RangeError(`${WHAT}: window must be a whole number from 1 to ${MOST_WINDOW}, got ${window}`)
  }
  const expiry = expiryOf(options.session, qos)
  return {
    connection: planConnection(options, WHAT),
    templates: templatesOf(options.topics),
    payload,
    qos,
    clientId: clientIdOf(options.clientId, expiry),
    id: `mqtt:${options.clientId ?? [options.topics].flat().join(' ')}`,
    expiry,
    stream,
    usesRetained: retained === 'use',
    window,
    buffer: sizeBytes(options.buffer ?? '16MiB', `${WHAT}: buffer`),
    maxPayload: sizeBytes(options.maxPayload ?? '1MiB', `${WHAT}: maxPayload`)
  }
}

function templatesOf(topics: string | readonly string[]): TopicTemplate[] {
  const list = typeof topics === 'string' ? [topics] : topics
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(`${WHAT}: topics must be a topic such as 'line/{machine}/{sensor}', or a list of topics`)
  }
  return list.map((text) => topicTemplate(text, `${WHAT}: topics`))
}

function expiryOf(session: Duration | 'none' | undefined, qos: 0 | 1 | 2): number {
  if (session === 'none' || (session === undefined && qos === 0)) return 0
  const ms = durationMs(session ?? '1h', `${WHAT}: session`)
  if (ms < 1000) throw new RangeError(`${WHAT}: session must be at least 1 s, or 'none', got '${session}'`)
  return Math.min(Math.ceil(ms / 1000), 0xffffffff)
}

function clientIdOf(clientId: string | undefined, expiry: number): string {
  if (clientId === undefined && expiry === 0) return `messwerk-${Math.random().toString(36).slice(2, 12)}`
  if (typeof clientId === 'string' && clientId !== '') return clientId
  throw new TypeError(
    `${WHAT}: clientId must be a name that stays the same at each start: under it the broker keeps what was not ` +
      "acknowledged; without one use qos: 0 or session: 'none'"
  )
}
