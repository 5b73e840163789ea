import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { blockOf } from '@messwerk/core/model'
import avsc from 'avsc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ScanBuffer } from '../payload/scan-buffer.ts'
import { avro } from './avro.ts'
import { avroEncoder } from './avro-encoder.ts'
import { RegisteredDecoding } from './decoding.ts'
import { fetchAndDecode } from './fetch-and-decode.ts'
import { FakeRegistry } from './fixtures/fake-registry.ts'
import { jsonSchema } from './json-schema.ts'
import { protobuf } from './protobuf.ts'
import { protobufEncoder } from './protobuf-encoder.ts'
import { type SchemaRegistry, schemaRegistry } from './schema-registry.ts'
import { envelope, readIndexes, writeIndexes } from './wire-format.ts'

const fixtures = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'messages.json'), 'utf8')) as {
  readonly avro: { readonly schema: object; readonly messages: readonly string[] }
  readonly protobuf: { readonly proto: string; readonly messages: readonly string[] }
}
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const reading = { type: 'record', name: 'R', fields: [{ name: 'rms', type: 'double' }] }
const channels = { rms: 'mm/s' } as const
const block = blockOf({ stream: 's', channels, rate: 10, start: 5 }, { rms: [2.5] })

let server: FakeRegistry
let registry: SchemaRegistry
beforeEach(async () => {
  server = await new FakeRegistry().start()
  registry = schemaRegistry({ url: server.url })
})
afterEach(() => server.stop())

describe('the wire format', () => {
  it.each([[[0]], [[1, 0]], [[3]], [[0, 200, 70_000]]])('keeps the message indexes %j', (path) => {
    const found = readIndexes(Buffer.concat([writeIndexes(path), Buffer.from('x')]))
    expect(found.path).toEqual(path)
    expect(Buffer.from(found.body).toString()).toBe('x')
  })

  it.each([[[]], [[2]], [[99]], [[255, 255, 255, 255, 255, 1]]])('refuses %j', (bytes) => {
    expect(() => readIndexes(Uint8Array.from(bytes))).toThrow(/index/)
  })

  it.each([
    ['', 'has 0 B where'],
    ['00000000', 'has 4 B where'],
    ['7b2261223a317d', 'it begins with 123, not with 0']
  ])('rejects %s', async (hex, why) => {
    await expect(fetchAndDecode(avro({ registry, channels }), bytesOf(hex))).rejects.toThrow(why)
    expect(server.requests).toEqual([])
  })
})

