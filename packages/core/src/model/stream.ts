import { type Channel, isMeasured } from './channel.ts'

/**
 * An ordered sequence of blocks with the same channels: one machine, one amplifier, one topic key.
 *
 * Streams are interned: equal definitions give the same object, so they are compared by identity.
 *
 * @example
 * ```ts
 * import { defineStream, type Stream } from '@messwerk/core/model'
 *
 * const press: Stream<'force'> = defineStream({ id: 'press-3', channels: [{ name: 'force', unit: 'kN' }], rate: 1000 })
 * press.index('force') // => 0
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface Stream<in C extends string = any> {
  readonly id: string
  readonly channels: readonly Channel[]
  /** Scans per second, Hz; absent when scans come at irregular times. */
  readonly rate?: number | undefined
  readonly tags: Readonly<Record<string, string>>
  /** Position of a channel. @throws RangeError that lists the channels when there is none of that name. */
  readonly index: (name: C) => number
}

/**
 * What makes a stream.
 *
 * @example
 * ```ts
 * import type { StreamDefinition } from '@messwerk/core/model'
 *
 * const definition: StreamDefinition<'t'> = { id: 'oven', channels: [{ name: 't', unit: 'Cel' }], tags: { hall: '2' } }
 * definition.id // => 'oven'
 * ```
 */
export interface StreamDefinition<C extends string = string> {
  readonly id: string
  readonly channels: readonly Channel<C>[]
  /** Scans per second, Hz. */
  readonly rate?: number | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

const interned = new Map<string, WeakRef<Stream>>()
const collected = new FinalizationRegistry<string>((key) => {
  if (interned.get(key)?.deref() === undefined) interned.delete(key)
})

/**
 * Returns the stream of this definition; equal definitions return the same object.
 *
 * @throws TypeError or RangeError that names what is wrong: an empty id, no channels, a repeated name, a rate that is
 * not a positive number.
 *
 * @example
 * ```ts
 * import { defineStream } from '@messwerk/core/model'
 *
 * const one = defineStream({ id: 'pump-1', channels: [{ name: 'pressure', unit: 'bar' }] })
 * const two = defineStream({ id: 'pump-1', channels: [{ name: 'pressure', unit: 'bar' }] })
 * one === two // => true
 * ```
 */
export function defineStream<const C extends string>(definition: StreamDefinition<C>): Stream<C> {
  const key = keyOf(definition)
  const known = interned.get(key)?.deref()
  if (known) return known as Stream<C>
  check(definition)
  const made = build(definition)
  interned.set(key, new WeakRef(made))
  collected.register(made, key)
  return made
}

function build(definition: StreamDefinition): Stream {
  const { id, rate } = definition
  const channels = Object.freeze(definition.channels.map((channel) => Object.freeze(copyOf(channel))))
  const positions = new Map(channels.map((channel, i) => [channel.name, i]))
  const index = (name: string): number => {
    const at = positions.get(name)
    if (at !== undefined) return at
    const names = channels.map((channel) => channel.name).join(', ')
    throw new RangeError(`Stream '${id}' has no channel '${name}'; it has: ${names}`)
  }
  // eslint-disable-next-line no-restricted-syntax -- runs once a stream; Object.assign would lose a tag named __proto__
  const tags = Object.freeze({ ...definition.tags })
  return Object.freeze({ id, channels, rate, tags, index })
}

/** Without what is absent, so that equal channels are equal objects. */
function copyOf({ name, unit, role, range, resolution }: Channel): Channel {
  const copy: { -readonly [K in keyof Channel]: Channel[K] } = { name, unit }
  if (role !== undefined) copy.role = role
  if (range !== undefined) copy.range = [range[0], range[1]]
  if (resolution !== undefined) copy.resolution = resolution
  return copy
}

function keyOf({ id, channels, rate, tags }: StreamDefinition): string {
  const columns = Array.isArray(channels) ? channels.map(channelKey) : String(channels)
  return JSON.stringify([id, numberKey(rate), columns, Object.entries(tags ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))])
}

