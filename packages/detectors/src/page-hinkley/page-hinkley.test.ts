import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { endsOf, levels } from '../charts/fixtures/levels.ts'
import { samples } from '../samples.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { pageHinkley } from './page-hinkley.ts'

// One scan moves a sum by six at most; a shift that lasts moves it by far more than chance does.
const [normal, length] = [normalOperation(), 10]
const means = [10, 20, 30, 40]
const shifted = {
  ...normal,
  length,
  values: Float64Array.from({ length: 4 * length }, (_, i) => 1.5 * means[Math.floor(i / length)]!)
}
const subject = { normal, outlier: shifted, skip: { D19: 'one scan is no change' } }
detectorSuite('pageHinkley', { ...subject, spec: pageHinkley({ delta: 0.5 }) }, { describe, it })
detectorSuite(
  'pageHinkley of a window',
  { ...subject, spec: pageHinkley({ delta: 0.5, window: { scans: 60 } }) },
  { describe, it }
)

const p = (values: readonly number[]) => samples({ p: values })
const onP = (options?: Parameters<typeof pageHinkley<'p'>>[0]) =>
  pageHinkley(options).create([{ name: 'p', unit: '1' }])

describe('pageHinkley', () => {
  it('equals River', () => {
    const names = Object.keys(reference.train)
    const detector = pageHinkley().create(names.map((name) => ({ name, unit: '1' })))
    detector.fit(samples(reference.train))
    const scores = detector.process(samples(reference.test), () => false)
    expect(Math.max(...scores)).toBeGreaterThan(3)
    for (const [i, score] of reference.scores.entries()) expect(scores[i]).toBeCloseTo(score, 9)
  })

  it('has a band at whose ends the scan would have scored the limit', () => {
    const prepared = () => {
      const detector = onP()
      detector.fit(p(levels(1, 40)))
      detector.process(p(levels(2, 10)), () => false)
      return detector
    }
    for (const limit of [5, 8]) {
      for (const [end, score] of endsOf(prepared, limit)) expect(score, `at ${end}`).toBeCloseTo(limit, 6)
    }
  })

  it('begins anew at a gap', () => {
    const [detector, fresh] = [onP(), onP()]
    for (const each of [detector, fresh]) each.fit(p(levels(1, 40)))
    fresh.gap?.()
    detector.process(p(Array(5).fill(30)), () => false)
    detector.gap?.()
    expect(detector.score(p(levels(3, 10)))).toEqual(fresh.score(p(levels(3, 10))))
  })

  it('forgets one absurd reading', () => {
    const detector = onP()
    detector.fit(p(levels(1, 40)))
    detector.process(p([1e300]), () => false)
    const scores = detector.process(p(levels(4, 400)), () => false)
    expect(scores.at(-1)).toBeLessThan(50)
  })

  it('reports a change once and takes the new level for normal', () => {
    const detector = onP({ delta: 0.25 })
    detector.fit(p(levels(1, 300)))
    const scores = detector.process(p(levels(2, 2000, 6)), () => false)
    const raised = [...scores.keys()].filter((i) => scores[i]! > 50)
    expect(raised.length).toBe(1)
    expect(raised[0]).toBeLessThan(60)
    expect([...scores.subarray(raised[0]! + 1, raised[0]! + 30)]).toEqual(Array(29).fill(0))
  })

  it('refuses rates out of range', () => {
    expect(() => pageHinkley({ delta: -1 })).toThrow('pageHinkley: delta must be finite and at least 0, got -1')
    expect(() => pageHinkley({ alpha: 0 })).toThrow('pageHinkley: alpha must be above 0 and at most 1, got 0')
  })
})