describe('payloads that name their schema', () => {
  it('reads Avro that Python has written, and asks once', async () => {
    expect(server.add('plant-value', fixtures.avro.schema)).toBe(7)
    const both = { rms: 'mm/s', t: { unit: 'Cel', at: 'bearing.t' } } as const
    const payload = avro({ registry, channels: both, time: { at: 'ts', unit: 'us' } })
    for (const hex of fixtures.avro.messages) await fetchAndDecode(payload, bytesOf(hex))
    const [first] = await fetchAndDecode(payload, bytesOf(fixtures.avro.messages[0] as string))
    expect(first).toEqual({ time: new Date(1_700_000_000_000), rms: 2.5, t: 40.5 })
    expect(server.requests).toEqual(['GET /schemas/ids/7'])
  })

  it('reads Protobuf that Python has written', async () => {
    server.add('other', '"double"')
    server.add('plant-value', fixtures.protobuf.proto, { schemaType: 'PROTOBUF' })
    const payload = protobuf({ registry, channels, time: { at: 'at', unit: 'ns' } })
    const [first] = await fetchAndDecode(payload, bytesOf(fixtures.protobuf.messages[0] as string))
    expect(first?.rms).toBe(2.5)
    const other = protobuf({ registry, message: 'plant.Head', channels })
    const rejected = fetchAndDecode(other, bytesOf(fixtures.protobuf.messages[0] as string))
    await expect(rejected).rejects.toThrow('is a message plant.Batch.Reading, not plant.Head')
  })

  it('reads JSON with a schema, and says which rule is broken', async () => {
    const id = server.add('j', { type: 'object', required: ['rms'] }, { schemaType: 'JSON' })
    const payload = jsonSchema({ registry, channels })
    expect(await fetchAndDecode(payload, envelope(id, Buffer.from('{"rms":1}')))).toEqual([{ rms: 1 }])
    await expect(fetchAndDecode(payload, envelope(id, Buffer.from('{"r":1}')))).rejects.toThrow('breaks its schema')
  })

  it('reads each message as the schema that was given, whatever it was written with', async () => {
    const old = { type: 'record', name: 'R', fields: [{ name: 'v', type: 'float' }] }
    const mine = { type: 'record', name: 'R', fields: [{ name: 'rms', aliases: ['v'], type: 'double' }] }
    const payload = avro({ registry, schema: mine, channels })
    for (const [schema, value] of [
      [old, { v: 0.5 }],
      [mine, { rms: 1 }]
    ] as const) {
      const id = server.add('s', schema)
      const bytes = envelope(id, avsc.Type.forSchema(schema as never).toBuffer(value))
      expect(await fetchAndDecode(payload, bytes)).toEqual([{ rms: Object.values(value)[0] }])
    }
    const foreign = envelope(server.add('x', '"string"'), Buffer.from('x'))
    await expect(fetchAndDecode(payload, foreign)).rejects.toThrow('cannot be used: it cannot be read as the schema')
  })

  it('fetches the schemas that a schema refers to, each after its own', async () => {
    server.add('unit', { type: 'enum', name: 'Unit', symbols: ['V'] })
    const value = {
      type: 'record',
      name: 'Value',
      fields: [
        { name: 'v', type: 'double' },
        { name: 'u', type: 'Unit' }
      ]
    }
    server.add('value', value, { references: [{ name: 'Unit', subject: 'unit', version: 1 }] })
    const fields = [{ name: 'rms', type: 'Value' }]
    const id = server.add(
      'r',
      { type: 'record', name: 'R', fields },
      { references: [{ name: 'Value', subject: 'value', version: 1 }] }
    )
    const payload = avro({ registry, channels: { rms: { unit: 'V', at: 'rms.v' } } })
    const body = Buffer.alloc(9)
    body.writeDoubleLE(2.5)
    expect(await fetchAndDecode(payload, envelope(id, body))).toEqual([{ rms: 2.5 }])
  })

  it('an unknown id costs its message, and is asked for once in a while', async () => {
    let now = 0
    const decoding = new RegisteredDecoding(
      registry,
      async () => () => 'made',
      () => now
    )
    const bytes = envelope(7)
    await decoding.prepare(bytes)
    expect(() => decoding.decode(bytes)).toThrow(`its schema 7 is unknown to ${server.url}`)
    expect(decoding.prepare(bytes)).toBeUndefined()
    server.add('s', reading)
    now = 30_001
    await decoding.prepare(bytes)
    expect(decoding.decode(bytes)).toBe('made')
    expect(server.requests).toHaveLength(2)
  })

  it.each([
    ['another type', { schemaType: 'JSON' }, 'it is of type JSON, not AVRO'],
    [
      'references that lead nowhere',
      { references: [{ name: 'a', subject: 'b', version: 1 }] },
      'which the registry has not'
    ]
  ])('a schema of %s costs its messages', async (_, more, why) => {
    const bytes = envelope(server.add('s', reading, more), Buffer.alloc(8))
    await expect(fetchAndDecode(avro({ registry, channels }), bytes)).rejects.toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringContaining(why) })
    )
  })
})

