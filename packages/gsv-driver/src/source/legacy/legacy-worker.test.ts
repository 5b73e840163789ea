import { column, type ReadOptions, TimeoutError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { simulateGsv } from '../../simulator/index.ts'
import { gsvSource } from '../gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

describe('a legacy device in a thread of its own', () => {
  it('is read with its model and scales, and its errors are the same', async () => {
    const channels = [{ unit: 'kN', offset: 10, noise: 0, scale: 50 }]
    const amplifier = simulateGsv({ model: 'gsv-3', rate: 500, channels, serial: 4711 })
    const url = await amplifier.listen()
    const scales = { 1: { scale: 50, unit: 'kN' } }
    const controller = new AbortController()
    const values: number[] = []
    const source = gsvSource({ url, model: 'gsv-3', scales, reader: 'worker' })
    for await (const { blocks } of source.read({ signal: controller.signal, from: {}, splits })) {
      for (const block of blocks) values.push(...column(block, 'channel_1'))
      if (values.length > 50) controller.abort()
    }
    for (const value of values) expect(value).toBeCloseTo(10, 2)
    const other = gsvSource({ url, model: 'gsv-2', reader: 'worker', timeout: '100ms' })
    const { signal } = new AbortController()
    await expect(other.read({ signal, from: {}, splits })[Symbol.asyncIterator]().next()).rejects.toThrow(TimeoutError)
    await amplifier.close()
  })
})
