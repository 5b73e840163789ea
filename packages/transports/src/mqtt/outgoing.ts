import { type Block, type MeasurementEvent, ProtocolError } from '@messwerk/core/model'
import { fillIn } from '../payload/sink-item.ts'

/** A message that goes out. @internal */
export interface Outgoing {
  readonly topic: string
  readonly payload: string | Uint8Array
}

/**
 * What a sink writes: a block or an event.
 *
 * @example
 * ```ts
 * import type { MqttItem } from '@messwerk/transports/mqtt'
 *
 * const kindOf = (item: MqttItem): string => ('phase' in item ? 'event' : 'block')
 * typeof kindOf // => 'function'
 * ```
 */
export type MqttItem = Block | MeasurementEvent

/** Topic of an item. @internal */
export type TopicOf = (item: MqttItem) => string

/**
 * @param topic - `features/{stream}/{machine}`: `{stream}`, the stream's tags, and for events `{kind}` and `{rule}`
 * @throws TypeError or RangeError that names the option
 * @internal
 */
export function topicOf(topic: string | TopicOf): TopicOf {
  if (typeof topic === 'function') return (item) => checked(topic(item))
  if (typeof topic !== 'string' || topic === '') {
    throw new TypeError(
      `mqttSink: topic must be a topic such as 'features/{stream}' or a function, got ${JSON.stringify(topic)}`
    )
  }
  if (/[+#\0]/.test(topic))
    throw new RangeError(`mqttSink: topic must not have the wildcards '+' and '#', got '${topic}'`)
  if (!topic.includes('{')) return () => topic
  return (item) => checked(fillIn(topic, item, 'mqttSink'))
}

function checked(topic: string): string {
  if (topic !== '' && !/[+#\0]/.test(topic)) return topic
  throw new ProtocolError(`mqttSink: '${topic}' cannot be published to: a topic is not empty and has no '+' and '#'`)
}
