import { crc32, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { Damaged } from './byte-cursor.ts'
import {
  type BatchRecord,
  type BatchSpec,
  batchBytes,
  oldMessages,
  resealed,
  type TheirRecord,
  theirRecords
} from './fixtures/batch-bytes.ts'
import { readMessage } from './old-messages.ts'
import { type Batches, readBatches } from './record-batches.ts'
import { unzipping } from './unzipping.ts'

const START = 1_767_225_600_000
const unzip = () => unzipping(kafkajs.CompressionCodecs)
const read = (bytes: Buffer, from = 0, aborted: { producer: number; firstOffset: number }[] = []) =>
  readBatches(bytes, from, aborted, unzip())

/** Records as plain values. */
function plain({ records }: Batches) {
  return Array.from({ length: records.length }, (_, i) => ({
    offset: records.offset(i),
    timestamp: records.timestamp(i),
    key: records.key(i),
    value: records.valueLength(i) < 0 ? null : records.value(i).toString('hex'),
    headers: records.headers(i)
  }))
}

function plainTheirs(records: readonly TheirRecord[]) {
  return records.map(({ offset, timestamp, key, value, headers = {} }) => {
    const texts = Object.entries(headers).map(([name, one]) => [
      name,
      Array.isArray(one) ? one.map(String) : String(one)
    ])
    return {
      offset: Number(offset),
      timestamp: Number(timestamp),
      key: key?.toString(),
      value: value === null ? null : value.toString('hex'),
      headers: texts.length > 0 ? Object.fromEntries(texts) : undefined
    }
  })
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((some) => Buffer.from(some))
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 5 })
// of names that every object has kafkajs makes something else
const name = fc.string({ maxLength: 12 }).filter((text) => !(text in {}))
const headers = fc.dictionary(
  name,
  fc.oneof(fc.string({ maxLength: 12 }), fc.array(fc.string({ maxLength: 5 }), { minLength: 2, maxLength: 3 })),
  { maxKeys: 3 }
)
const record = fc.record({
  gap: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(500)),
  timestamp: fc.oneof(fc.integer({ min: START, max: START + 1000 }), fc.integer({ min: -1, max: START * 2 })),
  key: nullable(bytes(20)),
  value: nullable(fc.oneof(bytes(90), bytes(9000))),
  headers: fc.oneof(fc.constant({}), headers)
})
const batch = fc.record({
  gap: fc.oneof(fc.constant(0), fc.nat(100_000)),
  left: fc.nat(3),
  records: fc.array(record, { maxLength: 12 }),
  codec: fc.constantFrom(0, 0, 1),
  producer: fc.constantFrom(-1, 7)
})

/** Batches that follow each other, with the offsets that a compacted topic may have. */
const partition = fc
  .tuple(fc.oneof(fc.nat(10), fc.nat(2 ** 40)), fc.array(batch, { minLength: 1, maxLength: 5 }))
  .map(([start, batches]) => {
    let next = start
    return batches.map(({ gap, left, records, ...more }): BatchSpec => {
      const firstOffset = next + gap
      next = firstOffset
      const placed = records.map(({ gap: before, ...one }): BatchRecord => {
        const offset = next + before
        next = offset + 1
        return { offset, ...one }
      })
      const lastOffset = Math.max(next - 1, firstOffset) + left
      next = lastOffset + 1
      return { firstOffset, lastOffset, records: placed, ...more }
    })
  })

const joined = async (specs: readonly BatchSpec[]) => Buffer.concat(await Promise.all(specs.map(batchBytes)))
const lastOf = (specs: readonly BatchSpec[]) => specs.at(-1)?.lastOffset ?? -1

