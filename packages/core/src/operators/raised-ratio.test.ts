import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockOf } from '../model/index.ts'
import { anyCut, cutUp, joined, through } from './fixtures/through.ts'
import { raisedRatio } from './raised-ratio.ts'

const flagged = (flags: readonly number[], values: readonly number[]) =>
  blockOf({ stream: 's', channels: { p: 'bar', 'p.flag': '1' }, rate: 10 }, { p: values, 'p.flag': flags })

describe('raisedRatio', () => {
  it('counts alarms, not warnings, over scans with a verdict, for any cutting into blocks', () => {
    const scan = fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(1, 1, Number.NaN))
    fc.assert(
      fc.property(
        fc.array(scan, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        anyCut,
        (all, scans, sizes) => {
          const flags = all.map(([flag]) => flag)
          const values = all.map(([, value]) => value)
          const operator = raisedRatio({ of: 'p', window: { scans } })
          const { 'p.ratio': ratios } = joined(through(operator, cutUp([flagged(flags, values)], sizes)))
          const counted: number[] = []
          const expected = all.map(([flag, value]) => {
            if (!Number.isNaN(value)) counted.push(flag === 2 ? 1 : 0)
            const last = counted.slice(-scans)
            return counted.length < scans ? Number.NaN : last.reduce((sum, one) => sum + one, 0) / scans
          })
          expect(ratios).toEqual(expected)
        }
      )
    )
  })

  it('goes on from a snapshot', () => {
    const operator = raisedRatio({ of: 'p', window: { scans: 3 } })
    const [first, second] = cutUp([flagged([2, 0, 2, 2, 0, 0, 2, 2], Array(8).fill(1))], [4])
    const [kernel, restored] = [operator.kernel(first!.stream), operator.kernel(first!.stream)]
    kernel.process(first!)
    restored.restore?.(structuredClone(kernel.snapshot?.()))
    expect(restored.process(second!)).toEqual(kernel.process(second!))
  })

  it('refuses a window that is no number of scans', () => {
    for (const window of [{ scans: 0 }, { scans: 2.5 }, undefined, '1s'] as { scans: number }[])
      expect(() => raisedRatio({ window })).toThrow('raisedRatio: window must be such as { scans: 20 }')
    expect(() => raisedRatio({ of: '', window: { scans: 2 } })).toThrow('raisedRatio: of must name a channel, got ')
  })
})
