import { Buffer } from 'node:buffer'
import { ProtocolError, timeOf } from '@messwerk/core/model'
import { defaultPayloads, streamOf } from '../payload/sink-item.ts'
import type { KafkaOutgoing } from './kafka-client.ts'
import type { KafkaItem, SinkPlan } from './kafka-sink-options.ts'

/** The messages of a write that go to one topic, with the item that each came from. @internal */
export interface TopicMessages {
  readonly topic: string
  readonly messages: KafkaOutgoing[]
  readonly items: number[]
}

/**
 * The messages of items, by topic.
 *
 * @param failed - told of an item for which there can be none
 * @internal
 */
export function messagesOf(
  items: readonly KafkaItem[],
  plan: SinkPlan,
  failed: (item: number, error: unknown) => void
): TopicMessages[] {
  const topics = new Map<string, TopicMessages>()
  for (let i = 0; i < items.length; i += 1) {
    try {
      const item = items[i] as KafkaItem
      const topic = plan.topicOf(item)
      const made = Array.from(messagesOfItem(item, plan))
      const of = topics.get(topic) ?? { topic, messages: [], items: [] }
      topics.set(topic, of)
      for (const message of made) {
        of.messages.push(message)
        of.items.push(i)
      }
    } catch (error) {
      failed(i, error)
    }
  }
  return Array.from(topics.values())
}

/** Bytes of a message, about. @internal */
export function bytesOf({ key, value }: KafkaOutgoing): number {
  return (key?.length ?? 0) + value.length + 32
}

function* messagesOfItem(item: KafkaItem, { options }: SinkPlan): Generator<KafkaOutgoing> {
  const key = options.key ? (options.key(item) ?? null) : streamOf(item)
  const headers = options.headers?.(item)
  const made = options.payload?.(item)
  const list = typeof made === 'string' || made instanceof Uint8Array ? [made] : made
  const payloads = list ?? Array.from(defaultPayloads(item, 'kafkaSink'))
  for (let i = 0; i < payloads.length; i += 1) {
    const payload = payloads[i]
    if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) {
      throw new ProtocolError(`kafkaSink: payload must give text or bytes, got ${typeof payload}`)
    }
    const value = typeof payload === 'string' ? payload : bufferOf(payload)
    yield { key, value, headers, timestamp: timestampOf(item, i, payloads.length) }
  }
}

/** Of its scan where there is a message for each, else of the last one. */
function timestampOf(item: KafkaItem, i: number, count: number): number {
  if ('phase' in item) return item.end ?? item.start
  return Math.floor(timeOf(item, count === item.length ? i : item.length - 1))
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
