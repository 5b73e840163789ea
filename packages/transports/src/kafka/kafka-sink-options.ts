import { ProtocolError, type Size, sizeBytes } from '@messwerk/core/model'
import { fillIn, type SinkItem } from '../payload/sink-item.ts'
import { COMPRESSIONS } from './compression.ts'
import { type KafkaConnectionOptions, planConnection } from './connection-options.ts'
import type { KafkaWriter } from './kafka-client.ts'
import type { WriterOptions } from './kafkajs-writer.ts'
import { isTopicName } from './topic-pattern.ts'
import { canWriteZstd } from './zstd.ts'

/**
 * What a sink writes: a block or an event.
 *
 * @example
 * ```ts
 * import type { KafkaItem } from '@messwerk/transports/kafka'
 *
 * const kindOf = (item: KafkaItem): string => ('phase' in item ? 'event' : 'block')
 * typeof kindOf // => 'function'
 * ```
 */
export type KafkaItem = SinkItem

/**
 * What a payload of one's own may be: one message, or several.
 *
 * @example
 * ```ts
 * import type { KafkaPayload } from '@messwerk/transports/kafka'
 *
 * const payloads: KafkaPayload = ['21.5', '21.6']
 * payloads.length // => 2
 * ```
 */
export type KafkaPayload = string | Uint8Array | readonly (string | Uint8Array)[]

/**
 * Options of {@link kafkaSink}.
 *
 * @example
 * ```ts
 * import type { KafkaSinkOptions } from '@messwerk/transports/kafka'
 *
 * const options: KafkaSinkOptions = { url: 'kafka://127.0.0.1:9092', topic: 'features.{line}', compression: 'gzip' }
 * options.topic // => 'features.{line}'
 * ```
 */
export interface KafkaSinkOptions extends KafkaConnectionOptions {
  /** `features.{line}`: `{stream}`, the tags of the stream, for events also `{kind}` and `{rule}`; or a function. */
  readonly topic: string | ((item: KafkaItem) => string)
  /**
   * Messages of an item.
   *
   * @defaultValue JSON: an event as it is, a block one message a scan with `time` (ISO 8601) and its channels
   */
  readonly payload?: ((item: KafkaItem) => KafkaPayload) | undefined
  /** Messages of one key keep their order and go to one partition. @defaultValue the id of the stream */
  readonly key?: ((item: KafkaItem) => string | undefined) | undefined
  /** Headers of the messages of an item. @defaultValue none */
  readonly headers?: ((item: KafkaItem) => Readonly<Record<string, string>>) | undefined
  /** Who must have a message before it counts as written: all replicas in sync, the leader, nobody. @defaultValue 'all' */
  readonly acks?: 'all' | 'leader' | 'none' | undefined
  /** Whether the broker drops what the producer repeats by itself; needs `acks: 'all'`. @defaultValue true with that */
  readonly idempotent?: boolean | undefined
  /**
   * Of record batches. `snappy` needs the package snappyjs, `zstd` Node 22.15; or `codecs`.
   *
   * @defaultValue 'none'
   */
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd' | undefined
  /** Most bytes of keys and values in one request, below the broker's `message.max.bytes`. @defaultValue '512KiB' */
  readonly batch?: Size | undefined
  /** Another client library. @internal */
  readonly open?: ((options: WriterOptions) => Promise<KafkaWriter>) | undefined
}

/** Options that have been checked. @internal */
export interface SinkPlan {
  readonly id: string
  readonly writer: WriterOptions
  readonly topicOf: (item: KafkaItem) => string
  readonly batch: number
  readonly options: KafkaSinkOptions
}

const WHAT = 'kafkaSink'
const ACKS = { all: -1, leader: 1, none: 0 } as const

/** @throws TypeError or RangeError that names the option @internal */
export function planSink(options: KafkaSinkOptions): SinkPlan {
  const { acks = 'all', idempotent = acks === 'all', compression = 'none', topic, payload, key, headers } = options
  if (!Object.hasOwn(ACKS, acks)) {
    throw new RangeError(`${WHAT}: acks must be 'all', 'leader' or 'none', got ${JSON.stringify(acks)}`)
  }
  if (idempotent && acks !== 'all') throw new RangeError(`${WHAT}: idempotent needs acks: 'all', got '${acks}'`)
  if (!Object.hasOwn(COMPRESSIONS, compression)) {
    const known = Object.keys(COMPRESSIONS).join(', ')
    throw new RangeError(`${WHAT}: compression must be one of ${known}, got ${JSON.stringify(compression)}`)
  }
  if (compression === 'zstd' && !canWriteZstd && !options.codecs?.zstd) {
    throw new RangeError(`${WHAT}: compression 'zstd' needs Node 22.15 or later, or codecs.zstd`)
  }
  for (const [name, value] of Object.entries({ payload, key, headers })) {
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${WHAT}: ${name} must be a function`)
  }
  const batch = sizeBytes(options.batch ?? '512KiB', `${WHAT}: batch`)
  if (batch < 1024) throw new RangeError(`${WHAT}: batch must be at least 1KiB, got '${options.batch}'`)
  const plan = planConnection(options, WHAT)
  return {
    id: `kafka:${typeof topic === 'string' ? topic : plan.url}`,
    writer: { plan, acks: ACKS[acks], isIdempotent: idempotent, compression: COMPRESSIONS[compression] },
    topicOf: topicOf(topic),
    batch,
    options
  }
}

function topicOf(topic: KafkaSinkOptions['topic']): (item: KafkaItem) => string {
  if (typeof topic === 'function') return (item) => checked(topic(item))
  if (typeof topic !== 'string' || topic === '') {
    const got = JSON.stringify(topic)
    throw new TypeError(`${WHAT}: topic must be a topic such as 'features.{line}' or a function, got ${got}`)
  }
  if (!isTopicName(topic.replaceAll(/\{[^{}]+\}/g, 'x'))) {
    throw new RangeError(`${WHAT}: a topic has letters, digits, '.', '_' and '-' besides '{name}', got '${topic}'`)
  }
  if (!topic.includes('{')) return () => topic
  return (item) => checked(fillIn(topic, item, WHAT))
}

function checked(topic: string): string {
  if (isTopicName(topic)) return topic
  throw new ProtocolError(`${WHAT}: '${topic}' is no topic: it has letters, digits, '.', '_' and '-', 249 at most`)
}
