import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Block } from '../model/block.ts'
import { column, timeNs } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { Quality } from '../model/quality.ts'
import { defineStream } from '../model/stream.ts'
import type { AnyOperator } from '../testing/operator-checks.ts'
import { operatorSuite } from '../testing/operator-suite.ts'
import { mean } from './mean.ts'
import { minMax } from './min-max.ts'
import { peakToPeak } from './peak-to-peak.ts'
import { phaseUnbalance } from './phase-unbalance.ts'
import { rms } from './rms.ts'
import { sequenceComponents } from './sequence-components.ts'
import { standardDeviation } from './standard-deviation.ts'

const wave = (shift: number): number[] => Array.from({ length: 300 }, (_, i) => Math.sin(i / 7 + shift) * 10 + (i % 11))
const shape = {
  stream: 's',
  channels: { a: 'A', b: 'A', c: 'A', note: '1' },
  rate: 1000,
  start: 1_700_000_000_017
} as const
const blocks = [blockOf(shape, { a: wave(0), b: wave(2), c: wave(4), note: wave(1) })]
const phases = ['a', 'b', 'c'] as const

const subjects: Record<string, () => AnyOperator> = {
  rms: () => rms({ window: '20ms', channels: ['a', 'b'] }),
  mean: () => mean({ window: '20ms', hop: '7ms', channels: ['a', 'c'] }),
  standardDeviation: () => standardDeviation({ window: { scans: 16 }, channels: ['b'] }),
  minMax: () => minMax({ window: { scans: 9 }, hop: { scans: 20 }, channels: ['b'] }),
  peakToPeak: () => peakToPeak({ window: '33ms', hop: '50ms', channels: ['c'] }),
  'phaseUnbalance of windows': () => phaseUnbalance({ phases, definition: 'max-deviation', window: '20ms' }),
  sequenceComponents: () => sequenceComponents({ phases, frequency: 50, window: '20ms' }),
  'rms that holds': () => rms({ window: '20ms', channels: ['a'], onGap: 'hold' })
}
for (const [name, operator] of Object.entries(subjects)) operatorSuite(name, { operator, blocks }, { describe, it })

const { stream, time, origin } = blockOf({ stream: 'e', channels: { a: 'A' }, rate: 1 }, { a: [0] })
const offsets = Float64Array.from({ length: 60 }, (_, i) => i * 3e6 + (i % 5) * 4e5)
const irregular: Block = {
  stream: defineStream({ id: 'e', channels: stream.channels }),
  length: 60,
  values: Float64Array.from(wave(0).slice(0, 60)),
  time: { start: time.start, clock: 'source', uncertainty: 0, offsets },
  origin
}
operatorSuite('mean of events', { operator: () => mean({ window: '20ms' }), blocks: [irregular] }, { describe, it })
operatorSuite(
  'mean of so many events',
  { operator: () => mean({ window: { scans: 4 } }), blocks: [irregular] },
  { describe, it }
)

/** One window over all of these. */
function of(operator: AnyOperator, values: number[], unit = 'V'): number[] {
  const block = blockOf({ stream: 's', channels: { a: unit }, rate: 1 }, { a: values })
  const out = operator.kernel(block.stream).process(block) as Block
  return Array.from(out.values)
}

