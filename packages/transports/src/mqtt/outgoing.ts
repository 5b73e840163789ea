import { type Block, type MeasurementEvent, ProtocolError, timeNs } from '@messwerk/core/model'

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
  return (item) => checked(topic.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => part(item, name, topic)))
}

function part(item: MqttItem, name: string, topic: string): string {
  const value = 'phase' in item ? ofEvent(item, name) : name === 'stream' ? item.stream.id : item.stream.tags[name]
  if (value !== undefined) return value
  const what = 'phase' in item ? 'an event' : `stream '${item.stream.id}'`
  throw new ProtocolError(`mqttSink: ${what} has no '${name}' for the topic '${topic}'`)
}

function ofEvent({ stream, kind, rule }: MeasurementEvent, name: string): string | undefined {
  return { stream, kind, rule }[name]
}

function checked(topic: string): string {
  if (topic !== '' && !/[+#\0]/.test(topic)) return topic
  throw new ProtocolError(`mqttSink: '${topic}' cannot be published to: a topic is not empty and has no '+' and '#'`)
}

/**
 * An event as one message, a block as one a scan: `{"time":"2026-03-02T08:00:00.000Z","pressure":3.1}`.
 *
 * @internal
 */
export function* defaultPayloads(item: MqttItem): Generator<string> {
  if ('phase' in item) {
    yield JSON.stringify(item)
    return
  }
  const { channels, id } = item.stream
  if (channels.some(({ name }) => name === 'time')) {
    throw new ProtocolError(`mqttSink: stream '${id}' has a channel 'time', where the time stands; give payload`)
  }
  const names = channels.map(({ name }) => `,${JSON.stringify(name)}:`)
  for (let i = 0; i < item.length; i += 1) {
    let text = `{"time":"${isoOf(timeNs(item, i))}"`
    for (let c = 0; c < names.length; c += 1) {
      const value = item.values[c * item.length + i] as number
      text += (names[c] as string) + (Number.isFinite(value) ? String(value) : 'null')
    }
    yield `${text}}`
  }
}

/** ISO 8601 with as many digits as it needs, up to ns. */
function isoOf(ns: bigint): string {
  const rest = ((ns % 1_000_000n) + 1_000_000n) % 1_000_000n
  const text = new Date(Number((ns - rest) / 1_000_000n)).toISOString()
  if (rest === 0n) return text
  return `${text.slice(0, -1)}${String(rest).padStart(6, '0').replace(/000$/, '')}Z`
}