describe('record batches', () => {
  it('are read as kafkajs reads them', async () => {
    await fc.assert(
      fc.asyncProperty(partition, async (specs) => {
        const all = await joined(specs)
        const ours = await read(all)
        expect(plain(ours)).toEqual(plainTheirs(await theirRecords(all)))
        expect(ours.next).toBe(lastOf(specs) + 1)
      }),
      { numRuns: 200 }
    )
  })

  it('from the wanted offset on, and go on behind the last batch', async () => {
    await fc.assert(
      fc.asyncProperty(partition, fc.nat(), async (specs, some) => {
        const all = await joined(specs)
        const offsets = specs.flatMap(({ records }) => records.map(({ offset }) => offset))
        const from = offsets[some % Math.max(1, offsets.length)] ?? 0
        const ours = await read(all, from)
        expect(plain(ours).map(({ offset }) => offset)).toEqual(offsets.filter((offset) => offset >= from))
        expect(ours.next).toBe(Math.max(from, lastOf(specs) + 1))
      }),
      { numRuns: 100 }
    )
  })

  it('cut anywhere they give whole batches, and where to go on', async () => {
    await fc.assert(
      fc.asyncProperty(partition, fc.nat(), async (specs, some) => {
        const each = await Promise.all(specs.map(batchBytes))
        const all = Buffer.concat(each)
        const cut = (some % all.length) + 1
        let whole = 0
        let length = 0
        while (whole < each.length && length + (each[whole] as Buffer).length <= cut) {
          length += (each[whole] as Buffer).length
          whole += 1
        }
        const made = read(all.subarray(0, cut))
        expect((await made).isCut).toBe(whole === 0)
        if (whole === 0) return
        const ours = await made
        expect(ours.next).toBe(lastOf(specs.slice(0, whole)) + 1)
        expect(plain(ours)).toEqual(plainTheirs(await theirRecords(all.subarray(0, length))))
      }),
      { numRuns: 100 }
    )
  })

  it('damaged anywhere they give right records up to there, or an error', async () => {
    const spec = fc.tuple(partition, fc.nat(), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(spec, async ([specs, some, flip]) => {
        const each = await Promise.all(specs.map(batchBytes))
        const all = Buffer.concat(each)
        const right = plain(await read(all))
        const at = some % all.length
        const begins = each.map((_, i) => each.slice(0, i).reduce((sum, { length }) => sum + length, 0))
        const inBatch = at - (begins.findLast((begin) => begin <= at) as number)
        // no checksum covers these: offset and leader epoch
        fc.pre(inBatch >= 8 && (inBatch < 12 || inBatch >= 16))
        all[at] = (all[at] as number) ^ flip
        const made = await read(all).catch((error: unknown) => error)
        if (made instanceof Error) {
          expect(made).toBeInstanceOf(Damaged)
          return
        }
        const got = plain(made as Batches)
        expect(got).toEqual(right.slice(0, got.length))
        expect((made as Batches).next).toBeLessThanOrEqual(lastOf(specs) + 1)
      }),
      { numRuns: 400 }
    )
  })

  it('written wrongly, with a checksum that is right, they end in an error or in records that lie within', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(partition, damage, async (specs, changes) => {
        const one = await batchBytes({ ...(specs[0] as BatchSpec), codec: 0 })
        for (const [at, to] of changes) one[21 + (at % (one.length - 21))] = to
        const made = await read(resealed(one)).catch((error: unknown) => error)
        if (made instanceof Error) {
          expect(['Damaged', 'ProtocolError', 'KafkaJSNotImplemented']).toContain(made.name)
          return
        }
        const { records } = made as Batches
        expect(records.bytes).toBeLessThan(one.length * 20 + 4096)
        for (const { value } of plain(made as Batches)) expect((value?.length ?? 0) / 2).toBeLessThan(one.length)
      }),
      { numRuns: 1000 }
    )
  })

  it('bytes that are none at all are an error or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (some) => {
        const made = await read(Buffer.from(some)).catch((error: unknown) => error)
        if (made instanceof Error) expect(made).toBeInstanceOf(Damaged)
        else expect((made as Batches).records.length).toBe(0)
      })
    )
  })

  const one = (offset: number, more: Partial<BatchSpec> = {}): BatchSpec => ({
    firstOffset: offset,
    lastOffset: offset,
    records: [{ offset, timestamp: START, key: null, value: Buffer.from([offset]) }],
    ...more
  })

  it('a batch that was compacted to nothing is passed', async () => {
    const ours = await read(await batchBytes({ firstOffset: 5, lastOffset: 9, records: [] }), 5)
    expect([ours.records.length, ours.next]).toEqual([0, 10])
  })

  it('the time of the broker counts where it says so', async () => {
    const ours = await read(await batchBytes(one(0, { appendTime: START + 7 })))
    expect([ours.records.timestamp(0), ours.isAppendTime]).toEqual([START + 7, true])
    expect((await read(await batchBytes(one(0)))).isAppendTime).toBe(false)
  })

  it('control batches and transactions that were given up have no records, and are passed', async () => {
    const of = (producer: number, offset: number, isControl = false) =>
      one(offset, { producer, isTransactional: true, isControl })
    const all = await joined([of(1, 0), of(2, 1), of(1, 2), of(1, 3, true), of(1, 4), of(2, 5, true), of(1, 6, true)])
    const offsets = async (aborted: { producer: number; firstOffset: number }[]) => {
      const ours = await read(all, 0, aborted)
      expect(ours.next).toBe(7)
      return plain(ours).map(({ offset }) => offset)
    }
    expect(await offsets([])).toEqual([0, 1, 2, 4])
    expect(await offsets([{ producer: 1, firstOffset: 0 }])).toEqual([1, 4])
  })

  it('a header without a value is left out, a name may be __proto__', async () => {
    const made = await batchBytes(
      one(0, {
        records: [
          {
            offset: 0,
            timestamp: START,
            key: null,
            value: null,
            headers: Object.fromEntries([
              ['__proto__', ['a', 'b']],
              ['n', '']
            ])
          }
        ]
      })
    )
    made[made.length - 1] = 1 // length -1
    const { records } = await read(resealed(made))
    const found = records.headers(0) ?? {}
    expect(Object.entries(found)).toEqual([['__proto__', ['a', 'b']]])
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype)
  })

  it('a damaged batch behind good ones comes again: the good ones are given', async () => {
    const bad = await batchBytes(one(1))
    bad[bad.length - 1] = (bad[bad.length - 1] as number) ^ 1
    const ours = await read(Buffer.concat([await batchBytes(one(0)), bad]))
    expect([ours.records.length, ours.next]).toEqual([1, 1])
    await expect(read(bad, 1)).rejects.toThrow('the checksum of a record batch is wrong')
  })
})

