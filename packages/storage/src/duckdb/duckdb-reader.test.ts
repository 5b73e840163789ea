import { type Block, blockOf, column, defineStream, sliceBlock, timeNs } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { duckdbReader } from './duckdb-reader.ts'
import { databaseFile, listOf, readerOn, sinkOn } from './fixtures/database-file.ts'

const START = 1_700_000_000_000

function press(from: number, scans: number): Block {
  const shape = { stream: 'press-3', channels: { force: 'kN', current: 'A' }, rate: 1000, start: START + from }
  const force = Array.from({ length: scans }, (_, i) => from + i)
  return blockOf(shape, { force, current: force.map((x) => -x) })
}

const forcesOf = (blocks: readonly Block[]): number[] => blocks.flatMap((block) => [...column(block, 'force')])

describe('range', () => {
  it('gives the scans of a period in the order of time, page by page', async () => {
    const path = databaseFile()
    const sink = sinkOn(path)
    await sink.write([press(20_000, 20_000)])
    await sink.write([press(0, 20_000)])
    const reader = readerOn(path)
    const whole = await listOf(reader.range({ stream: 'press-3' }))
    expect(forcesOf(whole)).toEqual(Array.from({ length: 40_000 }, (_, i) => i))
    expect(Math.max(...whole.map(({ length }) => length))).toBeLessThanOrEqual(2048)
    const period = { from: START + 100, to: BigInt(START + 103) * 1_000_000n }
    const part = await listOf(reader.range({ stream: 'press-3', ...period, channels: ['force'] }))
    expect(forcesOf(part)).toEqual([100, 101, 102])
    expect(part[0]?.stream.channels).toEqual([{ name: 'force', unit: 'kN' }])
    expect(timeNs(part[0] as Block, 1)).toBe(BigInt(START + 101) * 1_000_000n)
    expect(await listOf(reader.range({ stream: 'press-3', from: new Date(START + 50_000) }))).toEqual([])
  })

  it('keeps scans of one instant apart, also where a page ends between them', async () => {
    const path = databaseFile()
    const length = 20_000
    const scans = Float64Array.from({ length }, (_, i) => i)
    const stream = defineStream({ id: 'events', channels: [{ name: 'force', unit: 'kN' }] })
    const time = { start: 0n, clock: 'device', uncertainty: 0, offsets: scans.map((i) => Math.floor(i / 3)) } as const
    const block = { stream, length, values: scans, time, quality: undefined, gap: undefined }
    const all: Block = { ...block, origin: { split: 'a', position: length - 1, positions: scans } }
    const gap = { scans: 'unknown', cause: 'reconnect' } as const
    await sinkOn(path).write([sliceBlock(all, 0, 16_383), { ...sliceBlock(all, 16_383, length), gap }])
    const blocks = await listOf(readerOn(path).range({ stream: 'events' }))
    expect(forcesOf(blocks)).toEqual([...scans])
    expect(blocks.filter(({ gap: before }) => before).map((declared) => column(declared, 'force')[0])).toEqual([16_383])
  })

  it('cuts at gaps and declares them', async () => {
    const path = databaseFile()
    const gap = { scans: 1000, cause: 'sequence' } as const
    await sinkOn(path).write([press(0, 3), { ...press(1003, 2), gap }, press(1005, 1)])
    const blocks = await listOf(readerOn(path).range({ stream: 'press-3' }))
    expect(blocks.map(({ length, gap: before }) => [length, before])).toEqual([
      [3, undefined],
      [3, gap]
    ])
  })

  it('goes on while more is written', async () => {
    const path = databaseFile()
    const sink = sinkOn(path)
    await sink.write([press(0, 20_000)])
    const seen: Block[] = []
    for await (const block of readerOn(path).range({ stream: 'press-3' })) {
      if (seen.length === 0) await sink.write([press(20_000, 10)])
      seen.push(block)
    }
    expect(forcesOf(seen)).toEqual(Array.from({ length: 20_010 }, (_, i) => i))
  })
})

describe('latest', () => {
  it('gives the newest scans of one stream, in the order of time', async () => {
    const path = databaseFile()
    const fan = blockOf({ stream: 'fan', channels: { force: 'N' }, rate: 10, start: START + 1e9 }, { force: [-1] })
    const sink = sinkOn(path)
    await sink.write([press(0, 3000), fan])
    const reader = readerOn(path)
    const block = (await reader.latest({ stream: 'press-3', scans: 2500, channels: ['current', 'force'] })) as Block
    expect([...column(block, 'force')]).toEqual(Array.from({ length: 2500 }, (_, i) => 500 + i))
    expect(column(block, 'current')[0]).toBe(-500)
    expect(timeNs(block, 2499)).toBe(BigInt(START + 2999) * 1_000_000n)
    expect(block.stream).toMatchObject({ id: 'press-3', rate: 1000 })
    await sink.write([press(3000, 1)])
    expect(forcesOf([(await reader.latest({ stream: 'press-3', scans: 1 })) as Block])).toEqual([3000])
  })

  it('is told of wrong queries', async () => {
    const path = databaseFile()
    await sinkOn(path).write([press(0, 3)])
    const reader = readerOn(path)
    await expect(reader.latest({ stream: 'press-3', scans: 0 })).rejects.toThrow(
      new RangeError('latest: scans must be a positive whole number, got 0')
    )
    await expect(reader.latest({ stream: 'press-3', scans: 1, channels: ['x'] })).rejects.toThrow(
      new RangeError("Stream 'press-3' has no channel 'x'; it has: force, current")
    )
    await expect(reader.latest({ stream: 'press-4', scans: 1 })).rejects.toMatchObject({
      name: 'StorageError',
      message: expect.stringContaining("table 'raw' has no stream 'press-4'; it has: press-3")
    })
    await expect(listOf(reader.range({ stream: 'press-3', from: Number.NaN }))).rejects.toThrow(RangeError)
    await expect(reader.query('SELECT nonsense FROM raw')).rejects.toMatchObject({
      name: 'StorageError',
      message: expect.stringContaining('nonsense')
    })
  })
})

it('reads a file that nobody writes, and shares it with a sink that comes later', async () => {
  const path = databaseFile()
  const first = sinkOn(path)
  await first.write([press(0, 3)])
  await first.close()
  const reader = readerOn(path)
  expect(forcesOf(await listOf(reader.range({ stream: 'press-3' })))).toEqual([0, 1, 2])
  await sinkOn(path).write([press(0, 4)])
  expect(forcesOf(await listOf(reader.range({ stream: 'press-3' })))).toEqual([0, 1, 2, 3])
})

it('does not make a file', async () => {
  const reader = duckdbReader({ path: databaseFile(), table: 'raw' })
  await expect(reader.latest({ stream: 's', scans: 1 })).rejects.toMatchObject({
    name: 'StorageError',
    retryable: false,
    message: expect.stringContaining('there is no such file')
  })
  await reader.close()
  await reader.close()
})
