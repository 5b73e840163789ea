import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { custom } from './custom-payload.ts'
import { decodePayload } from './decode-payload.ts'
import { json } from './json-payload.ts'
import { number } from './number-payload.ts'
import { ScanBuffer } from './scan-buffer.ts'

const both = json({
  channels: { t: 'Cel', p: { unit: 'bar', at: 'hydraulics.p' } },
  time: { at: 'ts', unit: 'ms' },
  sequence: 'seq',
  alternatives: [{ channels: { t: 'temp' }, time: { at: 'when', unit: 's' }, sequence: 'n' }]
})

describe('json', () => {
  it('reads fields, paths, time and sequence', () => {
    const scans = new ScanBuffer(2)
    const text = '{"seq":7,"ts":1700000000000.25,"t":21.5,"hydraulics":{"p":6},"other":"x"}'
    expect(both.decode(Buffer.from(text), 'a', scans)).toBeUndefined()
    expect(Array.from(scans.values.subarray(0, 2))).toEqual([21.5, 6])
    expect([scans.ms[0], scans.ns[0], scans.sequence[0], scans.length]).toEqual([1_700_000_000_000, 250_000, 7, 1])
  })

  it('tries the alternatives in order', () => {
    expect(decodePayload(both, '{"n":1,"when":1700000000,"temp":3}')).toEqual([
      { time: new Date(1_700_000_000_000), t: 3, p: Number.NaN }
    ])
  })

  it('takes an array as several scans, and none of it when one is bad', () => {
    const plain = json({ channels: { t: 'Cel' } })
    expect(decodePayload(plain, '[{"t":1},{"t":2},{"t":3},{"t":4},{"t":5},{"t":6}]').map(({ t }) => t)).toEqual([
      1, 2, 3, 4, 5, 6
    ])
    expect(() => decodePayload(plain, '[{"t":1},{"t":"2"}]')).toThrow("element 1 channel 't' must be a number")
  })

  it('missing and null are missing, true and false are numbers', () => {
    const plain = json({ channels: { a: '1', b: '1', c: '1' } })
    expect(decodePayload(plain, '{"a":null,"b":true}')).toEqual([{ a: Number.NaN, b: 1, c: Number.NaN }])
  })

  it.each([
    ['{"t":NaN}', /is not JSON/],
    ['{"t":Infinity}', /is not JSON/],
    ['', /is not JSON/],
    ['21.5', /is not an object: 21.5/],
    ['null', /is not an object: null/],
    ['[]', /is an empty list/],
    ['[[]]', /element 0 has none of the channels/],
    ['{}', /has none of the channels t, p/],
    ['{"__proto__":{"t":1}}', /has none of the channels/],
    ['{"t":"21.5","ts":1,"seq":1}', /channel 't' must be a number, got "21.5"/],
    ['{"t":{"v":1},"ts":1,"seq":1}', /channel 't' must be a number/],
    ['{"t":1e999,"ts":1,"seq":1}', /channel 't' must be finite/],
    ['{"t":1,"seq":1}', /field 'ts': the time must be a number, got nothing/],
    ['{"t":1,"ts":"2026","seq":1}', /field 'ts': the time must be a number/],
    ['{"t":1,"ts":1e300,"seq":1}', /out of range/],
    ['{"t":1,"ts":1}', /field 'seq' must be a whole number, got nothing/],
    ['{"t":1,"ts":1,"seq":1.5}', /field 'seq' must be a whole number/]
  ])('rejects %s', (text, why) => {
    expect(() => decodePayload(both, text)).toThrow(why)
  })

  it('rejects what is not UTF-8, and takes the replacement character itself', () => {
    const plain = json({ channels: { t: 'Cel' } })
    expect(() => decodePayload(plain, Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow('is not UTF-8')
    expect(decodePayload(plain, '{"t":1,"name":"\ufffd"}')).toEqual([{ t: 1 }])
  })

  it.each([
    ['s', '1700000000.123456', 1_700_000_000_123, 456_000],
    ['s', '1700000000', 1_700_000_000_000, 0],
    ['ms', '1700000000123.9999', 1_700_000_000_124, 0],
    ['us', '1700000000123456', 1_700_000_000_123, 456_000],
    ['ns', '"1700000000123456789"', 1_700_000_000_123, 456_789],
    ['iso', '"2023-11-14T22:13:20.123456789Z"', 1_700_000_000_123, 456_789],
    ['iso', '"2023-11-15T00:13:20+02:00"', 1_700_000_000_000, 0],
    ['ms', '-1.5', -2, 500_000]
  ] as const)('reads times in %s: %s', (unit, value, ms, ns) => {
    const scans = new ScanBuffer(1)
    const payload = json({ channels: { t: '1' }, time: { at: 'ts', unit } })
    expect(payload.decode(Buffer.from(`{"t":1,"ts":${value}}`), '', scans)).toBeUndefined()
    expect([scans.ms[0], scans.ns[0]]).toEqual([ms, ns])
  })

  it.each(['2023-11-14T22:13:20', '2023-11-14', 'now', '2023-13-14T22:13:20Z'])(
    'needs ISO 8601 with a zone, not %s',
    (text) => {
      const payload = json({ channels: { t: '1' }, time: { at: 'ts', unit: 'iso' } })
      expect(() => decodePayload(payload, JSON.stringify({ t: 1, ts: text }))).toThrow('ISO 8601 with a zone')
    }
  )

  it('gives back any number that JSON can hold', () => {
    const plain = json({ channels: { a: '1', b: { unit: '1', at: 'x.y' } } })
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(finite, finite, (a, y) => {
        const [scan] = decodePayload(plain, JSON.stringify({ a, x: { y } }))
        expect(scan).toEqual({ a: a === 0 ? 0 : a, b: y === 0 ? 0 : y })
      })
    )
  })

  it('never throws, whatever the bytes', () => {
    const scans = new ScanBuffer(2)
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text))
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        scans.clear()
        const rule = both.decode(bytes, 'x', scans)
        expect(typeof rule === 'string' || scans.length > 0).toBe(true)
      }),
      { numRuns: 2000 }
    )
  })

  it.each([
    [{ channels: {} }, /channels must be a record/],
    [{ channels: { t: '' } }, /channel 't' needs a unit/],
    [{ channels: { t: { unit: 'Cel', at: 'a..b' } } }, /must name a field/],
    [{ channels: { t: 'Cel' }, time: { at: 'ts', unit: 'm' } }, /time.unit must be one of s, ms, us, ns, iso, got "m"/],
    [{ channels: { t: 'Cel' }, alternatives: [{ channels: { x: 'x' } }] }, /alternatives name the channel 'x'/],
    [
      { channels: { t: 'Cel' }, alternatives: [{ channels: { t: 'x' }, time: { at: 'ts', unit: 's' } }] },
      /first shape has none/
    ]
  ])('refuses %j', (options, why) => {
    expect(() => json(options as never)).toThrow(why)
  })
})

