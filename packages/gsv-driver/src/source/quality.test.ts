import { type Block, Quality, type ReadOptions } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { openGsv } from '../device/open-gsv.ts'
import type { SimulatedGsv } from '../simulator/index.ts'
import { simulateGsv } from '../simulator/index.ts'
import { type GsvSourceOptions, gsvSource } from './gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const channels = ['a', 'b', 'c'].map((name, i) => ({ name, offset: i + 1, noise: 0, scale: 10 }))
const ASK = 0x43

interface Run {
  /** Numbers of the uncertain scans, by channel. */
  readonly uncertain: readonly number[][]
  /** Scans at which the device was asked what is wrong. */
  readonly asked: readonly number[]
}

/** Reads a device for so long as fast as it goes; its link may change what is asked, or lose it (-1). */
async function run(
  amplifier: SimulatedGsv,
  change = (code: number): number => code,
  more?: GsvSourceOptions
): Promise<Run> {
  const asked: number[] = []
  const link = () => {
    const inner = amplifier.link({ speed: 'max', duration: '20s' })
    const write = inner.write.bind(inner)
    inner.write = (bytes) => {
      if (bytes[2] === ASK) asked.push(amplifier.sent)
      const code = change(bytes[2] as number)
      return code < 0 ? Promise.resolve() : write(bytes.with(2, code))
    }
    return inner
  }
  const uncertain: number[][] = []
  const source = gsvSource({ link, ...more })
  for await (const { blocks } of source.read({ signal: new AbortController().signal, from: {}, splits })) {
    for (const block of blocks) note(block, uncertain)
  }
  return { uncertain, asked }
}

