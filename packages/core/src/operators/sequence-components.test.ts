import { describe, expect, it } from 'vitest'
import { type Block, column } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { Quality } from '../model/quality.ts'
import { defineStream } from '../model/stream.ts'
import reference from './fixtures/sequence-components.json' with { type: 'json' }
import { sequenceComponents } from './sequence-components.ts'

const motor = { stream: 'motor', channels: { Ia: 'A', Ib: 'A', Ic: 'A' }, rate: 1000 } as const
const phases = ['Ia', 'Ib', 'Ic'] as const

function run(currents: number[][], frequency = 60, window: '50ms' | '60ms' = '50ms', start = 0): Block {
  const [Ia, Ib, Ic] = currents as [number[], number[], number[]]
  const block = blockOf({ ...motor, start }, { Ia, Ib, Ic })
  return sequenceComponents({ phases, frequency, window }).kernel(block.stream).process(block) as Block
}

/** Three phases at 60 Hz from a positive and a negative sequence of these amplitudes and angles (degrees). */
function composed(positive: [number, number], negative: [number, number], length = 50, from = 0): number[][] {
  return [0, -120, 120].map((turn) =>
    Array.from({ length }, (_, n) => {
      const t = 2 * Math.PI * 60 * ((from + n) / 1000)
      const [p, q] = [((positive[1] + turn) * Math.PI) / 180, ((negative[1] - turn) * Math.PI) / 180]
      return positive[0] * Math.cos(t + p) + negative[0] * Math.cos(t + q)
    })
  )
}

describe('sequenceComponents', () => {
  it('equals NumPy on distorted, unbalanced phases', () => {
    const out = run(reference.phases)
    expect(out.length).toBe(reference.rows.length)
    for (const [w, row] of reference.rows.entries()) {
      for (const [k, expected] of row.entries()) expect(out.values[k * out.length + w]).toBeCloseTo(expected, 10)
    }
  })

  it('finds what the phases were composed of', () => {
    const out = run(composed([10, 30], [2, -75]))
    const values = Object.fromEntries(out.stream.channels.map(({ name }) => [name, out.values[out.stream.index(name)]]))
    expect(values['sequence.positive.amplitude']).toBeCloseTo(10, 10)
    expect(values['sequence.positive.angle']).toBeCloseTo(30, 9)
    expect(values['sequence.negative.amplitude']).toBeCloseTo(2, 10)
    expect(values['sequence.negative.angle']).toBeCloseTo(-75, 9)
    expect(values['sequence.zero.amplitude']).toBeCloseTo(0, 10)
    expect(values['sequence.ratio.amplitude']).toBeCloseTo(0.2, 10)
    expect(values['sequence.ratio.angle']).toBeCloseTo(-105, 9)
  })

  it('gives a ratio that does not depend on where the window begins', () => {
    for (const from of [0, 1, 5, 8, 13]) {
      const out = run(composed([10, 30], [2, -75], 50, from))
      expect(column(out, 'sequence.ratio.angle')[0]).toBeCloseTo(-105, 9)
      expect(column(out, 'sequence.ratio.real')[0]).toBeCloseTo(0.2 * Math.cos((-105 * Math.PI) / 180), 10)
      expect(column(out, 'sequence.ratio.imaginary')[0]).toBeCloseTo(0.2 * Math.sin((-105 * Math.PI) / 180), 10)
    }
  })

  it('swaps positive and negative when the rotation is reversed', () => {
    const [a, b, c] = composed([10, 0], [0, 0]) as [number[], number[], number[]]
    const out = run([a, c, b])
    expect(column(out, 'sequence.negative.amplitude')[0]).toBeCloseTo(10, 10)
    expect(column(out, 'sequence.positive.amplitude')[0]).toBeCloseTo(0, 10)
  })

  it('has angles in (-180, 180] and units of the phases', () => {
    const out = run(composed([10, 180], [0, 0]))
    expect(Math.abs(column(out, 'sequence.positive.angle')[0] as number)).toBeCloseTo(180, 9)
    const units = Object.fromEntries(out.stream.channels.map(({ name, unit }) => [name, unit]))
    expect(units).toMatchObject({
      'sequence.positive.amplitude': 'A',
      'sequence.negative.angle': 'deg',
      'sequence.ratio.real': '1'
    })
  })

  it('has no answer where a value is missing or nothing flows', () => {
    const holed = composed([10, 0], [1, 0])
    ;(holed[1] as number[])[7] = Number.NaN
    const out = run(holed)
    expect(out.values.every(Number.isNaN)).toBe(true)
    expect(out.quality?.every((quality) => quality === Quality.bad)).toBe(true)
    const zeros = [0, 0, 0].map(() => new Array<number>(50).fill(0))
    expect(column(run(zeros), 'sequence.ratio.real')[0]).toBeNaN()
    expect(column(run(zeros), 'sequence.negative.amplitude')[0]).toBe(0)
  })

  it('leaks where a window is not a whole number of periods, as its documentation says', () => {
    const out = run(composed([10, 0], [0, 0], 60), 60, '60ms')
    expect(column(out, 'sequence.negative.amplitude')[0]).toBeGreaterThan(0.1)
  })

  it.each([
    [{ phases, frequency: 0, window: '50ms' }, /frequency must be that of the mains in Hz, got 0/],
    [{ phases: ['Ia'], frequency: 60, window: '50ms' }, /three different channels/],
    [{ phases, frequency: 60, window: '1m' }, /sequenceComponents: window must be a span/]
  ])('refuses %j', (options, message) => {
    expect(() => sequenceComponents(options as never)).toThrow(message)
  })

  it('refuses a stream without a rate, phases of two units and a frequency that is too high', () => {
    const channels = phases.map((name) => ({ name, unit: 'A' }))
    const kernel = sequenceComponents({ phases, frequency: 60, window: '50ms' }).kernel
    expect(() => kernel(defineStream({ id: 'm', channels }))).toThrow("stream 'm' has no rate")
    expect(() => kernel(defineStream({ id: 'm', channels, rate: 100 }))).toThrow(
      'below half the rate of 100 Hz, got 60'
    )
    const mixed = [
      { name: 'Ia', unit: 'A' },
      { name: 'Ib', unit: 'A' },
      { name: 'Ic', unit: 'mA' }
    ]
    expect(() => kernel(defineStream({ id: 'm', channels: mixed, rate: 1000 }))).toThrow("'Ic' is in mA, not A")
  })
})