describe('a batch with a right checksum that does not hold what it says', () => {
  const two = (offset: number): Promise<Buffer> =>
    batchBytes({
      firstOffset: offset,
      lastOffset: offset + 1,
      records: [offset, offset + 1].map((one) => ({ offset: one, timestamp: START, key: null, value: null }))
    })
  const changed = async (offset: number, change: (batch: Buffer) => void): Promise<Buffer> => {
    const made = await two(offset)
    change(made)
    return resealed(made)
  }

  it.each<[string, (batch: Buffer) => void, string]>([
    ['more records', (made) => made.writeInt32BE(1, 57), 'a record batch has 1 records, and more bytes'],
    ['fewer', (made) => made.writeInt32BE(3, 57), 'a record batch has 3 records'],
    ['so many that there is no room for them', (made) => made.writeInt32BE(2 ** 31 - 1, 57), 'has 2147483647 records'],
    ['an offset twice', (made) => made.writeInt8(0, made.length - 4), 'a record has the offset 0'],
    ['an offset behind its last', (made) => made.writeInt32BE(0, 23), 'a record has the offset 1'],
    ['a negative last offset', (made) => made.writeInt32BE(-1, 23), 'of the offsets 0 to -1'],
    ['a record that is too long', (made) => made.writeInt8(2 * 63, made.length - 7), 'a record is not 63 B long'],
    ['a length below null', (made) => made.writeInt8(3, made.length - 3), 'a length is -2']
  ])('%s', async (_, change, why) => {
    await expect(read(await changed(0, change))).rejects.toThrow(why)
  })

  it('leaves nothing behind, and comes after those before it', async () => {
    const bad = await changed(2, (made) => made.writeInt8(0, made.length - 4))
    const ours = await read(Buffer.concat([await two(0), bad, await two(4)]))
    expect([plain(ours).map(({ offset }) => offset), ours.next]).toEqual([[0, 1], 2])
  })

  it('behind as many records as may be the rest waits for the next answer', async () => {
    const all = Buffer.concat([await two(0), await two(2), await two(4)])
    const ours = await readBatches(all, 0, [], unzip(), 3)
    expect([ours.records.length, ours.next]).toEqual([4, 4])
  })

  it('offsets that go back', async () => {
    const ours = await read(Buffer.concat([await two(2), await two(0)]))
    expect([ours.records.length, ours.next]).toEqual([2, 4])
  })
})

describe('compressed batches', () => {
  it('gzip stops at the bound, and what an answer becomes is bounded, too', async () => {
    const large = (offset: number): Promise<Buffer> =>
      batchBytes({
        firstOffset: offset,
        lastOffset: offset,
        codec: 1,
        records: [{ offset, timestamp: 0, key: null, value: Buffer.alloc(5000) }]
      })
    const bounded = (most: number) => unzipping(kafkajs.CompressionCodecs, most)
    await expect(readBatches(await large(0), 0, [], bounded(4000))).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: expect.stringContaining('gzip: cannot decompress a record batch')
    })
    const three = Buffer.concat([await large(0), await large(1), await large(2)])
    const two = await readBatches(three, 0, [], bounded(6000))
    expect([two.records.length, two.next]).toEqual([2, 2])
    expect((await readBatches(three, two.next, [], bounded(6000))).next).toBe(3)
  })

  it('a codec that nobody knows is named', async () => {
    const made = await batchBytes({ firstOffset: 0, lastOffset: 0, records: [] })
    made.writeInt16BE(6, 21)
    await expect(read(resealed(made))).rejects.toThrow('a record batch is compressed with codec 6, which is unknown')
  })
})