describe('a registry that does not answer well', () => {
  const bytes = envelope(7, Buffer.alloc(8))

  it.each([
    [{ status: 401 }, 'AUTH_REFUSED', false],
    [{ status: 403 }, 'AUTH_REFUSED', false],
    [{ status: 500 }, 'NOT_CONNECTED', true],
    [{ status: 429 }, 'NOT_CONNECTED', true]
  ])('%j is %s', async (failure, code, retryable) => {
    server.failure = failure
    const payload = avro({ registry, channels })
    await expect(payload.prepare?.(bytes)).rejects.toThrow(expect.objectContaining({ code, retryable }))
    // nothing of it is remembered
    server.failure = undefined
    server.add('s', reading)
    expect(await fetchAndDecode(payload, bytes)).toEqual([{ rms: 0 }])
  })

  it('silence is a TimeoutError, no registry a NotConnectedError', async () => {
    server.failure = 'silent'
    const hasty = schemaRegistry({ url: server.url, timeout: '100ms' })
    await expect(hasty.schema(7)).rejects.toThrow(expect.objectContaining({ code: 'TIMED_OUT', retryable: true }))
    const nobody = schemaRegistry({ url: 'http://127.0.0.1:1' })
    await expect(nobody.schema(7)).rejects.toThrow(expect.objectContaining({ code: 'NOT_CONNECTED', retryable: true }))
  })

  it.each([
    ['too much', '"'.padEnd(2000, 'x'), 'more than 1024 B'],
    ['no JSON', '<html>', 'is not JSON'],
    ['no schema', '{}', 'without a schema']
  ])('%s costs the messages of that id', async (_, text, why) => {
    server.failure = { status: 200, text }
    const small = schemaRegistry({ url: server.url, maxSchema: '1KiB' })
    await expect(fetchAndDecode(avro({ registry: small, channels }), bytes)).rejects.toThrow(why)
  })
})

describe('options', () => {
  it('asks for credentials before each request', async () => {
    server.add('s', reading)
    const passwords = ['p1', 'p2']
    const basic = schemaRegistry({ url: server.url, username: 'u', password: () => passwords.shift() ?? '' })
    await basic.schema(7)
    await basic.schema(7)
    await schemaRegistry({ url: server.url, token: async () => 't' }).schema(7)
    const encoded = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
    expect(server.authorizations).toEqual([encoded('u:p1'), encoded('u:p2'), 'Bearer t'])
  })

  it.each([
    [{ url: 'registry:8081' }, 'url must be like'],
    [{ url: 'http://u:p@registry' }, 'url holds no credentials'],
    [{ url: 'http://r', username: 'u' }, 'username and password belong together'],
    [{ url: 'http://r', token: 't' as never }, 'token must be a function'],
    [{ url: 'http://r', timeout: '1ms' as const }, 'timeout must be at least 100 ms']
  ])('refuses %j', (options, why) => {
    expect(() => schemaRegistry(options)).toThrow(`schemaRegistry: ${why}`)
  })
})

describe('encoders', () => {
  it('look the schema up, or register it where they may', async () => {
    const schema = { type: 'record', name: 'R', fields: [{ name: 'time', type: 'long' }, ...reading.fields] }
    const options = { schema, registry, subject: 'features-value' }
    await expect(avroEncoder(options)).rejects.toThrow("no such schema under 'features-value'; register: true adds it")
    const encode = await avroEncoder({ ...options, register: true })
    await avroEncoder(options)
    const [bytes] = encode(block)
    expect(bytes?.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 0, 7]))
    const payload = avro({ registry, channels, time: { at: 'time', unit: 'ms' } })
    expect(await fetchAndDecode(payload, bytes as Uint8Array)).toEqual([{ time: new Date(5), rms: 2.5 }])
  })

  it('name the message of a .proto file', async () => {
    const proto = 'syntax = "proto3"; message X {} message Y { message R { int64 time = 1; double rms = 2; } }'
    const options = { proto, message: 'Y.R', registry, subject: 's', register: true }
    const [bytes] = (await protobufEncoder(options))(block)
    expect(bytes?.subarray(5, 8)).toEqual(Buffer.from([4, 2, 0]))
    const payload = protobuf({ registry, channels, time: { at: 'time', unit: 'ms' } })
    expect(await fetchAndDecode(payload, bytes as Uint8Array)).toEqual([{ time: new Date(5), rms: 2.5 }])
  })
})

it('a payload that was not prepared says so', () => {
  const scans = new ScanBuffer(1)
  expect(avro({ registry, channels }).decode(envelope(9), 't', scans)).toContain('has not been fetched')
  expect(avro({ schema: reading, channels }).decode(envelope(9), 't', scans)).toContain('cannot be decoded yet')
})