describe('features', () => {
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 50 })

  it('equal their definitions', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const window = { scans: values.length }
        const n = values.length
        const average = values.reduce((sum, x) => sum + x, 0) / n
        const squares = values.reduce((sum, x) => sum + x * x, 0)
        const deviations = values.reduce((sum, x) => sum + (x - average) ** 2, 0)
        const size = Math.max(...values.map(Math.abs), 1e-300)
        const close = (operator: AnyOperator, expected: number): void => {
          expect(Math.abs((of(operator, values)[0] as number) - expected) / size).toBeLessThan(1e-9)
        }
        close(mean({ window }), average)
        close(rms({ window }), Math.sqrt(squares / n))
        close(standardDeviation({ window }), Math.sqrt(deviations / (n - 1)))
        expect(of(minMax({ window }), values)).toEqual([Math.min(...values), Math.max(...values)])
        expect(of(peakToPeak({ window }), values)).toEqual([Math.max(...values) - Math.min(...values)])
      })
    )
  })

  it('keep the digits of a small ripple on a large offset', () => {
    const values = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]
    expect(of(standardDeviation({ window: { scans: 4 } }), values)[0]).toBeCloseTo(Math.sqrt(30), 12)
    expect(of(standardDeviation({ window: { scans: 3 } }), [0.1, 0.1, 0.1])).toEqual([0])
    expect(of(mean({ window: { scans: 3 } }), [0.1, 0.1, 0.1])).toEqual([0.1])
  })

  it('leave NaN out', () => {
    const values = [1, Number.NaN, 3, Number.NaN, 8]
    const window = { scans: 5 }
    expect(of(mean({ window }), values)).toEqual([4])
    expect(of(rms({ window }), values)[0]).toBeCloseTo(Math.sqrt(74 / 3), 12)
    expect(of(standardDeviation({ window }), values)[0]).toBeCloseTo(Math.sqrt(13), 12)
    expect(of(minMax({ window }), values)).toEqual([1, 8])
    expect(of(peakToPeak({ window }), values)).toEqual([7])
  })

  it('of nothing, and the deviation of one value, are NaN', () => {
    const nothing = [Number.NaN, Number.NaN]
    for (const feature of [mean, rms, standardDeviation, minMax, peakToPeak]) {
      expect(of(feature({ window: { scans: 2 } }), nothing)[0]).toBeNaN()
    }
    expect(of(standardDeviation({ window: { scans: 1 } }), [1])[0]).toBeNaN()
  })

  it('name their channels, and know that a difference of temperatures is in K', () => {
    const { stream } = blockOf({ stream: 's', channels: { oil: 'Cel' }, rate: 1 }, { oil: [1] })
    const outputs = [minMax({ window: '2s' }), peakToPeak({ window: '2s' }), standardDeviation({ window: '2s' })]
    expect(outputs.flatMap((one) => one.kernel(stream).output.channels.map(({ name, unit }) => [name, unit]))).toEqual([
      ['oil.min', 'Cel'],
      ['oil.max', 'Cel'],
      ['oil.peakToPeak', 'K'],
      ['oil.standardDeviation', 'K']
    ])
    expect(minMax({ window: '2s', channels: ['oil'] }).adds).toEqual(['oil.min', 'oil.max'])
  })
})

describe('phaseUnbalance', () => {
  const motor = { stream: 'm', channels: { a: 'A', b: 'A', c: 'A' }, rate: 10 } as const
  const of3 = (definition: 'max-deviation' | 'mean-deviation-sum', values: [number, number, number]): Block => {
    const block = blockOf(motor, { a: [values[0]], b: [values[1]], c: [values[2]] })
    return phaseUnbalance({ phases, definition }).kernel(block.stream).process(block) as Block
  }

  it('follows both definitions', () => {
    expect(column(of3('max-deviation', [10, 10, 13]), 'unbalance')[0]).toBeCloseTo(200 / 11, 12)
    expect(column(of3('mean-deviation-sum', [10, 10, 13]), 'unbalance')[0]).toBeCloseTo(400 / 11, 12)
    expect(column(of3('max-deviation', [5, 5, 5]), 'unbalance')[0]).toBe(0)
  })

  it.each(['max-deviation', 'mean-deviation-sum'] as const)('%s has no answer where the mean is zero', (definition) => {
    const out = of3(definition, [0, 0, 0])
    expect(column(out, 'unbalance')[0]).toBeNaN()
    expect(Array.from(out.quality ?? [])).toEqual([0, 0, 0, Quality.bad])
  })

  it('of windows works on the RMS of each phase', () => {
    const block = blockOf({ ...motor, rate: 4 }, { a: [1, -1, 1, -1], b: [1, 1, 1, 1], c: [4, 4, -4, -4] })
    const out = phaseUnbalance({ phases, definition: 'max-deviation', window: '1s', as: 'current.unbalance' })
      .kernel(block.stream)
      .process(block) as Block
    expect(out.stream.channels).toEqual([{ name: 'current.unbalance', unit: '%', role: 'feature' }])
    expect(out.values).toEqual(Float64Array.of(100))
    const still = blockOf({ ...motor, rate: 4 }, { a: [0, 0, 0, 0], b: [0, 0, 0, 0], c: [0, 0, 0, 0] })
    const none = phaseUnbalance({ phases, definition: 'max-deviation', window: '1s' })
      .kernel(still.stream)
      .process(still) as Block
    expect([none.values[0], none.quality?.[0]]).toEqual([Number.NaN, Quality.bad])
  })

  it.each([
    [{ phases: ['a', 'b'], definition: 'max-deviation' }, /three different channels, got \["a","b"\]/],
    [{ phases: ['a', 'b', 'a'], definition: 'max-deviation' }, /three different channels/],
    [{ phases, definition: 'iec' }, /definition must be 'mean-deviation-sum' or 'max-deviation', got 'iec'/],
    [{ phases, definition: 'max-deviation', hop: '1s' }, /hop needs 'window'/]
  ])('refuses %j', (options, message) => {
    expect(() => phaseUnbalance(options as never)).toThrow(message)
  })
})

describe('a wave of three phases', () => {
  it('has its windows at their ends', () => {
    const out = rms({ window: '20ms', channels: ['a'] })
      .kernel(blocks[0]!.stream)
      .process(blocks[0] as Block) as Block
    expect(timeNs(out) % 20_000_000n).toBe(0n)
  })
})