describe('messages of old formats', () => {
  const messages = fc.array(
    fc.record({ timestamp: fc.nat(START), key: nullable(bytes(9)), value: nullable(bytes(30)) }),
    { minLength: 1, maxLength: 6 }
  )

  it.each([0, 1] as const)('version %i is read as kafkajs reads it', async (version) => {
    await fc.assert(
      fc.asyncProperty(messages, fc.nat(2 ** 40), async (entries, start) => {
        const made = oldMessages(
          version,
          entries,
          entries.map((_, i) => start + 2 * i)
        )
        const ours = await read(made)
        const theirs = plainTheirs(await theirRecords(made))
        expect(plain(ours)).toEqual(theirs.map((one) => (version === 0 ? { ...one, timestamp: -1 } : one)))
        expect(ours.next).toBe(start + 2 * entries.length - 1)
      }),
      { numRuns: 50 }
    )
  })

  it.each([0, 1] as const)(
    'version %i, compressed: the message that holds them has the last offset',
    async (version) => {
      await fc.assert(
        fc.asyncProperty(messages, async (entries) => {
          const inner = entries.map((_, i) => (version === 0 ? 100 + i : i))
          const value = gzipSync(oldMessages(version, entries, inner))
          const last = 99 + entries.length
          const outer = oldMessages(version, [{ compression: 1, timestamp: 5, key: null, value }], [last])
          const ours = await read(outer, 100)
          expect(plain(ours)).toEqual(
            entries.map(({ timestamp, key, value: of }, i) => ({
              offset: 100 + i,
              timestamp: version === 0 ? -1 : timestamp,
              key: key?.toString(),
              value: of?.toString('hex') ?? null,
              headers: undefined
            }))
          )
          expect(ours.next).toBe(last + 1)
        }),
        { numRuns: 50 }
      )
    }
  )

  const wrapping = (plain: Buffer): Buffer =>
    oldMessages(1, [{ compression: 1, timestamp: 5, key: null, value: gzipSync(plain) }], [9])
  const small = { timestamp: START, key: Buffer.from('k'), value: null }

  it.each([5, 12, 20, 27])('%i bytes too many in a compressed one are damage', async (spare) => {
    const plain = Buffer.concat([oldMessages(1, [small], [0]), Buffer.alloc(spare)])
    await expect(read(wrapping(plain))).rejects.toThrow(Damaged)
  })

  it.each([1e6, 2 ** 31 - 1, -2])('a key length of %i is damage, with a right checksum, too', async (length) => {
    const made = oldMessages(1, [small], [3])
    made.writeInt32BE(length, 26)
    made.writeUInt32BE(crc32(made.subarray(16)), 12)
    await expect(read(made, 3)).rejects.toThrow(Damaged)
    await expect(read(wrapping(made))).rejects.toThrow(Damaged)
  })

  it('one that is as short as those without a time and says that it has one is damage', async () => {
    const made = oldMessages(0, [{ key: null, value: null }], [3])
    made[16] = 1
    made.writeUInt32BE(crc32(made.subarray(16)), 12)
    await expect(read(made, 3)).rejects.toThrow(Damaged)
  })

  it('a compressed one holds so many at most', async () => {
    const plain = oldMessages(1, [small, small, small], [0, 1, 2])
    const made = wrapping(plain)
    const into = (await read(Buffer.alloc(0), 0)) as Batches
    await expect(readMessage(made, 0, made.length, into, unzip(), 2)).rejects.toThrow('a message holds more than 2')
    expect(into.records.length).toBe(0)
    await readMessage(made, 0, made.length, into, unzip(), 3)
    expect(into.records.length).toBe(3)
  })

  it('damaged anywhere they are an error, or cut', async () => {
    const entries = [{ timestamp: START, key: Buffer.from('k'), value: Buffer.from('value') }]
    const right = oldMessages(1, entries, [3])
    for (let at = 8; at < right.length; at += 1) {
      const made = Buffer.from(right)
      made[at] = (made[at] as number) ^ 0x55
      const what = await read(made).catch((error: unknown) => error)
      // a length that is too long makes it look cut
      const isNoticed = what instanceof Damaged || (what as Batches).isCut
      expect(isNoticed, `byte ${at}`).toBe(true)
    }
  })
})
