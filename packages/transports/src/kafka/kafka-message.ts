import type { UserProperties } from '../payload/payload.ts'
import type { KafkaHeaders, KafkaRecord, Part } from './kafka-client.ts'

/**
 * A record as functions of one's own see it.
 *
 * @example
 * ```ts
 * import type { KafkaMessage } from '@messwerk/transports/kafka'
 *
 * const byPlant = ({ key, headers }: KafkaMessage): string => `${headers['plant']}/${key}`
 * byPlant({ topic: 't', partition: 0, offset: 7, key: 'press-3', headers: { plant: 'B' }, timestamp: 0 }) // => 'B/press-3'
 * ```
 */
export interface KafkaMessage {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** As text. */
  readonly key: string | undefined
  /** As texts. */
  readonly headers: UserProperties
  /** Of the record, ms since the Unix epoch. */
  readonly timestamp: number
}

/** @internal */
export function messageOf({ topic, partition }: Part, record: KafkaRecord): KafkaMessage {
  const { offset, key, headers, timestamp } = record
  return {
    topic,
    partition,
    offset: Number(offset),
    key: key === null ? undefined : key.toString(),
    headers: headersOf(headers) ?? {},
    timestamp: Number(timestamp)
  }
}

/** Headers as texts; undefined when there are none. @internal */
export function headersOf(headers: KafkaHeaders | undefined): UserProperties | undefined {
  let texts: Record<string, string | string[]> | undefined
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || value === null) continue
    texts ??= {}
    texts[name] = Array.isArray(value) ? value.map(String) : String(value)
  }
  return texts
}
