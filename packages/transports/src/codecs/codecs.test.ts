import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { blockOf, encodeBlock, Quality } from '@messwerk/core/model'
import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScanBuffer } from '../payload/scan-buffer.ts'
import { avro } from './avro.ts'
import { avroEncoder } from './avro-encoder.ts'
import { blockEncoder, blocks } from './blocks.ts'
import { fetchAndDecode } from './fetch-and-decode.ts'
import { jsonSchema } from './json-schema.ts'
import { protobuf } from './protobuf.ts'
import { protobufEncoder } from './protobuf-encoder.ts'

interface Fixtures {
  readonly avro: { readonly schema: object; readonly messages: readonly string[] }
  readonly protobuf: { readonly proto: string; readonly messages: readonly string[] }
}
const fixtures = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'messages.json'), 'utf8')) as Fixtures
const bare = (hex: string, head: number): Buffer => Buffer.from(hex, 'hex').subarray(head)

const channels = { rms: 'mm/s', t: { unit: 'Cel', at: 'bearing.t' } }
const readings = avro({ schema: fixtures.avro.schema, channels, time: { at: 'ts', unit: 'us' }, sequence: 'seq' })
const messages = protobuf({
  proto: fixtures.protobuf.proto,
  message: 'Batch.Reading',
  channels: { rms: 'mm/s', t: 'Cel' },
  time: { at: 'at', unit: 'ns' },
  sequence: 'seq'
})

const plain = { type: 'record', name: 'R', fields: [{ name: 'time', type: 'long' }].concat(fieldsOf('a', 'b')) }
function fieldsOf(...names: string[]) {
  return names.map((name) => ({ name, type: 'double' }))
}
const plainProto =
  'syntax = "proto3"; package p; message X {} message R { int64 time = 1; double a = 2; double b = 3; }'
const two = { a: 'V', b: 'A' } as const
const inNs = { time: { at: 'time', unit: 'ns' } } as const
const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const someBlocks = fc
  .record({
    start: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }),
    rows: fc.array(fc.tuple(finite, fc.option(finite, { nil: Number.NaN })), { minLength: 1, maxLength: 5 })
  })
  .map(({ start, rows }) => {
    const made = blockOf(
      { stream: 's', channels: two, rate: 1000, start: 0 },
      { a: rows.map(([a]) => a), b: rows.map(([, b]) => b) }
    )
    return { ...made, time: { start, clock: 'source' as const, uncertainty: 0, period: 1_000_001 } }
  })

/** What a payload makes of bytes: time in ns and values. */
async function scansOf(payload: ReturnType<typeof blocks>, bytes: Uint8Array, width = 2): Promise<unknown[]> {
  const scans = new ScanBuffer(width)
  await payload.prepare?.(bytes)
  expect(payload.decode(bytes, 't', scans)).toBeUndefined()
  return Array.from({ length: scans.length }, (_, i) => [
    BigInt(scans.ms[i] as number) * 1_000_000n + BigInt(scans.ns[i] as number),
    ...scans.values.subarray(i * width, (i + 1) * width)
  ])
}

