import { Buffer } from 'node:buffer'
import { ProtocolError } from '@messwerk/core/model'
import type { AtPartition, Broker, OfTopic } from './kafkajs-protocol.ts'

// kafkajs encodes `group_instance_id` in the requests that join and stay in a group, but its brokers do not pass it on, and its
// newest commit of offsets is older than the field. Brokers have it from Kafka 2.3 on (KIP-345).

const OFFSET_COMMIT = 8
/** Oldest version of each request with the field, by API key: commit, join, heartbeat, sync. */
const NEEDED: readonly (readonly [key: number, version: number])[] = [
  [OFFSET_COMMIT, 7],
  [11, 5],
  [12, 3],
  [14, 3]
]

type Fields = Readonly<Record<string, unknown>>

interface Exchange {
  readonly request: object
  readonly response: object
}

/** Finds how a request is made, in the newest version that both sides know. */
type Lookup = (key: number, definition: unknown) => (fields: Fields) => Exchange

/** What a broker of kafkajs has besides. */
interface Looking {
  readonly lookupRequest: Lookup
  readonly versions?: Readonly<Record<number, { readonly maxVersion: number }>> | null
}

/**
 * The same broker, to which every request of a group names this member.
 *
 * @throws ProtocolError where the broker is too old
 * @internal
 */
export function asStaticMember(broker: Broker, instance: string): Broker {
  const { versions } = broker as Broker & Looking
  for (const [key, version] of NEEDED) {
    if ((versions?.[key]?.maxVersion ?? -1) >= version) continue
    throw new ProtocolError(`kafkaSource: instanceId needs static membership, which brokers have from Kafka 2.3 on`)
  }
  const lookupRequest: Lookup = (key, definition) => {
    const make = (broker as Broker & Looking).lookupRequest(key, definition)
    return (fields) => {
      const exchange = make({ ...fields, groupInstanceId: instance })
      return key === OFFSET_COMMIT
        ? { ...exchange, request: commitOf(fields as unknown as Commit, instance) }
        : exchange
    }
  }
  return Object.assign(Object.create(broker), { lookupRequest })
}

interface Commit {
  readonly groupId: string
  readonly groupGenerationId: number
  readonly memberId: string
  readonly topics: readonly OfTopic<AtPartition>[]
}

/** Version 7 of the request; its answer is that of version 5. */
function commitOf({ groupId, groupGenerationId, memberId, topics }: Commit, instance: string): object {
  const parts = [text(groupId), int32(groupGenerationId), text(memberId), text(instance), int32(topics.length)]
  for (const { topic, partitions } of topics) {
    parts.push(text(topic), int32(partitions.length))
    for (const { partition, offset } of partitions) parts.push(int32(partition), int64(offset), NO_EPOCH, NO_METADATA)
  }
  const buffer = Buffer.concat(parts)
  // what kafkajs takes for an encoder
  const encode = async () => ({ buf: buffer, buffer })
  return { apiKey: OFFSET_COMMIT, apiVersion: 7, apiName: 'OffsetCommit', encode }
}

const NO_EPOCH = int32(-1)
const NO_METADATA = Buffer.from([0xff, 0xff])

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int64(value: string): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
