import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryBlock } from '../testing/arbitrary-block.ts'
import { blockText } from '../testing/block-text.ts'
import { blockOf } from './block-builder.ts'
import { blockFromJson, blockToJson } from './block-json.ts'
import { DecodeError } from './errors.ts'

it('makes an equal block, through text too', () => {
  fc.assert(
    fc.property(arbitraryBlock(), (block) => {
      const back = blockFromJson(JSON.parse(JSON.stringify(blockToJson(block))))
      expect(blockText(back)).toBe(blockText(block))
      expect(back.stream).toBe(block.stream)
      expect(back).toEqual(block)
    }),
    { numRuns: 300 }
  )
})

it('can be read by people', () => {
  const even = blockOf(
    { stream: 'pump', channels: { p: 'bar' }, rate: 10, start: 1_700_000_000_000 },
    { p: [1.5, -0, Number.NaN] }
  )
  expect(blockToJson({ ...even, gap: { scans: 3, cause: 'lost' }, quality: Uint8Array.of(0, 1, 2) })).toEqual({
    version: 1,
    stream: { id: 'pump', channels: [{ name: 'p', unit: 'bar' }], rate: 10 },
    length: 3,
    time: { start: '1700000000000000000', clock: 'source', uncertainty: 0, period: 1e8 },
    values: { p: [1.5, '-0', 'NaN'] },
    quality: { p: [0, 1, 2] },
    gap: { scans: 3, cause: 'lost' },
    origin: { split: 'pump', position: 2 }
  })
})

const good = {
  version: 1,
  stream: {
    id: 'pump',
    channels: [{ name: 'p', unit: 'bar', role: 'feature', range: [0, 'Infinity'], resolution: 0.1 }],
    rate: 10,
    tags: { hall: '1' }
  },
  length: 2,
  time: { start: '5', clock: 'source', uncertainty: 'Infinity', period: 1e8, phase: 0.5 },
  values: { p: [1, 2] },
  quality: { p: [0, 1] },
  gap: { scans: 'unknown', cause: 'lost' },
  origin: { split: 'x', position: 2, positions: [1, 2] }
}
const events = { start: '5', clock: 'source', uncertainty: 0, offsets: [0, 7] }

/** The good block with one field replaced, or left out where the value is undefined. */
function withField(path: string, value: unknown): unknown {
  const copy = structuredClone(good) as unknown as Record<string, unknown>
  const keys = path.split('/')
  const last = keys.pop() as string
  const target = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy)
  if (value === undefined) delete target[last]
  else target[last] = value
  return copy
}