describe('avro', () => {
  it('reads what fastavro has written', async () => {
    const scans = new ScanBuffer(2)
    for (const hex of fixtures.avro.messages) {
      await readings.prepare?.(Buffer.alloc(0))
      expect(readings.decode(bare(hex, 5), 'topic', scans)).toBeUndefined()
    }
    expect(Array.from(scans.values.subarray(0, 6))).toEqual([2.5, 40.5, Number.NaN, 41.5, -0.125, 42.5])
    expect(Array.from(scans.ns.subarray(0, 3))).toEqual([123_000, 124_000, 125_000])
    expect(Array.from(scans.ms.subarray(0, 3))).toEqual(Array(3).fill(1_700_000_000_000))
    expect(Array.from(scans.sequence.subarray(0, 3))).toEqual([0, 1, 2])
  })

  it('takes an array of records as several scans', async () => {
    const schema = { type: 'array', items: { type: 'record', name: 'R', fields: fieldsOf('a') } }
    const bytes = avsc.Type.forSchema(schema as never).toBuffer([{ a: 1 }, { a: 2 }])
    expect(await fetchAndDecode(avro({ schema, channels: { a: 'V' } }), bytes)).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('goes round with the bits of values and the ns of times', async () => {
    const encode = await avroEncoder({ schema: plain, ...inNs })
    const payload = avro({ schema: JSON.stringify(plain), channels: two, ...inNs, lib: avsc })
    await fc.assert(
      fc.asyncProperty(someBlocks, async (block) => {
        const scans = await Promise.all(encode(block).map((bytes) => scansOf(payload, bytes)))
        expect(scans.flat()).toEqual(await scansOf(blocks(two), encodeBlock(block)))
      }),
      { numRuns: 50 }
    )
  })

  it.each([
    ['a list that is said to be long', { type: 'array', items: 'double' }, [...longOf(2 ** 40), 0]],
    ['a list of nothing', { type: 'array', items: 'null' }, [...longOf(2 ** 40), 0]],
    ['a map that is said to be long', { type: 'map', values: 'null' }, [...longOf(2 ** 40), 0]],
    ['a text of negative length', { type: 'map', values: 'string' }, [2, 2, 97, 3, 0]]
  ])('rejects %s at once', async (_, type, tail) => {
    const schema = { type: 'record', name: 'R', fields: [{ name: 'x', type }] }
    const payload = avro({ schema, channels: { a: 'V' } })
    await expect(fetchAndDecode(payload, Uint8Array.from(tail))).rejects.toThrow('is not what its Avro schema says')
  })

  it('says what is wrong with options and records', async () => {
    const { schema } = fixtures.avro
    expect(() => avro({ channels: two })).toThrow('TypeError: avro: needs schema or registry'.slice(11))
    expect(() => avro({ schema: 7 as never, channels: two })).toThrow('avro: schema must be an object or JSON text')
    expect(() => avro({ schema: { type: 'nothing' }, channels: two, lib: avsc })).toThrow(
      'avro: schema is no Avro schema'
    )
    expect(() => avro({ schema, channels: {} })).toThrow('avro: channels must be a record of units')
    await expect(fetchAndDecode(avro({ schema: { type: 'x' }, channels: two }), 'a')).rejects.toThrow(TypeError)
    const encode = await avroEncoder({ schema: plain })
    const block = blockOf({ stream: 's', channels: { c: 'V' }, rate: 1, start: 0 }, { c: [1] })
    expect(() => encode(block)).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }))
    await expect(avroEncoder({ schema: plain, subject: 's' })).rejects.toThrow('registry and subject belong together')
  })
})

describe('protobuf', () => {
  it('reads what Python has written', async () => {
    const scans = new ScanBuffer(2)
    for (const hex of fixtures.protobuf.messages) {
      const bytes = bare(hex, 8)
      await messages.prepare?.(bytes)
      expect(messages.decode(bytes, 'topic', scans)).toBeUndefined()
    }
    // optional and not there is missing; there and 0 is 0; without presence and not there is 0
    expect(Array.from(scans.values.subarray(0, 6))).toEqual([2.5, 0, Number.NaN, -1, 0, -2])
    expect(Array.from(scans.ms.subarray(0, 3))).toEqual(Array(3).fill(1_700_000_000_123))
    expect(Array.from(scans.ns.subarray(0, 3))).toEqual([456_789, 456_790, 456_791])
    expect(Array.from(scans.sequence.subarray(0, 3))).toEqual([0, 1, 2])
  })

  it('goes round with the bits of values and the ns of times', async () => {
    const encode = await protobufEncoder({ proto: plainProto, message: 'p.R', ...inNs })
    const payload = protobuf({ proto: plainProto, message: 'R', channels: two, ...inNs })
    await fc.assert(
      fc.asyncProperty(someBlocks, async (block) => {
        const scans = await Promise.all(encode(block).map((bytes) => scansOf(payload, bytes)))
        expect(scans.flat()).toEqual(await scansOf(blocks(two), encodeBlock(block)))
      }),
      { numRuns: 50 }
    )
  })

  it('says what is wrong with options and records', async () => {
    expect(() => protobuf({ channels: two })).toThrow('protobuf: needs one of proto, registry, got none')
    expect(() => protobuf({ proto: plainProto, channels: two })).toThrow('protobuf: proto needs message')
    const missing = protobuf({ proto: plainProto, message: 'Z', channels: two })
    await expect(fetchAndDecode(missing, '')).rejects.toThrow("there is no message 'Z'; there are: X, R")
    const encode = await protobufEncoder({ proto: plainProto, message: 'R' })
    const block = blockOf({ stream: 's', channels: { c: 'V' }, rate: 1, start: 0 }, { c: [1] })
    expect(() => encode(block)).toThrow("message R has no field 'c'")
  })
})

