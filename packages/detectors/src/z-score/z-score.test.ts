import { detectorSuite } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { naiveMoments, naiveZScore } from './naive.ts'
import { zScore } from './z-score.ts'

detectorSuite('zScore', { spec: zScore() }, { describe, it })
detectorSuite('zScore with a window of scans', { spec: zScore({ window: { scans: 60 } }) }, { describe, it })
detectorSuite('zScore with a window of time', { spec: zScore({ window: '200ms' }) }, { describe, it })

const bar = (name: string, resolution?: number) => ({ name, unit: 'bar', ...(resolution && { resolution }) })
const onP = (options: Parameters<typeof zScore<'p'>>[0], resolution?: number) =>
  zScore(options).create([bar('p', resolution)])
const p = (...values: number[]) => samples({ p: values })
const rowsOf = (rows: readonly (readonly number[])[]) =>
  samples({ a: rows.map((row) => row[0]!), b: rows.map((row) => row[1]!) })
const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const someRows = (minLength: number) => fc.array(fc.tuple(value, value), { minLength, maxLength: 120 })

function expectClose(actual: ArrayLike<number>, expected: readonly number[], relative: number): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => {
    const isClose = Object.is(actual[i], x) || Math.abs(actual[i]! - x) <= relative * Math.max(Math.abs(x), 1e-3)
    expect(isClose, `value ${i}: ${actual[i]} for ${x}`).toBe(true)
  })
}

