import * as zlib from 'node:zlib'
import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { expect, it } from 'vitest'
import { type KafkaCodec, registerCodecs } from './compression.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'
import { lz4 } from './lz4.ts'
import { snappy } from './snappy.ts'
import { canWriteZstd, zstd } from './zstd.ts'

const codecs: Record<string, KafkaCodec> = { snappy, lz4, ...(canWriteZstd ? { zstd } : {}) }
const text = fc.string({ unit: 'binary', maxLength: 200 }).map((value) => Buffer.from(value))
const repeated = fc.tuple(text, fc.integer({ min: 1, max: 800 })).map(([some, n]) => Buffer.concat(Array(n).fill(some)))
const same = (made: Uint8Array, bytes: Uint8Array): boolean => Buffer.compare(made, bytes) === 0

it.each(Object.keys(codecs))('%s: what is compressed comes back', async (name) => {
  const { compress, decompress } = codecs[name] as KafkaCodec
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, repeated), async (bytes) => same(await decompress(await compress(bytes)), bytes)),
    { numRuns: 60 }
  )
})

it.each(Object.keys(codecs))('%s: damaged bytes are an error or other bytes, and end', async (name) => {
  const { compress, decompress } = codecs[name] as KafkaCodec
  const damage = fc.record({ bytes: text, at: fc.nat(), to: fc.nat(255), cut: fc.nat(20) })
  await fc.assert(
    fc.asyncProperty(damage, async ({ bytes, at, to, cut }) => {
      const made = Buffer.from(await compress(bytes))
      made[at % made.length] = to
      await Promise.resolve(made.subarray(0, cut > 15 ? cut : made.length))
        .then(decompress)
        .catch((error: unknown) => expect(error).toBeInstanceOf(Error))
    }),
    { numRuns: 200 }
  )
})

// as the library zstd 1.5 writes them
const frames = {
  'one block that is not compressed': ['28b52ffd200529000068656c6c6f', 'hello'],
  'three blocks of one byte repeated': [
    '28b52ffda0e09304005400001061610100fbff39c00202001061039f0461',
    'a'.repeat(300_000)
  ],
  'a checksum': ['28b52ffd2403190000616263990977ad', 'abc'],
  'two frames, and what is to be skipped between them': [
    '28b52ffd200529000068656c6c6f' + '502a4d1803000000616263' + '28b52ffd2403190000616263990977ad',
    'helloabc'
  ]
} as const

it.each(Object.entries(frames))('reads Zstandard on every Node: %s', async (_, [hex, text]) => {
  expect(Buffer.from(await zstd.decompress(Buffer.from(hex, 'hex'))).toString()).toBe(text)
})

it.each(Object.entries(frames).slice(0, 3))('Zstandard cut off anywhere is an error: %s', async (_, [hex]) => {
  const frame = Buffer.from(hex, 'hex')
  for (let length = 0; length < frame.length; length += 1) {
    await expect(Promise.resolve(frame.subarray(0, length)).then(zstd.decompress)).rejects.toThrow()
  }
})

it('a bare Snappy block is read, one that says it is huge is not', async () => {
  expect(Buffer.from(await snappy.decompress(Buffer.from('0510' + '68656c6c6f', 'hex'))).toString()).toBe('hello')
  await expect(snappy.decompress(Buffer.from('ffffffff071068', 'hex'))).rejects.toThrow()
  await expect(snappy.decompress(Buffer.from('ffffffff07', 'hex'))).rejects.toThrow('too big')
})

it('a Snappy literal that says it has 4 GiB is an error: its length is negative for who reads it as signed', async () => {
  await expect(snappy.decompress(Buffer.from('05fcfaffffff' + '68656c6c6f', 'hex'))).rejects.toThrow('ends too early')
})

const library = (): KafkaLibrary & { CompressionCodecs: Record<number, unknown> } =>
  ({ ...kafkajs, CompressionCodecs: { ...kafkajs.CompressionCodecs } }) as never

it('what somebody has registered stays, unless another one is given', async () => {
  const lib = library()
  const theirs = () => ({ compress: async () => Buffer.alloc(0), decompress: async () => Buffer.alloc(0) })
  lib.CompressionCodecs[2] = theirs
  const gzip = lib.CompressionCodecs[1]
  registerCodecs(lib)
  expect(lib.CompressionCodecs[2]).toBe(theirs)
  expect(lib.CompressionCodecs[1]).toBe(gzip)
  const own: KafkaCodec = {
    compress: (bytes) => zlib.deflateSync(bytes),
    decompress: (bytes) => zlib.inflateSync(bytes)
  }
  registerCodecs(lib, { snappy: own })
  const codec = lib.CompressionCodecs[2]()
  const made = await codec.compress({ buffer: Buffer.from('a') })
  expect(zlib.inflateSync(made).toString()).toBe('a')
  await expect(codec.decompress(Buffer.from('a'))).rejects.toThrow(
    expect.objectContaining({
      code: 'PROTOCOL_VIOLATION',
      message: expect.stringContaining('snappy: cannot decompress')
    })
  )
})