describe('number', () => {
  it.each(['21.5', ' -3e2\n', '+.5', '7.'])('reads %j', (text) => {
    expect(decodePayload(number({ t: 'Cel' }), text)).toEqual([{ t: Number(text) }])
  })

  it.each(['', ' ', 'NaN', 'Infinity', '0x10', '1,5', '21.5 C', '1e999', '9'.repeat(65)])('rejects %j', (text) => {
    expect(() => decodePayload(number({ t: 'Cel' }), text)).toThrow(/is not a number|too long/)
  })

  it('takes exactly one channel', () => {
    expect(() => number({ a: '1', b: '1' } as Record<string, string>)).toThrow('exactly one channel, got a, b')
  })
})

describe('custom', () => {
  it('takes times and sequence numbers, and several readings', () => {
    const payload = custom({
      channels: { f: 'N' },
      time: true,
      sequence: true,
      read: (bytes) => Array.from(bytes, (f, i) => ({ values: { f }, time: new Date(1000 + i), sequence: i }))
    })
    expect(decodePayload(payload, Uint8Array.of(4, 5))).toEqual([
      { time: new Date(1000), f: 4 },
      { time: new Date(1001), f: 5 }
    ])
  })

  it.each([
    [
      'a throw',
      () => {
        throw new Error('bad magic')
      },
      'bad magic'
    ],
    ['no time', () => ({ values: { f: 1 }, sequence: 1 }), 'the time must be a number'],
    ['no sequence', () => ({ values: { f: 1 }, time: 1 }), 'has no sequence number'],
    ['text', () => ({ values: { f: '1' as never }, time: 1, sequence: 1 }), "channel 'f' must be a number"],
    ['infinity', () => ({ values: { f: 1 / 0 }, time: 1, sequence: 1 }), "channel 'f' must be finite"],
    ['nothing', () => [], 'has no readings'],
    ['undefined', () => undefined as never, 'gave nothing where a reading']
  ])('rejects %s', (_, read, why) => {
    expect(() => decodePayload(custom({ channels: { f: 'N' }, time: true, sequence: true, read }), 'x')).toThrow(why)
  })
})
