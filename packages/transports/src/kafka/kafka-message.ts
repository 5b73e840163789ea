import type { UserProperties } from '../payload/payload.ts'
import type { KafkaRecords, Part } from './kafka-client.ts'

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
export function messageOf({ topic, partition }: Part, records: KafkaRecords, i: number): KafkaMessage {
  return {
    topic,
    partition,
    offset: records.offset(i),
    key: records.key(i),
    headers: records.headers(i) ?? {},
    timestamp: records.timestamp(i)
  }
}
