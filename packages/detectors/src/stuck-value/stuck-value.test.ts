import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import { stuckValue } from './stuck-value.ts'

// One scan is never stuck: ten of the same values are.
const normal = normalOperation()
const outlier = { ...normal, length: 10, values: Float64Array.from({ length: 40 }, (_, i) => Math.floor(i / 10)) }
detectorSuite('stuckValue', { spec: stuckValue(), normal, outlier }, { describe, it })
const skip = { D1: 'with `after` it has nothing to learn', D5: 'with `after` it is ready at once' }
detectorSuite(
  'stuckValue after a time',
  { spec: stuckValue({ after: '5ms' }), normal, outlier, skip },
  { describe, it }
)

const p = (values: readonly number[], seconds: number | number[] = 1) => samples({ p: values }, { seconds })
const onP = (options?: Parameters<typeof stuckValue<'p'>>[0]) => stuckValue(options).create([{ name: 'p', unit: '1' }])

/** Time since the value last differed from the one held, by looking back over the whole column. */
function naiveStandstill(values: readonly number[], times: readonly number[], at: number, minChange: number): number {
  let held = 0
  for (let i = 1; i <= at; i += 1) if (Math.abs(values[i]! - values[held]!) > minChange) held = i
  return times[at]! - times[held]!
}

describe('stuckValue', () => {
  it('equals the naive version', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom(1, 2, 0.5)), {
      minLength: 4,
      maxLength: 80
    })
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 1), (scans, minChange) => {
        const values = scans.map(([x]) => x)
        let now = 0
        const times = scans.map(([, step]) => (now += step))
        const scores = onP({ minChange }).process(p(values, times))
        let [longest, period] = [0, 0]
        for (const [i] of values.entries()) {
          const standstill = naiveStandstill(values, times, i, minChange)
          if (i >= 2) expect(scores[i]).toBeCloseTo(standstill / Math.max(longest, period), 9)
          longest = Math.max(longest, standstill)
          if (i > 0) period = Math.max(period, times[i]! - times[i - 1]!)
        }
      })
    )
  })

  it('counts in multiples of a declared time, without learning', () => {
    const scores = onP({ after: '2s' }).process(p([7, 7, 7, 7, 7, 7.001, 7.001]), () => false)
    expect([...scores]).toEqual([0, 0.5, 1, 1.5, 2, 0, 0.5])
  })

  it('lets the time run on through missing values, and begins anew at a gap', () => {
    const detector = onP({ after: '1s' })
    const hang = [7, Number.NaN, Number.NaN, 7]
    expect([...detector.process(p(hang), () => false)]).toEqual([0, NaN, NaN, 3])
    detector.gap?.()
    expect([...detector.process(p([7, 7]), () => false)]).toEqual([0, 1])
  })

  it('learns what is admitted only', () => {
    const detector = onP()
    detector.fit(p([1, 2, 3, 4]))
    const hang = Array(20).fill(5)
    expect(detector.process(p(hang), () => false).at(-1)).toBe(19)
    detector.process(p([1, 2]), () => false)
    expect(detector.process(p(hang)).at(-1)).toBeLessThan(2)
  })

  it('refuses options out of range', () => {
    expect(() => stuckValue({ minChange: -1 })).toThrow('stuckValue: minChange must be finite and at least 0, got -1')
    expect(() => stuckValue({ after: '0s' })).toThrow("stuckValue: after must be longer than nothing, got '0s'")
    expect(() => stuckValue({ after: '1m' as '1min' })).toThrow('stuckValue: after')
  })
})
