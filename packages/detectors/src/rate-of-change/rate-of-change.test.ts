import { detectorSuite } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endsOf, levels } from '../charts/fixtures/levels.ts'
import { naiveDeviation, naiveMedian } from '../robust-z/naive.ts'
import { samples } from '../samples.ts'
import { rateOfChange } from './rate-of-change.ts'

detectorSuite('rateOfChange', { spec: rateOfChange() }, { describe, it })
detectorSuite('rateOfChange of a window', { spec: rateOfChange({ window: { scans: 60 } }) }, { describe, it })

const p = (values: readonly number[], seconds: number | number[] = 1) => samples({ p: values }, { seconds })
const onP = (options?: Parameters<typeof rateOfChange<'p'>>[0], resolution?: number) =>
  rateOfChange(options).create([{ name: 'p', unit: '1', ...(resolution && { resolution }) }])

describe('rateOfChange', () => {
  it('equals the naive version scan by scan, at any times', () => {
    const value = fc.integer({ min: -50, max: 50 })
    const steps = fc.array(fc.tuple(value, fc.constantFrom(0.5, 1, 2, 0)), { minLength: 2, maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 2, max: 20 }), (scans, window) => {
        const values = scans.map(([x]) => x)
        let now = 0
        const times = scans.map(([, step]) => (now += step))
        const scores = onP({ minDeviation: 0.5, window: { scans: window } }).process(p(values, times))
        const rates: number[] = []
        expect(scores[0]).toBeNaN()
        for (let i = 1; i < values.length; i += 1) {
          const period = times[i]! - times[i - 1]!
          const rate = (values[i]! - values[i - 1]!) / period
          const known = rates.slice(-window)
          if (known.length < 2 || period === 0) expect(scores[i]).toBeNaN()
          else {
            const scale = Math.max(naiveDeviation(known), 0.5 / period)
            expect(scores[i]).toBeCloseTo(Math.abs(rate - naiveMedian(known)) / scale, 9)
          }
          if (period > 0) rates.push(rate)
        }
      })
    )
  })

  it('sees a jump of a signal that wanders, once', () => {
    const detector = onP()
    const ramp = Array.from({ length: 100 }, (_, i) => i + 0.1 * (i % 3))
    detector.fit(p(ramp))
    const scores = detector.process(p([100.1, 101.2, 110, 111.1, 112.2]), () => false)
    expect([...scores].map((score) => score > 20)).toEqual([false, false, true, false, false])
  })

  it('reaches over a hole of values, and not over a gap', () => {
    const detector = onP()
    detector.fit(p([0, 1, 3, 4, 6, 7]))
    expect([...detector.process(p([9, Number.NaN, 12]), () => false)].map(Number.isNaN)).toEqual([false, true, false])
    detector.gap?.()
    expect([...detector.process(p([100, 101]), () => false)].map(Number.isNaN)).toEqual([true, false])
  })

  it('has a band at whose ends the scan would have scored the limit', () => {
    const prepared = () => {
      const detector = onP()
      detector.fit(p(levels(1, 40)))
      return detector
    }
    for (const [end, score] of endsOf(prepared, 4)) expect(score, `at ${end}`).toBeCloseTo(4, 9)
  })

  it('counts rises or falls only, and steps of one resolution as 1 at most', () => {
    for (const [side, up, down] of [
      ['high', 1, 0],
      ['low', 0, 1],
      ['both', 1, 1]
    ] as const) {
      const detector = onP({ side }, 0.5)
      detector.fit(p([5, 5, 5, 5], 0.001))
      expect([...detector.score(p([5.5, 5], 0.001))]).toEqual([up, down].map((x) => expect.closeTo(x, 9)))
    }
  })
})
