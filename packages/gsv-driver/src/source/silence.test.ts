import { type Block, column, NotConnectedError, type ReadOptions, type SourceReport } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { simulateGsv } from '../simulator/index.ts'
import { gsvSource } from './gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

describe('a device that is silent on an open link', () => {
  it('is reported, then not connected; what is missing is counted when it is read again', async () => {
    const amplifier = simulateGsv({ rate: 1000, counterChannel: 8 })
    const source = gsvSource({ url: await amplifier.listen(), id: 'press', channels: { 8: 'count' }, timeout: '5s' })
    const reports: SourceReport[] = []
    const blocks: Block[] = []
    const read = async (enough: number): Promise<void> => {
      const controller = new AbortController()
      const last = blocks.at(-1)?.origin.position
      const from = last === undefined ? {} : { press: last }
      const report = (said: SourceReport): void => void reports.push(said)
      let stalled = false
      for await (const batch of source.read({ signal: controller.signal, from, splits, report })) {
        blocks.push(...batch.blocks)
        if (blocks.reduce((sum, { length }) => sum + length, 0) < enough) continue
        if (last !== undefined) controller.abort()
        else if (!stalled) amplifier.stall(3000)
        stalled = true
      }
    }
    await expect(read(500)).rejects.toThrow(NotConnectedError)
    expect(reports).toMatchObject([{ state: 'degraded' }])
    expect(reports[0]?.why).toContain('no measured frame for 1 s on an open link; check power and cable')
    const before = column(blocks.at(-1) as Block, 'count').at(-1) as number
    const held = blocks.length
    await read(1000)
    const next = blocks[held] as Block
    expect(next.gap?.cause).toBe('reconnect')
    const missing = (column(next, 'count')[0] as number) - before - 1
    const unsure = next.time.uncertainty + (blocks[held - 1]?.time.uncertainty ?? 0)
    expect(Math.abs((next.gap?.scans as number) - missing)).toBeLessThanOrEqual(Math.ceil(unsure / 1e6))
    await amplifier.close()
  })

  it('is left without waiting for the answer to the stop, which takes longer than this test', async () => {
    const amplifier = simulateGsv({ rate: 1000 })
    const source = gsvSource({ url: await amplifier.listen(), timeout: '10min' })
    const read = async (): Promise<void> => {
      const { signal } = new AbortController()
      for await (const _ of source.read({ signal, from: {}, splits })) amplifier.stall(3_000_000)
    }
    await expect(read()).rejects.toThrow(NotConnectedError)
    await amplifier.close()
  })

  it('goes on when it comes back in time, with nothing lost that the device has held', async () => {
    const amplifier = simulateGsv({ rate: 500 })
    const source = gsvSource({ url: await amplifier.listen() })
    const controller = new AbortController()
    const reports: SourceReport[] = []
    let scans = 0
    let missing = 0
    const report = (said: SourceReport): void => void reports.push(said)
    for await (const { blocks } of source.read({ signal: controller.signal, from: {}, splits, report })) {
      if (scans === 0) amplifier.stall(1500)
      for (const { length, gap } of blocks) {
        scans += length
        missing += (gap?.scans as number) ?? 0
      }
      if (scans > 1000) controller.abort()
    }
    expect(reports.map(({ state }) => state)).toEqual(['degraded', 'running'])
    expect(scans + missing).toBe(amplifier.sent)
    await amplifier.close()
  })

  it('is not taken for one while its transmission is stopped on purpose', async () => {
    const amplifier = simulateGsv({ rate: 1000 })
    const controller = new AbortController()
    const reports: SourceReport[] = []
    let working: Promise<unknown> | undefined
    const source = gsvSource({
      url: await amplifier.listen(),
      onDevice: (_, gsv) => {
        working = (async () => {
          await new Promise((resolve) => setTimeout(resolve, 100))
          await gsv.command('StopTransmission')
          await new Promise((resolve) => setTimeout(resolve, 2600))
          await gsv.command('StartTransmission')
          await new Promise((resolve) => setTimeout(resolve, 100))
          controller.abort()
        })()
      }
    })
    const report = (said: SourceReport): void => void reports.push(said)
    for await (const _ of source.read({ signal: controller.signal, from: {}, splits, report })) {
      // nothing
    }
    await working
    expect(reports).toEqual([])
    await amplifier.close()
  })
  it('is not taken for one while a slow reader holds the link back', async () => {
    const amplifier = simulateGsv()
    const source = gsvSource({ link: () => amplifier.link({ speed: 'max', duration: '2min' }) })
    const controller = new AbortController()
    const reports: SourceReport[] = []
    let batches = 0
    const report = (said: SourceReport): void => void reports.push(said)
    for await (const _ of source.read({ signal: controller.signal, from: {}, splits, report })) {
      batches += 1
      if (batches === 1) await new Promise((resolve) => setTimeout(resolve, 2500))
    }
    expect(reports).toEqual([])
    expect(batches).toBeGreaterThan(10)
    await amplifier.close()
  })
})
