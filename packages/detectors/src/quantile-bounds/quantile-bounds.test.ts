import { detectorSuite } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { quantileBounds } from './quantile-bounds.ts'

detectorSuite('quantileBounds', { spec: quantileBounds(), saturated: 10_500 }, { describe, it })
detectorSuite('quantileBounds of a window', { spec: quantileBounds({ window: { scans: 60 } }) }, { describe, it })

const p = (...values: number[]) => samples({ p: values })
const onP = (options?: Parameters<typeof quantileBounds<'p'>>[0]) =>
  quantileBounds(options).create([{ name: 'p', unit: '1' }])

function naiveQuantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = at * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
  return below + (above - below) * (place - Math.floor(place))
}

describe('quantileBounds', () => {
  it('equals numpy', () => {
    const names = Object.keys(reference.train)
    const detector = quantileBounds({ low: 0.05, high: 0.9 }).create(names.map((name) => ({ name, unit: '1' })))
    detector.fit(samples(reference.train))
    const scores = detector.score(samples(reference.test))
    for (const [i, score] of reference.scores.entries()) expect(scores[i]).toBeCloseTo(score, 10)
  })

  it('equals the naive version scan by scan', () => {
    const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 3, maxLength: 60 })
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 20 }), (column, scans) => {
        const detector = onP({ low: 0.1, high: 0.8, minDeviation: 0.5, window: { scans } })
        const scores = detector.process(p(...column))
        for (let i = 2; i < column.length; i += 1) {
          const window = column.slice(Math.max(0, i - scans), i)
          const [low, median, high] = [0.1, 0.5, 0.8].map((at) => naiveQuantile(window, at)) as [number, number, number]
          const apart = column[i]! - median
          const expected = apart < 0 ? -apart / Math.max(0.5, median - low) : apart / Math.max(0.5, high - median)
          expect(scores[i]).toBeCloseTo(expected, 10)
        }
      })
    )
  })

  it('scores 1 at either bound of a lopsided signal, and only one side when asked', () => {
    const learned = p(0, 1, 2, 3, 4, 5, 20, 30, 40, 50, 60)
    const at = { low: 0.1, high: 0.9 }
    for (const [side, expected] of [
      ['both', [1, 1, 0.2]],
      ['high', [0, 1, 0]],
      ['low', [1, 0, 0.2]]
    ] as const) {
      const detector = onP({ ...at, side })
      detector.fit(learned)
      expect([...detector.score(p(1, 50, 4.2))].map((x) => Math.round(x * 1e9) / 1e9)).toEqual(expected)
      expect([...detector.band!(1)]).toEqual([side === 'high' ? NaN : 1, side === 'low' ? NaN : 50])
    }
  })

  it('refuses quantiles out of range, and a snapshot of others', () => {
    expect(() => quantileBounds({ low: 0.5 })).toThrow('quantileBounds: low must be from 0 to below 0.5, got 0.5')
    expect(() => quantileBounds({ high: 1.1 })).toThrow('quantileBounds: high must be above 0.5 to 1, got 1.1')
    const snapshot = onP({ low: 0.1 }).snapshot()
    expect(() => quantileBounds({ low: 0.2 }).restore(snapshot)).toThrow('quantiles 0.1 and 0.99')
  })
})
