import { type Block, type MeasurementEvent, ProtocolError, timeNs } from '@messwerk/core/model'

/** What a sink writes: a block or an event. @internal */
export type SinkItem = Block | MeasurementEvent

/** Id of the stream of an item. @internal */
export function streamOf(item: SinkItem): string {
  return 'phase' in item ? item.stream : item.stream.id
}

/**
 * A text with `{stream}`, the stream's tags, and for events `{kind}` and `{rule}`, for an item.
 *
 * @param what - the sink, for the error
 * @throws ProtocolError where the item has no such name
 * @internal
 */
export function fillIn(template: string, item: SinkItem, what: string): string {
  return template.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => part(item, name, template, what))
}

function part(item: SinkItem, name: string, template: string, what: string): string {
  const value = 'phase' in item ? ofEvent(item, name) : name === 'stream' ? item.stream.id : item.stream.tags[name]
  if (value !== undefined) return value
  const one = 'phase' in item ? 'an event' : `stream '${item.stream.id}'`
  throw new ProtocolError(`${what}: ${one} has no '${name}' for the topic '${template}'`)
}

function ofEvent({ stream, kind, rule }: MeasurementEvent, name: string): string | undefined {
  return { stream, kind, rule }[name]
}

/**
 * An event as one message, a block as one a scan: `{"time":"2026-03-02T08:00:00.000Z","pressure":3.1}`.
 *
 * @internal
 */
export function* defaultPayloads(item: SinkItem, what: string): Generator<string> {
  if ('phase' in item) {
    yield JSON.stringify(item)
    return
  }
  const { channels, id } = item.stream
  if (channels.some(({ name }) => name === 'time')) {
    throw new ProtocolError(`${what}: stream '${id}' has a channel 'time', where the time stands; give payload`)
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

/** ISO 8601 with as many digits as it needs, up to ns. @internal */
export function isoOf(ns: bigint): string {
  const rest = ((ns % 1_000_000n) + 1_000_000n) % 1_000_000n
  const text = new Date(Number((ns - rest) / 1_000_000n)).toISOString()
  if (rest === 0n) return text
  return `${text.slice(0, -1)}${String(rest).padStart(6, '0').replace(/000$/, '')}Z`
}
