/* eslint-disable no-restricted-syntax -- spreads run once a stream: its text is kept; absent stays absent */
import type { Channel, ChannelRole } from './channel.ts'
import {
  isPositive,
  type JsonNumber,
  numberToJson,
  readFields,
  readName,
  readNumber,
  readOneOf,
  readRecord,
  readString,
  readWhere,
  wrongField
} from './json-reader.ts'
import { defineStream, type Stream } from './stream.ts'

const ROLES: Readonly<Record<ChannelRole, true>> = {
  measurement: true,
  feature: true,
  score: true,
  contribution: true,
  limit: true,
  flag: true
}

/**
 * A channel as JSON.
 *
 * @example
 * ```ts
 * import type { ChannelJson } from '@messwerk/core/model'
 *
 * const channel: ChannelJson = { name: 'p', unit: 'bar', range: [0, 'Infinity'] }
 * channel.unit // => 'bar'
 * ```
 */
export interface ChannelJson {
  readonly name: string
  readonly unit: string
  readonly role?: ChannelRole
  readonly range?: readonly [JsonNumber, JsonNumber]
  readonly resolution?: JsonNumber
}

/**
 * A stream as JSON; no tags are left out.
 *
 * @example
 * ```ts
 * import { blockOf, blockToJson, type StreamJson } from '@messwerk/core/model'
 *
 * const stream: StreamJson = blockToJson(blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1] })).stream
 * stream // => { id: 's', channels: [{ name: 'a', unit: 'V' }], rate: 10 }
 * ```
 */
export interface StreamJson {
  readonly id: string
  readonly channels: readonly ChannelJson[]
  readonly rate?: number
  readonly tags?: Readonly<Record<string, string>>
}

/** @internal */
export function streamToJson({ id, channels, rate, tags }: Stream): StreamJson {
  return {
    id,
    channels: channels.map(channelToJson),
    ...(rate !== undefined && { rate }),
    ...(Object.keys(tags).length > 0 && { tags })
  }
}

function channelToJson({ name, unit, role, range, resolution }: Channel): ChannelJson {
  return {
    name,
    unit,
    ...(role !== undefined && { role }),
    ...(range !== undefined && { range: [numberToJson(range[0]), numberToJson(range[1])] as const }),
    ...(resolution !== undefined && { resolution: numberToJson(resolution) })
  }
}

/** @internal */
export function streamFromJson(json: unknown, path: string): Stream {
  const { id, channels, rate, tags } = readFields(json, path, ['id', 'channels', 'rate', 'tags'])
  if (!Array.isArray(channels) || channels.length === 0) {
    throw wrongField(`${path}.channels`, 'a list of at least one channel', channels)
  }
  const names = new Set<string>()
  return defineStream({
    id: readName(id, `${path}.id`),
    channels: Array.from(channels, (channel, i) => channelFromJson(channel, `${path}.channels[${i}]`, names)),
    rate:
      rate === undefined
        ? undefined
        : readWhere(rate, `${path}.rate`, 'a positive number of scans per second', isPositive),
    tags: tags === undefined ? undefined : tagsFromJson(tags, `${path}.tags`)
  })
}

function channelFromJson(json: unknown, path: string, names: Set<string>): Channel {
  const fields = readFields(json, path, ['name', 'unit', 'role', 'range', 'resolution'])
  const name = readName(fields.name, `${path}.name`)
  if (names.has(name)) throw wrongField(`${path}.name`, 'a name that no other channel has', name)
  names.add(name)
  const { role, range, resolution } = fields
  return {
    name,
    unit: readName(fields.unit, `${path}.unit`),
    ...(role !== undefined && { role: readOneOf(role, `${path}.role`, ROLES) }),
    ...(range !== undefined && { range: rangeFromJson(range, `${path}.range`) }),
    ...(resolution !== undefined && { resolution: readNumber(resolution, `${path}.resolution`) })
  }
}

function rangeFromJson(json: unknown, path: string): readonly [number, number] {
  if (!Array.isArray(json) || json.length !== 2) throw wrongField(path, 'a pair of numbers', json)
  return [readNumber(json[0], `${path}[0]`), readNumber(json[1], `${path}[1]`)]
}

function tagsFromJson(json: unknown, path: string): Readonly<Record<string, string>> {
  const entries = Object.entries(readRecord(json, path))
  return Object.fromEntries(entries.map(([name, tag]) => [name, readString(tag, `${path}.${name}`)]))
}
