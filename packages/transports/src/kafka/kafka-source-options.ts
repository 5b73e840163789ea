import type { Scheduler } from '@messwerk/core/driver'
import { type Duration, durationMs, type Size, sizeBytes } from '@messwerk/core/model'
import type { Payload } from '../payload/payload.ts'
import { type ConnectionPlan, type KafkaConnectionOptions, planConnection } from './connection-options.ts'
import type { KafkaReader } from './kafka-client.ts'
import type { KafkaMessage } from './kafka-message.ts'
import { type TopicPattern, topicPattern } from './topic-pattern.ts'

/**
 * Options of {@link kafkaSource}.
 *
 * @example
 * ```ts
 * import { json, type KafkaSourceOptions } from '@messwerk/transports/kafka'
 *
 * const options: KafkaSourceOptions<'rms'> = {
 *   url: 'kafka://127.0.0.1:9092',
 *   group: 'hall-2',
 *   topics: /line\.(?<machine>[^.]+)/,
 *   payload: json({ channels: { rms: 'mm/s' }, time: { at: 'ts', unit: 'ms' } }),
 * }
 * options.group // => 'hall-2'
 * ```
 */
export interface KafkaSourceOptions<C extends string> extends KafkaConnectionOptions {
  /** Name of the consumer group: its members share the partitions, and it keeps what was committed. */
  readonly group: string
  /**
   * Topics by name, or by a pattern that the whole name must match; several, too. Named groups of a pattern become tags
   * of the streams. Topics that come later are found within a minute.
   */
  readonly topics: string | RegExp | readonly (string | RegExp)[]
  /** How payloads become scans: `json`, `number` or `custom`. Without a time in it, that of the record counts. */
  readonly payload: Payload<C>
  /**
   * Where a partition begins that no checkpoint knows: `committed` = where the group has committed, the beginning where
   * it has not; `earliest`, `latest` or a time = there, whatever the group has committed, each time the process
   * starts: not for a group of several members.
   *
   * @defaultValue 'committed'
   */
  readonly start?: 'committed' | 'earliest' | 'latest' | Date | undefined
  /** Id of the stream of a message; called for each. @defaultValue its key, without one the topic */
  readonly stream?: ((message: KafkaMessage) => string) | undefined
  /** Tags of a stream, of its first message. @defaultValue the named groups of the topic's pattern */
  readonly tags?: ((message: KafkaMessage) => Readonly<Record<string, string>>) | undefined
  /**
   * Makes it a static member, by a name that no other process of the group has and that stays the same at each start. At a stop it does
   * not leave the group: started again within `session` it goes on with the same partitions, and the others do not rebalance. Two
   * processes with one name: the older one ends with a FencedError. Needs brokers from Kafka 2.3 on.
   */
  readonly instanceId?: string | undefined
  /** How long the group waits for a member that falls silent, 6 s to 30 min for a broker's defaults. @defaultValue '30s' */
  readonly session?: Duration | undefined
  /** How long a rebalance may wait until what was read is durable and committed. @defaultValue '10s' */
  readonly handOver?: Duration | undefined
  /** Most bytes of a partition in one fetch, as they are in the log; four times as many of a broker. @defaultValue '1MiB' */
  readonly fetch?: Size | undefined
  /** Most bytes of records that wait for the pipeline; then nothing more is fetched. @defaultValue '16MiB' */
  readonly buffer?: Size | undefined
  /** Larger payloads go to the dead letters, cut. @defaultValue '1MiB' */
  readonly maxPayload?: Size | undefined
  /** @defaultValue systemTime */
  readonly scheduler?: Scheduler | undefined
  /** Another client library. @internal */
  readonly open?: OpenReader | undefined
}

/** @internal */
export type OpenReader = (plan: ConnectionPlan, signal: AbortSignal) => Promise<KafkaReader>

/** Options that have been checked. @internal */
export interface SourcePlan {
  readonly connection: ConnectionPlan
  /** Of the source: the same at each start, so that a checkpoint finds its state again. */
  readonly id: string
  readonly group: string
  readonly instance: string | undefined
  readonly topics: readonly TopicPattern[]
  readonly payload: Payload<string>
  readonly start: 'committed' | 'earliest' | 'latest' | number
  readonly stream: ((message: KafkaMessage) => string) | undefined
  readonly tags: ((message: KafkaMessage) => Readonly<Record<string, string>>) | undefined
  readonly sessionMs: number
  readonly handOverMs: number
  readonly fetch: number
  readonly buffer: number
  readonly maxPayload: number
}

const WHAT = 'kafkaSource'
const STARTS: readonly unknown[] = ['committed', 'earliest', 'latest']

/** @throws TypeError or RangeError that names the option @internal */
export function planSource(options: KafkaSourceOptions<string>): SourcePlan {
  const { group, payload, stream, tags } = options
  if (typeof group !== 'string' || group === '') {
    throw new TypeError(`${WHAT}: group must be the name of a consumer group, the same at each start`)
  }
  if (typeof payload?.decode !== 'function') {
    throw new TypeError(`${WHAT}: payload must be made by json(), number() or custom()`)
  }
  for (const [name, value] of Object.entries({ stream, tags })) {
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${WHAT}: ${name} must be a function`)
  }
  return {
    connection: planConnection(options, WHAT),
    id: `kafka:${group}`,
    group,
    instance: instanceOf(options.instanceId),
    topics: patternsOf(options.topics),
    payload,
    start: startOf(options.start),
    stream,
    tags,
    ...timesOf(options),
    fetch: sizeOf(options.fetch, '1MiB', 'fetch'),
    buffer: sizeOf(options.buffer, '16MiB', 'buffer'),
    maxPayload: sizeOf(options.maxPayload, '1MiB', 'maxPayload')
  }
}

function instanceOf(name: unknown): string | undefined {
  if (name === undefined || (typeof name === 'string' && /^(?!\.\.?$)[\w.-]{1,249}$/.test(name))) return name
  throw new TypeError(
    `${WHAT}: instanceId must be a name of letters, digits, '.', '_' and '-', got ${JSON.stringify(name)}`
  )
}

function patternsOf(topics: KafkaSourceOptions<string>['topics']): TopicPattern[] {
  const list = typeof topics === 'string' || topics instanceof RegExp ? [topics] : topics
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(`${WHAT}: topics must be a topic, a pattern such as /line\\..+/, or a list of these`)
  }
  return list.map((topic) => topicPattern(topic, `${WHAT}: topics`))
}

function startOf(start: KafkaSourceOptions<string>['start'] = 'committed'): SourcePlan['start'] {
  if (typeof start === 'string' && STARTS.includes(start)) return start
  if (start instanceof Date && !Number.isNaN(start.getTime())) return start.getTime()
  throw new RangeError(`${WHAT}: start must be 'committed', 'earliest', 'latest' or a Date, got ${String(start)}`)
}

function timesOf({ session = '30s', handOver = '10s' }: KafkaSourceOptions<string>) {
  const sessionMs = durationMs(session, `${WHAT}: session`)
  if (sessionMs < 1000) throw new RangeError(`${WHAT}: session must be at least 1 s, got '${session}'`)
  return { sessionMs, handOverMs: durationMs(handOver, `${WHAT}: handOver`) }
}

function sizeOf(size: Size | undefined, otherwise: Size, name: string): number {
  const bytes = sizeBytes(size ?? otherwise, `${WHAT}: ${name}`)
  if (bytes >= 1024 && bytes < 2 ** 31) return bytes
  throw new RangeError(`${WHAT}: ${name} must be from 1KiB to 2GiB, got '${size}'`)
}
