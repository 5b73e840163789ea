import { describe, expect, it } from 'vitest'
import { type Block, column } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { Quality } from '../model/quality.ts'
import { defineStream } from '../model/stream.ts'
import type { AnyOperator } from '../testing/operator-checks.ts'
import { operatorSuite } from '../testing/operator-suite.ts'
import { convert } from './convert.ts'
import { derive } from './derive.ts'
import { phaseUnbalance } from './phase-unbalance.ts'
import { rename } from './rename.ts'
import { scale } from './scale.ts'
import { select } from './select.ts'

const shape = { stream: 's', channels: { a: 'bar', b: 'V', c: 'V', d: 'V' }, rate: 100 } as const
const ramp = (by: number): number[] => Array.from({ length: 24 }, (_, i) => i * by + 1)
const block = blockOf(shape, { a: ramp(1), b: ramp(2), c: ramp(-3), d: ramp(0.5) })

const subjects: Record<string, [make: () => AnyOperator, throwing?: () => AnyOperator]> = {
  select: [() => select({ channels: ['c', 'a'] })],
  rename: [() => rename({ a: 'pressure', d: 'a' })],
  scale: [() => scale({ channels: { a: { factor: -2, offset: 1 } } })],
  convert: [() => convert({ channels: { a: 'Pa' } })],
  'phaseUnbalance of scans': [() => phaseUnbalance({ phases: ['a', 'b', 'd'], definition: 'max-deviation' })],
  derive: [
    () => derive({ as: 'x', unit: 'V', from: ['a', 'b'], value: (a, b) => a + b }),
    () =>
      derive({
        as: 'x',
        unit: 'V',
        from: ['a'],
        value: () => {
          throw new Error('of the callback')
        }
      })
  ]
}
for (const [name, [operator, throwing]] of Object.entries(subjects)) {
  operatorSuite(name, { operator, throwing, blocks: [block] }, { describe, it })
}

function run(operator: AnyOperator, input: Block = block): Block {
  return operator.kernel(input.stream).process(input) as Block
}

describe('derive', () => {
  it.each([1, 2, 3, 4])('hands over %i values in the order named', (count) => {
    const from = ['d', 'a', 'c', 'b'].slice(0, count)
    const out = run(
      derive({ as: 'x', unit: '1', from, value: (...values) => Number(values.map((v) => Math.abs(v) % 10).join('')) })
    )
    const digits = from.map((name) => Math.abs(column(block, name as 'a')[4] as number) % 10).join('')
    expect(column(out, 'x')[4]).toBe(Number(digits))
  })

  it('calls with NaN, takes the worst quality, and calls what is not finite bad', () => {
    const two = blockOf(
      { stream: 's', channels: { a: 'V', b: 'V' }, rate: 1 },
      { a: [1, Number.NaN, 4, 5], b: [2, 2, 0, 2] }
    )
    const quality = Uint8Array.of(0, 3, 0, 1, 1, 0, 0, 0)
    const out = run(derive({ as: 'q', unit: '1', from: ['a', 'b'], value: (a, b) => (Number.isNaN(a) ? -1 : a / b) }), {
      ...two,
      quality
    })
    expect(Array.from(column(out, 'q'))).toEqual([0.5, -1, Number.NaN, 2.5])
    expect(Array.from(out.quality ?? []).slice(8)).toEqual([1, 3, Quality.bad, 1])
    expect(
      run(derive({ as: 'q', unit: '1', from: ['a', 'b'], value: (a) => a }), {
        ...two,
        values: two.values.map(() => 1)
      }).quality
    ).toBeUndefined()
  })

  it('refuses wrong options, and a name that is taken', () => {
    const value = (): number => 1
    expect(() => derive({ as: '', unit: 'V', from: ['a'], value })).toThrow(/as must be the name/)
    expect(() => derive({ as: 'x', unit: '', from: ['a'], value })).toThrow(/unit of 'x'/)
    expect(() => derive({ as: 'x', unit: 'V', from: [], value })).toThrow(/at least one channel for 'x'/)
    expect(() => derive({ as: 'x', unit: 'V', from: ['a'], value: 3 as never })).toThrow(
      /must be a function, got number/
    )
    expect(() => run(derive({ as: 'a', unit: 'V', from: ['b'], value }))).toThrow(/already has a channel 'a'/)
  })
})

describe('select and rename', () => {
  it('keep values, quality and order as asked', () => {
    const quality = Uint8Array.from({ length: 96 }, (_, i) => (i >= 48 && i < 72 ? 1 : 0))
    const out = run(select({ channels: ['c', 'a'] }), { ...block, quality })
    expect(out.stream.channels.map((channel) => channel.name)).toEqual(['c', 'a'])
    expect(Array.from(out.values)).toEqual([...ramp(-3), ...ramp(1)])
    expect(Array.from(out.quality ?? [])).toEqual([...new Array(24).fill(1), ...new Array(24).fill(0)])
  })

  it('may swap names, keeping units', () => {
    const out = run(rename({ a: 'b', b: 'a' }))
    expect(out.stream.channels.slice(0, 2)).toEqual([
      { name: 'b', unit: 'bar' },
      { name: 'a', unit: 'V' }
    ])
    expect(column(out, 'b')).toEqual(column(block, 'a'))
  })

  it('refuse nothing, and names that are taken', () => {
    expect(() => select({ channels: [] })).toThrow(/at least one channel/)
    expect(() => rename({})).toThrow(/at least one channel/)
    expect(() => run(rename({ a: 'b' }))).toThrow(/'b' is named twice/)
    expect(() => run(select({ channels: ['x'] }))).toThrow(/no channel 'x'; it has: a, b, c, d/)
  })
})

describe('scale and convert', () => {
  it('change values, unit, range and resolution in place', () => {
    const wide = { ...block, stream: run(scale({ channels: { a: { factor: 1 } } })).stream }
    const out = run(scale({ channels: { a: { factor: -2, offset: 1, unit: 'N' } } }), wide)
    expect(column(out, 'a')[3]).toBe(-7)
    expect(column(out, 'b')).toEqual(column(block, 'b'))
    expect(out.stream.channels[0]).toEqual({ name: 'a', unit: 'N' })
  })

  it('turn the range round under a negative factor', () => {
    const stream = defineStream({
      id: 'r',
      channels: [{ name: 'a', unit: 'V', role: 'feature', range: [0, 10], resolution: 0.5 }]
    })
    expect(scale({ channels: { a: { factor: -2 } } }).kernel(stream).output.channels).toEqual([
      { name: 'a', unit: 'V', role: 'feature', range: [-20, 0], resolution: 1 }
    ])
  })

  it('convert bar to Pa, and refuse nonsense by name', () => {
    const out = run(convert({ channels: { a: 'Pa' } }))
    expect(column(out, 'a')[0]).toBe(100_000)
    expect(out.stream.channels[0]?.unit).toBe('Pa')
    expect(() => run(convert({ channels: { a: 'Cel' } }))).toThrow(/convert: channel 'a': cannot convert bar .* to Cel/)
    expect(() => convert({ channels: { a: 'quux' } })).toThrow(/convert: channel 'a': /)
    expect(() => convert({ channels: {} })).toThrow(/at least one channel/)
  })

  it.each([
    [0, 0, /factor of 'a' must be a finite number other than 0, got 0/],
    [Number.NaN, 0, /factor of 'a'/],
    [1, Number.POSITIVE_INFINITY, /offset of 'a' must be a finite number, got Infinity/]
  ])('refuse factor %d with offset %d', (factor, offset, message) => {
    expect(() => scale({ channels: { a: { factor, offset } } })).toThrow(message)
  })
})