function channelKey({ name, unit, role, range, resolution }: Channel): readonly unknown[] {
  return [name, unit, role, range?.map(numberKey), numberKey(resolution)]
}

// JSON writes NaN and Infinity as null and -0 as 0: a wrong rate must not find the stream that has none.
function numberKey(value: number | undefined): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function check({ id, channels, rate }: StreamDefinition): void {
  if (typeof id !== 'string' || id === '')
    throw new TypeError(`stream: id must be a non-empty string, got ${String(id)}`)
  if (!Array.isArray(channels) || channels.length === 0) {
    throw new TypeError(`stream '${id}': channels must be a list of at least one channel`)
  }
  if (rate !== undefined && !(rate > 0 && Number.isFinite(rate))) {
    throw new RangeError(`stream '${id}': rate must be a positive number of scans per second (Hz), got ${rate}`)
  }
  const names = new Set<string>()
  for (const channel of channels) checkChannel(id, channel, names)
}

function checkChannel(id: string, { name, unit }: Channel, names: Set<string>): void {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(`stream '${id}': a channel name must be a non-empty string, got ${String(name)}`)
  }
  if (typeof unit !== 'string' || unit === '') {
    throw new TypeError(`stream '${id}': channel '${name}' needs a unit (a UCUM code such as 'bar', '1' for a ratio)`)
  }
  if (names.has(name)) throw new RangeError(`stream '${id}': channel '${name}' is named twice`)
  names.add(name)
}

/**
 * The stream with channels added behind its own. Keeps id, rate and tags.
 *
 * @throws RangeError when a name is taken; `by` (the operator) is named in it.
 *
 * @example
 * ```ts
 * import { defineStream, extendStream } from '@messwerk/core/model'
 *
 * const pump = defineStream({ id: 'pump-1', channels: [{ name: 'pressure', unit: 'bar' }] })
 * const scored = extendStream(pump, [{ name: 'score', unit: '1', role: 'score' }], 'detect')
 * scored.channels.map((channel) => channel.name) // => ['pressure', 'score']
 * ```
 */
export function extendStream(stream: Stream, added: readonly Channel[], by: string): Stream {
  const taken = stream.channels.find((channel) => added.some(({ name }) => name === channel.name))
  if (taken) {
    throw new RangeError(
      `${by}: stream '${stream.id}' already has a channel '${taken.name}'; choose another name with 'as'`
    )
  }
  return defineStream({ id: stream.id, channels: stream.channels.concat(added), rate: stream.rate, tags: stream.tags })
}

/**
 * A stream of the same id and tags with other channels and another rate, for operators that replace.
 *
 * @example
 * ```ts
 * import { defineStream, replaceChannels } from '@messwerk/core/model'
 *
 * const pump = defineStream({ id: 'pump-1', channels: [{ name: 'pressure', unit: 'bar' }], rate: 100 })
 * replaceChannels(pump, [{ name: 'pressure.rms', unit: 'bar', role: 'feature' }], 10).rate // => 10
 * ```
 */
export function replaceChannels(stream: Stream, channels: readonly Channel[], rate: number | undefined): Stream {
  return defineStream({ id: stream.id, channels, rate, tags: stream.tags })
}

/**
 * Positions of the named channels, or of all measured ones (role measurement or feature) when none are named.
 *
 * @throws RangeError when a name is unknown, or when the stream has no measured channel.
 *
 * @example
 * ```ts
 * import { channelIndexes, defineStream } from '@messwerk/core/model'
 *
 * const channels = [{ name: 'a', unit: 'V' }, { name: 'label', unit: '1', role: 'flag' }, { name: 'b', unit: 'V' }] as const
 * const stream = defineStream({ id: 's', channels })
 * channelIndexes(stream, undefined) // => [0, 2]
 * ```
 */
export function channelIndexes(stream: Stream, names: readonly string[] | undefined): number[] {
  if (names !== undefined) return names.map((name) => stream.index(name))
  const indexes = stream.channels.flatMap((channel, i) => (isMeasured(channel) ? [i] : []))
  if (indexes.length > 0) return indexes
  throw new RangeError(`Stream '${stream.id}' has no measured channel; name the channels to use`)
}