describe('zScore', () => {
  it('equals numpy and scipy', () => {
    const names = Object.keys(reference.train)
    const detector = zScore().create(names.map((name) => bar(name)))
    detector.fit(samples(reference.train))
    expectClose(detector.score(samples(reference.train)), reference.expected.trainScores, 1e-12)
    expectClose(detector.score(samples(reference.test)), reference.expected.testScores, 1e-12)
    const { center, deviation } = reference.expected
    expectClose(detector.band!(0).subarray(0, 4), Object.values(center), 1e-12)
    expectClose(
      detector.band!(3).subarray(4),
      Object.values(center).map((mean, c) => mean + 3 * Object.values(deviation)[c]!),
      1e-12
    )
  })

  it('equals the naive version scan by scan', () => {
    fc.assert(
      fc.property(someRows(1), (rows) => {
        const floor = 1
        const detector = zScore({ minDeviation: floor }).create([bar('a'), bar('b')])
        const scores = detector.process(rowsOf(rows))
        rows.forEach((row, i) => {
          expectClose([scores[i]!], [naiveZScore(rows.slice(0, i), row, floor)], 1e-6)
        })
      }),
      { numRuns: 50 }
    )
  })

  it('equals the naive version on the last scans', () => {
    fc.assert(
      fc.property(someRows(1), fc.integer({ min: 2, max: 30 }), (rows, scans) => {
        const floor = 1
        const detector = zScore({ minDeviation: floor, window: { scans } }).create([bar('a'), bar('b')])
        const scores = detector.process(rowsOf(rows))
        rows.forEach((row, i) => {
          expectClose([scores[i]!], [naiveZScore(rows.slice(Math.max(0, i - scans), i), row, floor)], 1e-6)
        })
      }),
      { numRuns: 50 }
    )
  })

  it('does not cancel where the mean is large', () => {
    const values = Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 10))
    const { deviation } = naiveMoments(values.map((x) => [x - 1e9]))[0]!
    for (const [options, before] of [[{}, []] as const, [{ window: { scans: 1000 } }, [1, 2, 3]] as const]) {
      const detector = onP(options)
      detector.update(p(...before, ...values))
      const [lower, upper] = detector.band!(1)
      expect((upper! - lower!) / 2).toBeCloseTo(deviation, 6)
    }
  })

  it('keeps nothing of an enormous reading that has left the window', () => {
    const quiet = [1, 2, 3, 4, 5, 4, 3, 2]
    const detector = onP({ window: { scans: 8 } })
    const fresh = onP({ window: { scans: 8 } })
    detector.update(p(...quiet, 1e15, ...quiet))
    fresh.update(p(...quiet))
    expectClose(detector.score(p(10)), [...fresh.score(p(10))], 1e-12)
  })

  it('takes a window of time by the times of the scans', () => {
    const detector = onP({ window: '50s' })
    const times = Array.from({ length: 100 }, (_, i) => i)
    detector.update(samples({ p: times.map((t) => (t < 50 ? 100 : t % 2)) }, { seconds: times }))
    // The scans of 50 s to 99 s: 25 ones and 25 zeros; one of before would be 100.
    expect(detector.band!(0)[0]).toBeCloseTo(0.5, 12)
  })

  it('keeps 32 scans in a window of time however long nothing came', () => {
    const detector = onP({ window: '1s' })
    detector.update(samples({ p: Array(31).fill(0) }, { seconds: 0.01 }))
    detector.update(samples({ p: [32] }, { seconds: [3600] }))
    expect(detector.band!(0)[0]).toBe(1)
  })

  it('scores what was learned as constant: 0 on it, huge and finite off it', () => {
    for (const constant of [5, 0, -1e9, 1e-9]) {
      const detector = onP({})
      detector.fit(p(constant, constant, constant))
      const [on, off, far] = detector.score(p(constant, constant + 1, 1.7e308))
      expect(on).toBe(0)
      expect(off).toBeGreaterThan(100)
      expect(far).toBeGreaterThan(off!)
      expect(far).toBeLessThanOrEqual(Number.MAX_VALUE)
    }
  })

  it('takes the resolution of a channel for the least deviation, unless told otherwise', () => {
    const flat = p(5, 5, 5, 5)
    const score = (detector: ReturnType<typeof onP>) => {
      detector.fit(flat)
      return detector.score(p(5.5))[0]
    }
    expect(score(onP({}, 0.25))).toBe(2)
    expect(score(onP({ minDeviation: 0.125 }, 0.25))).toBe(4)
    expect(score(onP({ minDeviation: { p: 0.5 } }, 0.25))).toBe(1)
    expect(score(onP({ minDeviation: 0 }, 0.25))).toBeGreaterThan(1e9)
  })

  it('does not go blind after a reading whose square is no number', () => {
    const detector = onP({})
    detector.update(p(1, 2, 3, 1e200, -1e300))
    expect(detector.score(p(2, 4))).toEqual(Float64Array.of(0, 2))
  })

  it('is ready after two scans that could be learned', () => {
    const detector = onP({})
    detector.update(p(1, Number.NaN, Number.POSITIVE_INFINITY))
    expect(detector.ready).toBe(false)
    expect(detector.score(p(1))).toEqual(Float64Array.of(Number.NaN))
    detector.update(p(3))
    expect(detector.ready).toBe(true)
  })

  it('uses the named channels, or the measured ones', () => {
    const channels = [bar('a'), { name: 'label', unit: '1', role: 'flag' as const }, bar('b')]
    const learned = samples({ a: [1, 2, 3], label: [0, 0, Number.NaN], b: [1, 2, 3] })
    const odd = samples({ a: [2], label: [7], b: [9] })
    const all = zScore().create(channels)
    all.fit(learned)
    expect(all.score(odd)).toEqual(Float64Array.of(7))
    expect(all.explain(odd, 0)).toEqual(Float64Array.of(0, 0, 7))
    expect(all.band!(1)).toEqual(Float64Array.of(1, Number.NaN, 1, 3, Number.NaN, 3))
    const named = zScore({ channels: ['a'] }).create(channels)
    named.fit(learned)
    expect(named.score(odd)).toEqual(Float64Array.of(0))
    expect(named.explain(odd, 0)).toEqual(Float64Array.of(0, 0, 0))
  })

  it('shares in proportion to the squares', () => {
    const detector = zScore().create([bar('a'), bar('b')])
    detector.fit(samples({ a: [1, 2, 3], b: [1, 2, 3] }))
    expect(detector.explain(samples({ a: [5], b: [-2] }), 0)).toEqual(Float64Array.of((4 * 9) / 25, (4 * 16) / 25))
  })

  it('restores with the least deviation of today and refuses other windows and channels', () => {
    const old = onP({ window: { scans: 5 } })
    old.fit(p(5, 5, 5))
    const snapshot = old.snapshot()
    const restored = zScore({ window: { scans: 5 }, minDeviation: 1 }).restore(snapshot)
    expect(restored.score(p(7))).toEqual(Float64Array.of(2))
    expect(() => zScore().restore(snapshot)).toThrow(/Cannot restore z-score: .* window 5 scans, this one has none/)
    expect(() => zScore({ window: { scans: 5 }, channels: ['q'] }).restore(snapshot)).toThrow(/channels p, .* has q/)
    const cut = { ...snapshot, state: { ...Object(snapshot.state), rows: new Float64Array(1) } }
    expect(() => zScore({ window: { scans: 5 } }).restore(cut)).toThrow(/its rows must hold 3 values, got 1/)
    expect(() => zScore().restore({ kind: 'z-score', version: 1, state: null })).toThrow(/holds no state/)
  })
})
