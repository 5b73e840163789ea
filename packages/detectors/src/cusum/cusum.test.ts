import { detectorSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { endsOf, levels } from '../charts/fixtures/levels.ts'
import { samples } from '../samples.ts'
import { cusum } from './cusum.ts'
import reference from './fixtures/reference.json' with { type: 'json' }

detectorSuite('cusum', { spec: cusum() }, { describe, it })
detectorSuite('cusum of a window', { spec: cusum({ window: { scans: 60 } }) }, { describe, it })

const p = (values: readonly number[]) => samples({ p: values })
const onP = (options?: Parameters<typeof cusum<'p'>>[0]) => cusum(options).create([{ name: 'p', unit: '1' }])

describe('cusum', () => {
  it('equals the sums by their other definition', () => {
    const names = Object.keys(reference.train)
    const detector = cusum({ h: 1000 }).create(names.map((name) => ({ name, unit: '1' })))
    detector.fit(samples(reference.train))
    const scores = detector.process(samples(reference.test), () => false)
    expect(Math.max(...scores)).toBeGreaterThan(3)
    for (const [i, score] of reference.scores.entries()) expect(scores[i]).toBeCloseTo(score, 9)
  })

  it('equals the sums as they are written down', () => {
    const detector = onP({ k: 0.3, h: 3 })
    detector.fit(p([9, 10, 11]))
    detector.gap?.()
    const values = levels(5, 200)
    const scores = detector.score(p(values))
    let [up, down] = [0, 0]
    for (const [i, x] of values.entries()) {
      up = Math.min(6, Math.max(0, up + (x - 10) - 0.3))
      down = Math.min(6, Math.max(0, down - (x - 10) - 0.3))
      expect(scores[i]).toBe(Math.max(up, down))
    }
  })

  it('counts one side when asked', () => {
    for (const [side, up, down] of [
      ['high', 10, 0],
      ['low', 0, 10]
    ] as const) {
      const detector = onP({ side })
      detector.fit(p([9, 10, 11, 10]))
      expect(detector.score(p(Array(50).fill(20))).at(-1)).toBe(up)
      expect(detector.score(p(Array(50).fill(0))).at(-1)).toBe(down)
    }
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

  it('refuses sizes out of range', () => {
    expect(() => cusum({ k: -1 })).toThrow('cusum: k must be finite and at least 0, got -1')
    expect(() => cusum({ h: 0 })).toThrow('cusum: h must be finite and above 0, got 0')
  })
})
