import { detectorSuite } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { naiveDeviation, naiveMedian, naiveRobustZ } from './naive.ts'
import { robustZ } from './robust-z.ts'

detectorSuite('robustZ', { spec: robustZ() }, { describe, it })
detectorSuite('robustZ with a window of scans', { spec: robustZ({ window: { scans: 60 } }) }, { describe, it })
detectorSuite('robustZ with a window of time', { spec: robustZ({ window: '200ms' }) }, { describe, it })

const bar = (name: string, resolution?: number) => ({ name, unit: 'bar', ...(resolution && { resolution }) })
const onP = (options: Parameters<typeof robustZ<'p'>>[0], resolution?: number) =>
  robustZ(options).create([bar('p', resolution)])
const p = (...values: number[]) => samples({ p: values })
const rowsOf = (rows: readonly (readonly number[])[]) =>
  samples({ a: rows.map((row) => row[0]!), b: rows.map((row) => row[1]!) })
// Few different values, so that ties and a MAD of 0 are frequent; halves, so that sums are exact in any order.
const coarse = fc.integer({ min: -8, max: 8 }).map((n) => n / 2)
const fine = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const someRows = fc.oneof(
  fc.array(fc.tuple(coarse, coarse), { minLength: 1, maxLength: 80 }),
  fc.array(fc.tuple(fine, coarse), { minLength: 1, maxLength: 80 })
)

function expectClose(actual: ArrayLike<number>, expected: readonly number[], relative: number): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => {
    expect(Math.abs(actual[i]! - x), `value ${i}: ${actual[i]} for ${x}`).toBeLessThanOrEqual(relative * Math.abs(x))
  })
}

describe('robustZ', () => {
  it('equals numpy and scipy', () => {
    const names = Object.keys(reference.train)
    const detector = robustZ().create(names.map((name) => bar(name)))
    detector.fit(samples(reference.train))
    expectClose(detector.score(samples(reference.train)), reference.expected.trainScores, 1e-12)
    expectClose(detector.score(samples(reference.test)), reference.expected.testScores, 1e-12)
    const { center, deviation } = reference.expected
    expect([...detector.band!(0).subarray(0, 4)]).toEqual(Object.values(center))
    expectClose(
      detector.band!(3).subarray(4),
      Object.values(center).map((median, c) => median + 3 * Object.values(deviation)[c]!),
      1e-12
    )
  })

  it('equals the naive version on the last scans, to the bit', () => {
    fc.assert(
      fc.property(someRows, fc.integer({ min: 2, max: 30 }), (rows, scans) => {
        const floor = 0.01
        const detector = robustZ({ minDeviation: floor, window: { scans } }).create([bar('a'), bar('b')])
        const scores = detector.process(rowsOf(rows))
        rows.forEach((row, i) => {
          expect(scores[i]).toBe(naiveRobustZ(rows.slice(Math.max(0, i - scans), i), row, floor))
        })
      }),
      { numRuns: 200 }
    )
  })

  it('fits on all scans and goes on with the last 1 000', () => {
    const values = Array.from({ length: 2500 }, (_, i) => ((i * 7919) % 1009) + (i < 1500 ? 500 : 0))
    const detector = onP({})
    detector.fit(p(...values))
    const [lower, upper] = detector.band!(1)
    expect(lower).toBe(naiveMedian(values) - naiveDeviation(values))
    expect(upper).toBe(naiveMedian(values) + naiveDeviation(values))
    detector.update(p(1))
    const last = [...values.slice(1501), 1]
    expect(detector.band!(1)[0]).toBe(naiveMedian(last) - naiveDeviation(last))
  })

  it('fits on the last scans where a window is given', () => {
    const detector = onP({ window: { scans: 3 } })
    detector.fit(p(1000, 1000, 1000, 1000, 1, 2, 4))
    expect(detector.band!(0)[0]).toBe(2)
  })

  it('goes on from a snapshot taken right after the fit with the same bits', () => {
    const spec = robustZ()
    const detector = spec.create([bar('p')])
    detector.fit(p(...Array.from({ length: 1500 }, (_, i) => i + ((i * 37) % 101))))
    const restored = spec.restore(structuredClone(detector.snapshot()))
    expect(restored.score(p(200))).toEqual(detector.score(p(200)))
    const next = p(...Array.from({ length: 300 }, (_, i) => (i * 53) % 97))
    expect(restored.process(next)).toEqual(detector.process(next))
    expect(restored.snapshot()).toEqual(detector.snapshot())
  })

  it('bears outliers in just under half of what it learns', () => {
    const detector = onP({})
    detector.fit(p(1, 2, 3, 2, 1, 2, 1e6, 1e6, -1e6, 1e6))
    expect(detector.band!(0)[0]).toBe(2)
    expect(detector.score(p(1e6))[0]).toBeGreaterThan(1e5)
  })

  it('falls back to the mean absolute deviation where more than half of the values are equal', () => {
    const detector = onP({})
    detector.fit(p(3, 3, 3, 3, 5))
    expect(detector.score(p(3, 5))).toEqual(Float64Array.of(0, 2 / (1.253314 * (2 / 5))))
  })

  it('scores what was learned as constant: 0 on it, huge and finite off it', () => {
    for (const constant of [5, 0, -1e9]) {
      const detector = onP({})
      detector.fit(p(constant, constant, constant))
      const [on, off, far] = detector.score(p(constant, constant + 1, 1.7e308))
      expect(on).toBe(0)
      expect(off).toBeGreaterThan(100)
      expect(far).toBeLessThanOrEqual(Number.MAX_VALUE)
    }
  })

  it('takes the resolution of a channel for the least deviation, unless told otherwise', () => {
    const score = (detector: ReturnType<typeof onP>) => {
      detector.fit(p(5, 5, 5, 5))
      return detector.score(p(5.5))[0]
    }
    expect(score(onP({}, 0.25))).toBe(2)
    expect(score(onP({ minDeviation: { p: 0.5 } }, 0.25))).toBe(1)
  })

  it('does not tell -0 from 0', () => {
    const detector = onP({ window: { scans: 3 } })
    const other = onP({ window: { scans: 3 } })
    detector.update(p(-0, 0, -0, 0, -0, 1))
    other.update(p(0, 0, 0, 0, 0, 1))
    expect(detector.snapshot()).toEqual(other.snapshot())
    expect(detector.band!(1)).toEqual(other.band!(1))
  })

  it('takes a window of time by the times of the scans', () => {
    const detector = onP({ window: '50s' })
    const times = Array.from({ length: 100 }, (_, i) => i)
    detector.update(samples({ p: times }, { seconds: times }))
    expect(detector.band!(0)[0]).toBe(74.5)
    detector.update(samples({ p: [1000] }, { seconds: [3600] }))
    expect(detector.band!(0)[0]).toBe(84.5)
  })

  it('keeps its rows in order where a window of time comes to hold more of them', () => {
    const spec = robustZ({ window: '1s' })
    const detector = spec.create([bar('p')])
    const slow = Array.from({ length: 100 }, (_, i) => i)
    const fast = Array.from({ length: 90 }, (_, i) => 1000 + i)
    detector.update(samples({ p: slow }, { seconds: slow.map((i) => i / 40) }))
    detector.update(samples({ p: fast }, { seconds: fast.map((_, i) => 2.5 + i / 100) }))
    const { rows } = detector.snapshot().state as { rows: Float64Array }
    expect([...rows]).toEqual([...slow.slice(-4), ...fast])
  })
})
