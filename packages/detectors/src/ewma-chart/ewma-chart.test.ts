import { detectorSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { endsOf, levels } from '../charts/fixtures/levels.ts'
import { samples } from '../samples.ts'
import { ewmaChart } from './ewma-chart.ts'
import reference from './fixtures/reference.json' with { type: 'json' }

detectorSuite('ewmaChart', { spec: ewmaChart() }, { describe, it })
detectorSuite('ewmaChart of a window', { spec: ewmaChart({ window: { scans: 60 } }) }, { describe, it })

const p = (values: readonly number[]) => samples({ p: values })
const onP = (options?: Parameters<typeof ewmaChart<'p'>>[0]) => ewmaChart(options).create([{ name: 'p', unit: '1' }])

describe('ewmaChart', () => {
  it('equals the chart written with scipy', () => {
    const names = Object.keys(reference.train)
    const detector = ewmaChart().create(names.map((name) => ({ name, unit: '1' })))
    detector.fit(samples(reference.train))
    const scores = detector.process(samples(reference.test), () => false)
    expect(Math.max(...scores)).toBeGreaterThan(3)
    for (const [i, score] of reference.scores.entries()) expect(scores[i]).toBeCloseTo(score, 9)
  })

  it('scores |d| at the first scan after a gap, and less than its weight of a lone one later', () => {
    const detector = onP({ weight: 0.1 })
    detector.fit(p([8, 12, 8, 12, 10]))
    detector.gap?.()
    expect(detector.score(p([16]))[0]).toBeCloseTo(6 / 2, 12)
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
    expect(scores.at(-1)).toBeLessThan(5)
  })

  it('refuses a weight out of range', () => {
    for (const weight of [0, 1.1, Number.NaN])
      expect(() => ewmaChart({ weight })).toThrow(`ewmaChart: weight must be above 0 and at most 1, got ${weight}`)
  })
})