describe('every wrong field is named', () => {
  it('reads the good one', () => {
    expect(blockFromJson(good).quality).toEqual(Uint8Array.of(0, 1))
    expect(blockFromJson(withField('time', events)).time.offsets).toEqual(Float64Array.of(0, 7))
  })

  it.each([
    ['version', 2, 'block.version: must be 1, the newest that this release reads, got 2'],
    ['version', undefined, 'block.version: must be 1, the newest that this release reads, got undefined'],
    ['extra', 1, 'block.extra: is no field of it; the fields are: version, stream,'],
    ['stream', 'pump', "block.stream: must be an object, got 'pump'"],
    ['stream/id', '', "block.stream.id: must be a non-empty string, got ''"],
    ['stream/rate', 0, 'block.stream.rate: must be a positive number of scans per second, got 0'],
    ['stream/rate', '10', "block.stream.rate: must be a number, 'NaN', 'Infinity', '-Infinity' or '-0', got '10'"],
    ['stream/rate', null, 'block.stream.rate: must be a number,'],
    ['stream/tags', [], 'block.stream.tags: must be an object, got a list of 0'],
    ['stream/tags/hall', 1, 'block.stream.tags.hall: must be a string, got 1'],
    ['stream/channels', [], 'block.stream.channels: must be a list of at least one channel, got a list of 0'],
    ['stream/channels/0', null, 'block.stream.channels[0]: must be an object, got null'],
    ['stream/channels/0/name', 7, 'block.stream.channels[0].name: must be a non-empty string, got 7'],
    ['stream/channels/0/unit', undefined, 'block.stream.channels[0].unit: must be a non-empty string, got undefined'],
    ['stream/channels/0/role', 'x', 'block.stream.channels[0].role: must be one of measurement, feature, score,'],
    ['stream/channels/0/role', 'toString', 'block.stream.channels[0].role: must be one of'],
    ['stream/channels/0/range', [1], 'block.stream.channels[0].range: must be a pair of numbers, got a list of 1'],
    ['stream/channels/0/range/1', {}, 'block.stream.channels[0].range[1]: must be a number'],
    ['stream/channels/0/resolution', 'fine', 'block.stream.channels[0].resolution: must be a number'],
    [
      'stream/channels/1',
      { name: 'p', unit: 'V' },
      "block.stream.channels[1].name: must be a name that no other channel has, got 'p'"
    ],
    ['length', 0, 'block.length: must be a whole number of scans, at least 1, got 0'],
    ['length', 1e300, 'block.length: must be a whole number of scans, at least 1, got 1e+300'],
    ['length', 2 ** 40, 'block.values.p: must be a list of 1099511627776 numbers, got a list of 2'],
    ['time', undefined, 'block.time: must be an object, got undefined'],
    [
      'time/start',
      5,
      'block.time.start: must be whole ns since the Unix epoch as a decimal string within 64 bits, got 5'
    ],
    ['time/start', '9223372036854775808', 'block.time.start: must be whole ns'],
    ['time/start', '1e3', 'block.time.start: must be whole ns'],
    ['time/clock', 'wall', "block.time.clock: must be one of device, source, server, broker, arrival, got 'wall'"],
    ['time/uncertainty', -1, 'block.time.uncertainty: must be ± ns, at least 0, got -1'],
    ['time/uncertainty', 'NaN', 'block.time.uncertainty: must be ± ns, at least 0'],
    ['time/period', 0, 'block.time.period: must be a positive number of ns, got 0'],
    ['time/period', undefined, 'block.time.period: must be a number'],
    ['time/phase', 1, 'block.time.phase: must be a part of a ns in [0, 1), got 1'],
    ['time/offsets', [0, 1], 'block.time.period: must be absent where there are offsets, got 100000000'],
    ['time', { ...events, offsets: [0] }, 'block.time.offsets: must be a list of 2 numbers, got a list of 1'],
    [
      'time',
      { ...events, offsets: [0, 'Infinity'] },
      "block.time.offsets[1]: must be a finite number of ns, got 'Infinity'"
    ],
    ['values', [], 'block.values: must be an object, got a list of 0'],
    ['values/q', [1, 2], 'block.values.q: is no field of it; the fields are: p'],
    ['values/p', undefined, 'block.values.p: must be a list of 2 numbers, got undefined'],
    ['values/p', [1], 'block.values.p: must be a list of 2 numbers, got a list of 1'],
    ['values/p/1', null, "block.values.p[1]: must be a number, 'NaN', 'Infinity', '-Infinity' or '-0', got null"],
    ['values/p/1', '2', 'block.values.p[1]: must be a number'],
    ['quality/p', [0], 'block.quality.p: must be a list of 2 numbers, got a list of 1'],
    ['quality/p/0', 4, 'block.quality.p[0]: must be a quality: 0 good, 1 uncertain, 2 bad, 3 missing, got 4'],
    ['quality/p/0', 0.5, 'block.quality.p[0]: must be a quality'],
    ['gap/scans', -1, "block.gap.scans: must be a whole number of scans or 'unknown', got -1"],
    ['gap/scans', 'many', "block.gap.scans: must be a whole number of scans or 'unknown', got 'many'"],
    ['gap/cause', 'cat', 'block.gap.cause: must be one of lost, sequence,'],
    ['gap/since', 1, 'block.gap.since: is no field of it; the fields are: scans, cause'],
    ['origin/split', 1, 'block.origin.split: must be a string, got 1'],
    ['origin/position', 0.5, 'block.origin.position: must be a safe integer, got 0.5'],
    ['origin/position', 2 ** 53, 'block.origin.position: must be a safe integer'],
    ['origin/positions', [1], 'block.origin.positions: must be a list of 2 numbers, got a list of 1'],
    ['origin/positions/0', 1.5, 'block.origin.positions[0]: must be a safe integer, got 1.5']
  ])('%s = %j', (path, value, message) => {
    const wrong = withField(path, value)
    expect(() => blockFromJson(wrong)).toThrow(DecodeError)
    expect(() => blockFromJson(wrong)).toThrow(message)
  })

  it.each([undefined, null, 7, 'x', [], {}])('%j is no block', (json) =>
    expect(() => blockFromJson(json)).toThrow(DecodeError)
  )
})

it('throws nothing but DecodeError, whatever stands in a field', () => {
  const paths = [
    'stream',
    'stream/channels',
    'stream/channels/0',
    'length',
    'time',
    'time/start',
    'values',
    'values/p',
    'quality',
    'gap',
    'origin'
  ]
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.anything(), (path, value) => {
      try {
        blockFromJson(withField(path, value))
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
    { numRuns: 500 }
  )
})
