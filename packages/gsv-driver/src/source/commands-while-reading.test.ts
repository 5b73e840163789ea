import { type Block, column, type ReadOptions } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { GsvError } from '../commands/index.ts'
import type { Gsv } from '../device/gsv.ts'
import { simulateGsv } from '../simulator/index.ts'
import { gsvSource } from './gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

/** Reads until `work` with the opened device is over. */
async function readDuring(url: string, work: (gsv: Gsv) => Promise<unknown>): Promise<Block[]> {
  const controller = new AbortController()
  const blocks: Block[] = []
  let opened: Gsv | undefined
  let working: Promise<unknown> | undefined
  const onDevice = (_: unknown, gsv: Gsv): void => {
    opened = gsv
  }
  const source = gsvSource({ url, onDevice })
  for await (const batch of source.read({ signal: controller.signal, from: {}, splits })) {
    blocks.push(...batch.blocks)
    working ??= work(opened as Gsv).finally(() => controller.abort())
  }
  await working
  return blocks
}

const channels = [
  { offset: 1, noise: 0, scale: 10 },
  { offset: 2, noise: 0, scale: 10 }
]

describe('commands while scans flow', () => {
  it('lose no scan, and are answered', async () => {
    const amplifier = simulateGsv({ rate: 4000, channels })
    const serials: number[] = []
    const blocks = await readDuring(await amplifier.listen(), async (gsv) => {
      for (let i = 0; i < 100; i += 1) serials.push((await gsv.command('GetSerNo')).serial)
      await expect(gsv.command('SetZero', { channel: 9 })).rejects.toThrow(GsvError)
      const { settings } = await gsv.exportConfig()
      expect(settings.rate).toBe(4000)
    })
    expect(new Set(serials)).toEqual(new Set([1_234_567]))
    expect(blocks.filter(({ gap }) => gap)).toEqual([])
    expect(blocks.reduce((sum, { length }) => sum + length, 0)).toBe(amplifier.sent)
    await amplifier.close()
  })

  it('take effect in the scans behind them', async () => {
    const amplifier = simulateGsv({ rate: 2000, channels })
    const blocks = await readDuring(await amplifier.listen(), async (gsv) => {
      await gsv.zero(2)
      await new Promise((resolve) => setTimeout(resolve, 60))
    })
    const last = blocks.at(-1) as Block
    expect(column(last, 'channel_2').at(-1)).toBeCloseTo(0, 2)
    expect(blocks.reduce((sum, { length }) => sum + length, 0)).toBe(amplifier.sent)
    await amplifier.close()
  })

  it('go on after a reset of a GSV-6 for a setting', async () => {
    const amplifier = simulateGsv({ model: 'gsv-6', rate: 500, channels })
    let scans = 0
    const blocks = await readDuring(await amplifier.listen(), async (gsv) => {
      await gsv.change({ 'channels.1.analogOutOffset': 5 })
      scans = amplifier.sent
      await new Promise((resolve) => setTimeout(resolve, 100))
    })
    expect(blocks.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(10)
    expect(amplifier.sent).toBeGreaterThan(scans)
    await amplifier.close()
  })
})
