import { describe, expect, it } from 'vitest'
import type { Channel } from './channel.ts'
import { channelIndexes, defineStream, extendStream, replaceChannels, type StreamDefinition } from './stream.ts'

const press = {
  id: 'press-3',
  channels: [
    { name: 'force_x', unit: 'N' },
    { name: 'force_y', unit: 'N' }
  ]
} as const

/** What plain JavaScript may hand over. */
function loose(definition: unknown): StreamDefinition {
  return definition as StreamDefinition
}

describe('interning', () => {
  it('gives the same object for equal definitions', () => {
    expect(defineStream(press)).toBe(defineStream({ ...press, channels: press.channels.map((c) => ({ ...c })) }))
    expect(defineStream({ ...press, tags: { b: '2', a: '1' } })).toBe(
      defineStream({ ...press, tags: { a: '1', b: '2' } })
    )
  })

  const channel = { name: 'a', unit: 'V' }
  it.each([
    ['id', { id: 't', channels: [channel] }],
    ['rate', { id: 's', channels: [channel], rate: 10 }],
    ['unit', { id: 's', channels: [{ ...channel, unit: 'A' }] }],
    ['role', { id: 's', channels: [{ ...channel, role: 'score' }] }],
    ['range', { id: 's', channels: [{ ...channel, range: [0, Number.POSITIVE_INFINITY] }] }],
    ['another range', { id: 's', channels: [{ ...channel, range: [0, Number.NEGATIVE_INFINITY] }] }],
    ['resolution', { id: 's', channels: [{ ...channel, resolution: 0 }] }],
    ['tags', { id: 's', channels: [channel], tags: { a: '1' } }]
  ])('tells streams apart by %s', (_, definition) => {
    const plain = defineStream({ id: 's', channels: [channel] })
    const other = defineStream(loose(definition))
    expect(other).not.toBe(plain)
    const all = [
      [0, Number.POSITIVE_INFINITY],
      [0, Number.NEGATIVE_INFINITY]
    ].map((range) => defineStream(loose({ id: 's', channels: [{ ...channel, range }] })))
    expect(all[0]).not.toBe(all[1])
  })

  it('cannot be changed afterwards', () => {
    const channels: Channel[] = [{ name: 'a', unit: 'V', range: [0, 1] }]
    const stream = defineStream({ id: 'frozen', channels, tags: { hall: '2' } })
    ;(channels[0] as { unit: string }).unit = 'A'
    expect(stream.channels[0]?.unit).toBe('V')
    expect(() => Object.assign(stream.tags, { hall: '3' })).toThrow(TypeError)
    expect(() => (stream.channels as Channel[]).push({ name: 'b', unit: 'V' })).toThrow(TypeError)
  })
})

describe('index', () => {
  it('finds channels and lists them when there is none of a name', () => {
    const stream = defineStream(press)
    expect(stream.index('force_y')).toBe(1)
    expect(() => (stream as { index(name: string): number }).index('forcex')).toThrow(
      new RangeError("Stream 'press-3' has no channel 'forcex'; it has: force_x, force_y")
    )
  })

  it('does not take inherited names for channels', () => {
    expect(() => (defineStream(press) as { index(name: string): number }).index('toString')).toThrow(RangeError)
    expect(defineStream({ id: 's', channels: [{ name: '__proto__', unit: '1' }] }).index('__proto__')).toBe(0)
  })
})

describe('wrong definitions', () => {
  const channels = [{ name: 'a', unit: 'V' }]
  it.each([
    [{ id: '', channels }, TypeError, 'stream: id must be a non-empty string, got '],
    [{ id: 7, channels }, TypeError, 'stream: id must be a non-empty string, got 7'],
    [{ id: 's', channels: [] }, TypeError, "stream 's': channels must be a list of at least one channel"],
    [{ id: 's' }, TypeError, "stream 's': channels must be a list of at least one channel"],
    [
      { id: 's', channels: [{ name: '', unit: 'V' }] },
      TypeError,
      "stream 's': a channel name must be a non-empty string, got "
    ],
    [
      { id: 's', channels: [{ name: 'a' }] },
      TypeError,
      "stream 's': channel 'a' needs a unit (a UCUM code such as 'bar', '1' for a ratio)"
    ],
    [{ id: 's', channels: [...channels, ...channels] }, RangeError, "stream 's': channel 'a' is named twice"],
    [
      { id: 's', channels, rate: 0 },
      RangeError,
      "stream 's': rate must be a positive number of scans per second (Hz), got 0"
    ],
    [
      { id: 's', channels, rate: Number.NaN },
      RangeError,
      "stream 's': rate must be a positive number of scans per second (Hz), got NaN"
    ],
    [
      { id: 's', channels, rate: Number.POSITIVE_INFINITY },
      RangeError,
      "stream 's': rate must be a positive number of scans per second (Hz), got Infinity"
    ]
  ])('%j', (definition, kind, message) => {
    const right = defineStream({ id: 's', channels }) // must not be found in place of a wrong one
    expect(right.rate).toBeUndefined()
    expect(() => defineStream(loose(definition))).toThrow(kind)
    expect(() => defineStream(loose(definition))).toThrow(message)
  })
})

describe('derived streams', () => {
  const stream = defineStream({ id: 'pump', channels: [{ name: 'p', unit: 'bar' }], rate: 100, tags: { hall: '1' } })

  it('extends behind its own channels and keeps the rest', () => {
    const more = extendStream(stream, [{ name: 'score', unit: '1', role: 'score' }], 'detect')
    expect([more.id, more.rate, more.tags, more.channels.map((c) => c.name)]).toEqual([
      'pump',
      100,
      { hall: '1' },
      ['p', 'score']
    ])
  })

  it('refuses a taken name and names the operator', () => {
    expect(() => extendStream(stream, [{ name: 'p', unit: '1' }], 'detect')).toThrow(
      new RangeError("detect: stream 'pump' already has a channel 'p'; choose another name with 'as'")
    )
  })

  it('replaces channels and rate', () => {
    const other = replaceChannels(stream, [{ name: 'p.rms', unit: 'bar' }], undefined)
    expect([other.id, other.rate, other.tags, other.channels.length]).toEqual(['pump', undefined, { hall: '1' }, 1])
  })
})

describe('channelIndexes', () => {
  const roles = ['measurement', undefined, 'feature', 'score', 'contribution', 'limit', 'flag'] as const
  const channels = roles.map((role, i) => ({ name: `c${i}`, unit: '1', ...(role && { role }) }))
  const stream = defineStream({ id: 'roles', channels })

  it('takes what is measured when nothing is named', () => {
    expect(channelIndexes(stream, undefined)).toEqual([0, 1, 2])
  })

  it('takes what is named, in that order', () => {
    expect(channelIndexes(stream, ['c5', 'c0'])).toEqual([5, 0])
    expect(() => channelIndexes(stream, ['c9'])).toThrow("Stream 'roles' has no channel 'c9'; it has: c0, c1")
  })

  it('refuses a stream without anything measured', () => {
    const flags = defineStream({ id: 'flags', channels: [{ name: 'on', unit: '1', role: 'flag' }] })
    expect(() => channelIndexes(flags, undefined)).toThrow(
      "Stream 'flags' has no measured channel; name the channels to use"
    )
  })
})