function note({ stream, length, quality, origin }: Block, uncertain: number[][]): void {
  for (let c = 0; c < stream.channels.length; c += 1) {
    uncertain[c] ??= []
    for (let i = 0; i < length; i += 1) {
      if (quality?.[c * length + i] === Quality.uncertain) uncertain[c]?.push(origin.position - length + 1 + i)
    }
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
/** Those from the beginning of a fault on until the device had said where it is. */
const expectBeginning = (numbers: readonly number[] = [], from: number, atMost: number): void => {
  expect(numbers.length).toBeGreaterThan(0)
  expect(numbers.length).toBeLessThan(atMost)
  expect(numbers).toEqual(range(from, from + numbers.length))
}

for (const [model, side] of [
  ['gsv-8', -1],
  ['gsv-6', 1]
] as const) {
  describe(`quality of a ${model}`, () => {
    it('is uncertain in the saturated channel, in the others until the device has said which it is', async () => {
      const amplifier = simulateGsv({ model, channels })
      amplifier.inject({ kind: 'saturation', channel: 'b', at: 3000, for: 9000 })
      const { uncertain } = await run(amplifier)
      expect(uncertain[1]).toEqual(range(3000, 12_000))
      expectBeginning(uncertain[0], 3000, 4000)
      expect(uncertain[2]).toEqual(uncertain[0])
    })

    it('is uncertain at once in another value that reaches the end of its range', async () => {
      const amplifier = simulateGsv({ model, channels })
      amplifier.inject({ kind: 'saturation', channel: 'b', at: 3000, for: 13_000 })
      amplifier.inject({ kind: 'saturation', channel: 'c', at: 8000, for: 4000, size: side })
      const { uncertain } = await run(amplifier)
      expect(uncertain[1]).toEqual(range(3000, 16_000))
      expectBeginning(uncertain[0], 3000, 4000)
      const last = uncertain[0]?.at(-1) as number
      expect(uncertain[2]).toEqual([...range(3000, last + 1), ...range(8000, 16_000)])
    })

    it('is uncertain in a second channel whose end of range was moved by a zero, once the device has said it', async () => {
      const amplifier = simulateGsv({ model, channels })
      amplifier.inject({ kind: 'saturation', channel: 'b', at: 3000, for: 15_000 })
      amplifier.inject({ kind: 'saturation', channel: 'c', at: 8000, for: 10_000 })
      const { uncertain } = await run(amplifier, undefined, { onDevice: (_, gsv) => void gsv.zero(3) })
      const second = uncertain[2]?.filter((number) => number >= 8000) ?? []
      expect(second.length).toBeGreaterThan(8000)
      expect(second.at(-1)).toBe(17_999)
      expectBeginning(uncertain[0], 3000, 4000)
    })

    it('is asked for at most twice a second, however often flags come and go', async () => {
      const amplifier = simulateGsv({ model, channels, rate: 2000 })
      for (let at = 2000; at < 38_000; at += 200) amplifier.inject({ kind: 'saturation', channel: 'a', at, for: 150 })
      const { uncertain, asked } = await run(amplifier)
      expect(uncertain[0]).toEqual(range(2000, 38_000).filter((number) => number % 200 < 150))
      expect(asked.length).toBeGreaterThan(6)
      // a GSV-8 is asked for fault and count, and for the count at the beginning
      const questions = model === 'gsv-8' ? (asked.length - 1) / 2 : asked.length
      expect(questions).toBeLessThanOrEqual(38)
    })

    it('is uncertain in all channels where the device does not know the question, which is not repeated', async () => {
      const amplifier = simulateGsv({ model, channels })
      amplifier.inject({ kind: 'saturation', channel: 'b', at: 3000, for: 9000 })
      const { uncertain, asked } = await run(amplifier, (code) => (code === ASK ? 0xee : code))
      expect(uncertain).toEqual([range(3000, 12_000), range(3000, 12_000), range(3000, 12_000)])
      expect(asked).toHaveLength(1)
    })
  })
}

describe('quality of a gsv-8 that cannot be known', () => {
  it('is uncertain in all channels when two faults begin at once, and known again in the next', async () => {
    const amplifier = simulateGsv({ channels })
    amplifier.inject({ kind: 'saturation', channel: 'a', at: 3000, for: 4000 })
    amplifier.inject({ kind: 'saturation', channel: 'b', at: 3001, for: 4000 })
    amplifier.inject({ kind: 'saturation', channel: 'b', at: 12_000, for: 4000 })
    const { uncertain } = await run(amplifier)
    expect(uncertain[2]?.filter((number) => number < 12_000)).toEqual(range(3000, 7001))
    expectBeginning(
      uncertain[2]?.filter((number) => number >= 12_000),
      12_000,
      2000
    )
  })

  it('is uncertain in all channels when no answer comes, which is asked for again much later', async () => {
    const amplifier = simulateGsv({ channels })
    amplifier.inject({ kind: 'saturation', channel: 'b', at: 3000, for: 16_000 })
    let questions = 0
    const losing = (code: number): number => (code === ASK && ++questions > 1 ? -1 : code)
    const { uncertain, asked } = await run(amplifier, losing, { timeout: '50ms' })
    expect(uncertain[0]).toEqual(range(3000, 19_000))
    expect(amplifier.sent).toBe(20_000)
    expect(asked.length).toBeGreaterThan(1)
    expect(asked.length).toBeLessThanOrEqual(3)
  })

  it('is uncertain in all channels while a fault lasts that was there before', async () => {
    const amplifier = simulateGsv({ channels })
    amplifier.inject({ kind: 'saturation', channel: 'a', at: 0, for: 4000 })
    const { uncertain } = await run(amplifier)
    expect(uncertain[1]?.at(0)).toBe(0)
    expect(uncertain[0]).toEqual(range(0, 4000))
  })
})

describe('quality of a six-axis sensor', () => {
  it('is uncertain in the axis that exceeds its maximum, and in all axes when an input saturates', async () => {
    const names = ['fx', 'fy', 'fz', 'mx', 'my', 'mz', 'other']
    const of = (scan: number): number => (scan >= 3000 && scan < 9000 ? 1.5 : 0.5)
    const inputs = names.map((name) =>
      name === 'fy' ? { name, noise: 0, scale: 2, of } : { name, noise: 0, scale: 2 }
    )
    const amplifier = simulateGsv({ channels: inputs })
    amplifier.inject({ kind: 'saturation', channel: 'mz', at: 12_000, for: 4000 })
    const gsv = await openGsv({ link: amplifier.link() })
    await gsv.unlock('Beln')
    const matrix = Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0))
    await gsv.sixAxis.write(0, { matrix, sensitivity: [1], maximum: [100, 1, 100, 100, 100, 100] })
    await gsv.sixAxis.enable(true)
    await gsv.close()
    const { uncertain } = await run(amplifier)
    const from = (c: number, least: number, most: number): number[] =>
      (uncertain[c] ?? []).filter((number) => number >= least && number < most)
    expect(from(1, 3000, 9000)).toEqual(range(3000, 9000))
    expectBeginning(from(0, 3000, 9000), 3000, 4000)
    expect(from(5, 12_000, 16_000)).toEqual(range(12_000, 16_000))
    expect(from(0, 12_000, 16_000)).toEqual(range(12_000, 16_000))
    expectBeginning(from(6, 12_000, 16_000), 12_000, 3000)
  })
})
