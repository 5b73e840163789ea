import { type Block, column, type ReadOptions, ShapeMismatchError, type Source } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { simulateGsv } from '../simulator/index.ts'
import { gsvSource } from './gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const channels = { 1: 'force', 8: 'count' } as const

/** Reads until the link ends or there is enough. */
async function collect(source: Source, from = {}, enough = Number.POSITIVE_INFINITY): Promise<Block[]> {
  const controller = new AbortController()
  const blocks: Block[] = []
  let scans = 0
  for await (const batch of source.read({ signal: controller.signal, from, splits })) {
    blocks.push(...batch.blocks)
    for (const { length } of batch.blocks) scans += length
    if (scans >= enough) controller.abort()
  }
  return blocks
}

/** Number of scans that are declared missing before each block, where it is not what the counter says. */
function wrong(blocks: readonly Block[]): unknown[] {
  let expected = Number.NaN
  return blocks.flatMap((block) => {
    const count = column(block, 'count')
    const missing = Math.round(count[0] as number) - expected
    expected = Math.round(count.at(-1) as number) + 1
    return Number.isNaN(missing) || missing === (block.gap?.scans ?? 0) ? [] : [[missing, block.gap]]
  })
}

describe('gsvSource with counterChannel', () => {
  for (const dataType of ['float32', 'int24', 'int16'] as const) {
    it(`counts every loss of ${dataType} exactly, and puts it in its place`, async () => {
      const amplifier = simulateGsv({ rate: 10_000, counterChannel: 8, dataType, freeRunning: false })
      const losses = [1, 2, 3, 10, 77, 1000, 5000]
      for (const [i, count] of losses.entries()) amplifier.loseFrames({ at: 2000 + 6007 * i, count })
      amplifier.corruptFrames({ at: 50_001, count: 1 })
      amplifier.corruptFrames({ at: 50_003, count: 5 })
      const link = () => amplifier.link({ speed: 'max', duration: '6s' })
      const blocks = await collect(gsvSource({ link, channels, counterChannel: 8 }))
      expect(wrong(blocks)).toEqual([])
      expect(blocks.flatMap(({ gap }) => gap ?? [])).toEqual([
        ...losses.map((scans) => ({ scans, cause: 'sequence' })),
        { scans: 1, cause: 'resync' },
        { scans: 5, cause: 'resync' }
      ])
      expect(blocks.reduce((sum, { length, gap }) => sum + length + Number(gap?.scans ?? 0), 0)).toBe(60_000)
    })
  }

  it('counts across an unplugged cable, where it is read again', async () => {
    const amplifier = simulateGsv({ rate: 4000, counterChannel: 8 })
    const source = gsvSource({ url: await amplifier.listen(), id: 'press', channels, counterChannel: 8 })
    const first = await collect(source, {}, 400)
    await amplifier.unplug()
    await new Promise((resolve) => setTimeout(resolve, 100))
    await amplifier.plug()
    const second = await collect(source, { press: first.at(-1)?.origin.position }, 400)
    await amplifier.close()
    expect(second[0]?.gap?.cause).toBe('reconnect')
    expect(wrong([...first, ...second])).toEqual([])
    const [before, after] = [first.at(-1) as Block, second.at(-1) as Block]
    const numbers = (column(after, 'count').at(-1) as number) - (column(before, 'count').at(-1) as number)
    expect(after.origin.position - before.origin.position).toBe(numbers)
  })

  it('is an option that is checked', async () => {
    const url = 'tcp://127.0.0.1:1'
    expect(() => gsvSource({ url, counterChannel: 17 })).toThrow(
      'gsvSource: counterChannel must be a channel from 1 to 16, got 17'
    )
    const amplifier = simulateGsv({ channels: [{}, {}] })
    await expect(collect(gsvSource({ link: () => amplifier.link(), counterChannel: 3 }))).rejects.toThrow(
      ShapeMismatchError
    )
  })
})