describe('jsonSchema', () => {
  const schema = {
    type: 'object',
    required: ['rms'],
    properties: { rms: { type: 'number', minimum: 0 }, seq: { type: 'integer' } }
  }

  it('rejects what breaks the schema, with the rule', async () => {
    for (const $schema of [undefined, 'https://json-schema.org/draft/2020-12/schema']) {
      const payload = jsonSchema({ schema: $schema ? { $schema, ...schema } : schema, channels: { rms: 'mm/s' } })
      expect(await fetchAndDecode(payload, '{"rms":2.5}')).toEqual([{ rms: 2.5 }])
      await expect(fetchAndDecode(payload, '{"rms":-1}')).rejects.toThrow('breaks its schema: /rms must be >= 0')
      await expect(fetchAndDecode(payload, '{}')).rejects.toThrow("it must have required property 'rms'")
      await expect(fetchAndDecode(payload, '{')).rejects.toThrow('is not JSON')
    }
  })

  it('a schema that is none is an error of the option', async () => {
    const payload = jsonSchema({ schema: { type: 'nothing' }, channels: { rms: 'mm/s' } })
    await expect(fetchAndDecode(payload, '{}')).rejects.toThrow(TypeError)
  })
})

describe('blocks', () => {
  it('keeps values, times and the gap', async () => {
    const made = blockOf(
      { stream: 's', channels: { a: 'V', b: 'A' }, rate: 1000, start: 5 },
      { a: [1, 2], b: [3, Number.NaN] }
    )
    const quality = Uint8Array.of(0, 0, 0, Quality.missing)
    const bytes = blockEncoder()({ ...made, quality, gap: { scans: 7, cause: 'lost' } })
    const scans = new ScanBuffer(1)
    expect(blocks({ b: 'A' }).decode(bytes, 't', scans)).toBeUndefined()
    expect(scans.gap).toEqual({ scans: 7, cause: 'lost' })
    expect([scans.length, scans.ms[0], scans.ms[1], scans.values[0], scans.values[1]]).toEqual([2, 5, 6, 3, Number.NaN])
    expect(blocks({ c: 'A' }).decode(bytes, 't', scans)).toBe("has no channel 'c'; it has: a, b")
    expect(blocks({ a: 'A' }).decode(bytes, 't', scans)).toBe("has channel 'a' in 'V', not in 'A'")
  })

  it('writes no events', () => {
    expect(() => blockEncoder()({ phase: 'begin' } as never)).toThrow('writes blocks, and was given an event')
  })
})

it.each(['avro', 'protobuf', 'blocks'])(
  '%s: damaged payloads give a reason or scans, never anything else',
  async (kind) => {
    const payload = { avro: readings, protobuf: messages, blocks: blocks({ a: 'V' }) }[kind] as typeof readings
    const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 1, start: 5 }, { a: [1, 2] })
    const seeds = {
      avro: fixtures.avro.messages.map((hex) => bare(hex, 5)),
      protobuf: fixtures.protobuf.messages.map((hex) => bare(hex, 8)),
      blocks: [Buffer.from(encodeBlock(block, { checksum: false }))]
    }[kind] as readonly Buffer[]
    await payload.prepare?.(seeds[0] as Buffer)
    const change = fc.record({ at: fc.nat(), to: fc.nat(255) })
    const damaged = fc.record({
      seed: fc.constantFrom(...seeds),
      changes: fc.array(change, { maxLength: 4 }),
      cut: fc.nat(40)
    })
    const scans = new ScanBuffer(Object.keys(payload.channels).length)
    fc.assert(
      fc.property(damaged, ({ seed, changes, cut }) => {
        const bytes = Buffer.from(seed.subarray(0, cut > 30 ? cut : seed.length))
        for (const { at, to } of changes) bytes[at % bytes.length] = to
        scans.clear()
        const rule = payload.decode(bytes, 't', scans)
        expect(['string', 'undefined']).toContain(typeof rule)
        if (rule === undefined)
          expect(scans.values.subarray(0, scans.length * scans.width)).not.toContain(Number.POSITIVE_INFINITY)
      }),
      { numRuns: 500 }
    )
  }
)

function longOf(value: number): number[] {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return bytes.concat(rest)
}

it('a library that is given is what import gives', async () => {
  const [protobufjs, { Ajv }] = await Promise.all([import('protobufjs'), import('ajv')])
  const rejected = { code: 'DECODE_FAILED' }
  const given = [
    avro({ schema: plain, channels: two, lib: avsc }),
    protobuf({ proto: plainProto, message: 'R', channels: two, lib: protobufjs.default ?? protobufjs }),
    jsonSchema({ schema: { type: 'object' }, channels: two, lib: Ajv })
  ]
  for (const payload of given) {
    expect(payload.prepare?.(Buffer.alloc(0))).toBeUndefined()
    await expect(fetchAndDecode(payload, Uint8Array.of(255))).rejects.toMatchObject(rejected)
  }
})
