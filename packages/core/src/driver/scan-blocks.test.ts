import { describe, expect, it } from 'vitest'
import type { Block } from '../model/block.ts'
import { Quality } from '../model/quality.ts'
import type { Batch } from '../model/source.ts'
import { defineStream } from '../model/stream.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { ScanBlocks, type ScanBlocksOptions } from './scan-blocks.ts'

const stream = defineStream({
  id: 'scale',
  channels: [
    { name: 'mass', unit: 'kg' },
    { name: 'heat', unit: 'Cel' }
  ],
  rate: 1000
})

function fresh(options: Partial<ScanBlocksOptions> = {}): ScanBlocks {
  return new ScanBlocks({ stream, rate: 1000, scheduler: new VirtualTime(), ...options })
}

/** Scans that count up, in packets of 5, each on time. */
function feed(scans: ScanBlocks, from: number, to: number, late = 0): void {
  for (let i = from; i < to; i += 1) {
    scans.add([i, -i])
    if (i % 5 === 4) scans.arrived(i + late)
  }
}

async function all(scans: ScanBlocks): Promise<{ batches: Batch[]; blocks: Block[] }> {
  const batches: Batch[] = []
  for await (const batch of scans) batches.push(batch)
  return { batches, blocks: batches.flatMap(({ blocks }) => blocks) }
}

const column = (blocks: Block[]): number[] => blocks.flatMap(({ values, length }) => [...values.subarray(0, length)])

describe('ScanBlocks', () => {
  it('fills blocks, and does not let a scan wait for long', async () => {
    const scheduler = new VirtualTime()
    const scans = fresh({ scheduler, block: { scans: 100, ageMs: 20 } })
    feed(scans, 0, 250)
    await scheduler.advance(20)
    feed(scans, 250, 260)
    scans.end()
    const { blocks } = await all(scans)
    expect(blocks.map(({ length }) => length)).toEqual([100, 100, 50, 10])
    expect(column(blocks)).toEqual(Array.from({ length: 260 }, (_, i) => i))
    expect(blocks.map(({ origin }) => origin.position)).toEqual([99, 199, 249, 259])
  })

  it('declares what is known to be missing, and counts its position', async () => {
    const scans = fresh()
    scans.missing(7, 'resync')
    feed(scans, 0, 10)
    scans.missing(2, 'resync')
    scans.missing(1, 'sequence')
    feed(scans, 10, 20, 3)
    scans.end()
    const { blocks } = await all(scans)
    expect(blocks.map(({ gap, origin }) => [gap, origin.position])).toEqual([
      [undefined, 9],
      [{ scans: 3, cause: 'sequence' }, 22]
    ])
  })

  it('declares what the clock finds missing before the right scan, although it is sure only later', async () => {
    const scans = fresh()
    feed(scans, 0, 3000)
    feed(scans, 3000, 5000, 400)
    scans.end()
    const { blocks } = await all(scans)
    const first = blocks.find(({ gap }) => gap) as Block
    expect(first.gap).toEqual({ scans: 400, cause: 'lost' })
    expect(first.values[0]).toBe(3000)
    expect(first.origin.position).toBe(3399 + first.length)
    expect(column(blocks)).toHaveLength(5000)
  })

  it('declares what nobody asked for in time, also at the end', async () => {
    const scans = fresh({ buffer: '16KiB' })
    feed(scans, 0, 2560)
    scans.missing(4, 'resync')
    scans.end(new Error('link down'))
    const batches: Batch[] = []
    const read = async (): Promise<void> => {
      for await (const batch of scans) batches.push(batch)
    }
    await expect(read()).rejects.toThrow('link down')
    const got = batches.reduce((sum, { blocks }) => sum + (blocks[0]?.length ?? 0), 0)
    expect(got).toBe(768)
    const event = batches.at(-1)?.events?.[0]
    expect([event?.rule, event?.data]).toEqual(['gap', { scans: 2560 - got + 4, cause: 'resync' }])
    expect(batches.at(-1)?.position).toBe(2563)
  })

  it('goes on behind a position, with a gap', async () => {
    const scans = fresh({ after: 41 })
    feed(scans, 0, 5)
    scans.end()
    const { blocks } = await all(scans)
    expect([blocks[0]?.gap, blocks[0]?.origin.position]).toEqual([{ scans: 'unknown', cause: 'reconnect' }, 46])
  })

  it('has a quality for what is missing, doubtful or bad', async () => {
    const scans = fresh()
    scans.add([1, 2])
    scans.add([3, Number.NaN])
    scans.add([5, 6], Quality.uncertain)
    scans.add([7, 8], Quality.bad)
    scans.arrived(4)
    scans.end()
    const { missing, uncertain, bad } = Quality
    const { blocks } = await all(scans)
    expect([...(blocks[0]?.quality ?? [])]).toEqual([0, 0, uncertain, bad, 0, missing, uncertain, bad])
    expect([...(blocks[0]?.values ?? [])]).toEqual([1, 3, 5, Number.NaN, 2, Number.NaN, 6, Number.NaN])
  })

  it('takes nothing after its end', async () => {
    const scans = fresh()
    feed(scans, 0, 5)
    scans.end()
    feed(scans, 5, 10)
    scans.missing(1, 'lost')
    scans.end(new Error('late'))
    expect((await all(scans)).blocks.map(({ length }) => length)).toEqual([5])
  })

  it('refuses wrong options', () => {
    expect(() => fresh({ block: { scans: 0 } })).toThrow(
      'ScanBlocks: block.scans must be a whole number from 1 on, got 0'
    )
    expect(() => fresh({ buffer: '0B' })).toThrow('ScanBlocks: buffer must be a size')
  })
})
