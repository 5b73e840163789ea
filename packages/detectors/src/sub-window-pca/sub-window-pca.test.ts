import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import { dominantPeriod } from './dominant-period.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { naiveErrorOfOne } from './naive.ts'
import { subWindowPca } from './sub-window-pca.ts'

detectorSuite(
  'subWindowPca',
  { spec: subWindowPca({ window: { scans: 8 }, components: 2 }), saturated: 4500 },
  { describe, it }
)
detectorSuite(
  'subWindowPca of the period',
  { spec: subWindowPca(), saturated: 4500, skip: { D19: 'one scan is little in a window of a hundred' } },
  { describe, it }
)

const force = [{ name: 'force', unit: 'N' }]
const ab = ['a', 'b'].map((name) => ({ name, unit: 'V' }))
const on = (values: readonly number[], seconds = 1) => samples({ force: values }, { seconds })
const wave = (length: number, period: number, from = 0) =>
  Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * (from + i)) / period) + 0.01 * Math.sin((from + i) ** 2))

function expectClose(actual: ArrayLike<number>, expected: readonly number[], relative: number): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => {
    expect(Math.abs(actual[i]! - x) / Math.abs(x), `value ${i}: ${actual[i]} for ${x}`).toBeLessThan(relative)
  })
}

describe('subWindowPca', () => {
  it('equals scikit-learn', () => {
    const { window, components, train, test, scores } = reference
    const detector = subWindowPca({ window: { scans: window }, components }).create(force)
    detector.fit(on(train))
    expectClose(detector.score(on(test)), scores, 1e-7)
  })

  it('equals the naive version', () => {
    const learned = wave(80, 13).map((x, i) => x + 0.2 * Math.sin(i * 1.7))
    const next = [0.3, 0.9, -0.5, 0.1]
    const detector = subWindowPca({ window: { scans: 6 }, components: 1 }).create(force)
    detector.fit(on(learned))
    const tested = next.map((_, i) => [...learned, ...next.slice(0, i + 1)].slice(-6))
    expectClose(
      detector.score(on(next)),
      tested.map((one) => naiveErrorOfOne(learned, one)),
      1e-7
    )
  })

  it('scores about 1 on what was learned, and much for a missed beat', () => {
    const detector = subWindowPca().create(force)
    detector.fit(on(wave(1000, 40)))
    const scores = detector.process(
      on([...wave(200, 40, 1000), ...Array(40).fill(0), ...wave(200, 40, 1240)]),
      () => false
    )
    expect(Math.max(...scores.subarray(0, 200))).toBeLessThan(10)
    expect(Math.max(...scores.subarray(200, 240))).toBeGreaterThan(1000)
    expect(Math.max(...scores.subarray(290))).toBeLessThan(10)
  })

  it('takes the period of the signal for its window', () => {
    for (const period of [7, 25, 120]) expect(dominantPeriod([Float64Array.from(wave(2000, period))]) % period).toBe(0)
    expect(dominantPeriod([new Float64Array(2000)])).toBe(125)
    expect(dominantPeriod([new Float64Array(40)])).toBe(10)
    const lengthOf = (window: '500ms' | { scans: number }) => {
      const detector = subWindowPca({ window }).create(force)
      detector.fit(on(wave(300, 20), 0.01))
      return (detector.snapshot().state as { length: number }).length
    }
    expect(lengthOf('500ms')).toBe(50)
    expect(lengthOf({ scans: 33 })).toBe(33)
  })

  it('begins its window anew behind a hole and behind a gap', () => {
    const detector = subWindowPca({ window: { scans: 10 } }).create(force)
    detector.fit(on(wave(300, 20)))
    const scores = detector.process(on([0, Number.NaN, ...wave(12, 20)]))
    expect([...scores].map(Number.isNaN)).toEqual([false, ...Array(10).fill(true), false, false, false])
    detector.gap!()
    expect([...detector.score(on(wave(10, 20)))].map(Number.isNaN)).toEqual([...Array(9).fill(true), false])
  })

  it('stands behind a gap where it stood before it looked ahead', () => {
    const detector = subWindowPca({ window: { scans: 10 } }).create(force)
    detector.fit(on(wave(300, 20)))
    detector.gap!()
    detector.process(on(wave(5, 20)))
    detector.score(on(wave(30, 20)))
    expect(detector.process(on([0]))[0]).toBeNaN()
  })

  it('learns one by one from 512 scans, and anew', () => {
    const detector = subWindowPca({ window: { scans: 20 } }).create(force)
    detector.process(on(wave(511, 20)))
    expect(detector.ready).toBe(false)
    detector.process(on(wave(1, 20, 511)))
    expect(detector.ready).toBe(true)
    const other = wave(6000, 20).map((x) => 5 - 3 * Math.abs(x))
    const scores = detector.process(on(other))
    expect(scores[30]).toBeGreaterThan(100)
    expect(scores[5999]).toBeLessThan(5)
  })

  it('gives each channel its part', () => {
    const detector = subWindowPca({ window: { scans: 10 } }).create(ab)
    const both = (from: number, length: number) => ({ a: wave(length, 20, from), b: wave(length, 31, from) })
    detector.fit(samples(both(0, 400)))
    const later = both(400, 30)
    later.b.fill(0, 25)
    const scores = detector.score(samples(later))
    const shares = detector.explain(samples(later), 29)
    expect(shares[0]! + shares[1]!).toBeCloseTo(scores[29]!, 9)
    expect(shares[1]).toBeGreaterThan(10 * shares[0]!)
  })

  it('is huge and finite where a flat channel moves', () => {
    const detector = subWindowPca({ window: { scans: 5 } }).create(force)
    detector.fit(on(Array(50).fill(3)))
    const scores = detector.score(on([3, 3, 3.5, 1.7e308]))
    expect(scores[1]).toBe(0)
    expect(scores[2]).toBeGreaterThan(1e9)
    expect(scores[3]).toBe(Number.MAX_VALUE)
    const stepped = subWindowPca({ window: { scans: 5 }, minDeviation: 0.5 }).create(force)
    stepped.fit(on(Array(50).fill(3)))
    expect(stepped.score(on([3.5]))[0]).toBeCloseTo(0.2, 12)
  })

  it('stays unready on fewer scans than two windows', () => {
    const detector = subWindowPca({ window: { scans: 50 } }).create(force)
    detector.fit(on(wave(99, 20)))
    expect(detector.ready).toBe(false)
    detector.fit(on(wave(100, 20)))
    expect(detector.ready).toBe(true)
  })

  it('refuses options that are out of range', () => {
    const refused = (options: object, message: string) =>
      expect(() => subWindowPca(options)).toThrow(`subWindowPca: ${message}`)
    refused({ window: { scans: 1 } }, 'window must hold at least 2 scans, got { scans: 1 }')
    refused({ window: { scans: 2000 } }, 'window must hold at most 1024 scans, got { scans: 2000 }')
    refused({ window: '1m' }, 'window must be a span')
    refused({ components: 0 }, 'components must be a whole number from 1, got 0')
    refused({ components: 'all' }, 'components must be a number or { variance: 0.9 }, got "all"')
    refused({ window: { scans: 8 }, components: 8 }, 'components must be fewer than the scans of the window (8), got 8')
    const other = subWindowPca({ window: '1s' }).create(force).snapshot()
    expect(() => subWindowPca().restore(other)).toThrow(/learned with window 1000 ms, this one has period/)
  })

  it('looks back only: what comes later changes no score', () => {
    const detector = subWindowPca({ window: { scans: 8 } }).create(
      normalOperation().channels.map((name) => ({ name, unit: '1' }))
    )
    detector.fit(normalOperation())
    const later = normalOperation({ seed: 9 })
    const changed = { ...later, values: later.values.map((x, at) => (at % later.length >= 300 ? 0 : x)) }
    expect(detector.score(changed).slice(0, 300)).toEqual(detector.score(later).slice(0, 300))
  })
})
