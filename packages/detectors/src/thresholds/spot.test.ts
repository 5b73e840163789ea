import { describe, expect, it } from 'vitest'
import reference from './fixtures/spot.json' with { type: 'json' }
import { spot } from './spot.ts'

const { q, level, calibration } = reference
const none = new Float64Array(0)

function started(scores: readonly number[]) {
  const threshold = spot({ q, level }).create()
  threshold.calibrate!(Float64Array.from(scores.slice(0, calibration)), none)
  return threshold
}

describe.each(Object.entries(reference.cases))('spot on %s scores', (_, given) => {
  it('begins at the limit of the greatest likelihood, as scipy finds it', () => {
    expect(started(given.scores).limit / given.scipy).toBeCloseTo(1, 3)
  })
})

// On heavy tails the authors' search misses the greatest likelihood (docs/detectors/thresholds.md): nothing to agree with.
const { bell, bounded } = reference.cases
describe.each(Object.entries({ bell, bounded }))('spot on %s scores', (_, given) => {
  it("goes on as the authors' code", () => {
    const threshold = started(given.scores)
    expect(threshold.limit / given.first).toBeCloseTo(1, 2)
    const alarms = given.scores.slice(calibration).flatMap((score, i) => (threshold.decide(score, i) === 2 ? [i] : []))
    expect(alarms).toEqual(given.alarms)
    expect(threshold.limit / given.lastScipy).toBeCloseTo(1, 2)
    // Their search stops short of the greatest likelihood now and then.
    expect(Math.abs(threshold.limit / given.last - 1)).toBeLessThan(0.05)
    expect(threshold.summary).toContain(`by ${given.peaks} excesses`)
  })
})

describe('spot', () => {
  const scores = Float64Array.from({ length: 1000 }, (_, i) => Math.abs(Math.sin(i * i)) * (1 + (i % 7)))

  it('has no limit and no alarm before it is calibrated', () => {
    const threshold = spot().create()
    expect(threshold.limit).toBeNaN()
    expect(threshold.decide(1e9, 0)).toBe(0)
    expect(spot().restore(structuredClone(threshold.snapshot())).limit).toBeNaN()
  })

  it('keeps the verdict at NaN, and does not learn what is over the limit', () => {
    const threshold = spot({ q: 1e-3 }).create()
    threshold.calibrate!(scores, scores)
    const { limit } = threshold
    expect([threshold.decide(100, 0), threshold.decide(NaN, 1), threshold.decide(0, 2)]).toEqual([2, 2, 0])
    expect(threshold.limit).toBe(limit)
    threshold.decide(limit * 0.99, 3)
    expect(threshold.limit).not.toBe(limit)
  })

  it('goes on from a snapshot with the same bits, with bounded memory', () => {
    const spec = spot({ q: 1e-2, level: 0.5, kOfN: [2, 3] })
    const [whole, first] = [spec.create(), spec.create()]
    for (const each of [whole, first]) each.calibrate!(scores, scores)
    const run = (threshold: typeof whole, from: number, to: number) =>
      Array.from(scores.subarray(from, to), (score, i) => [threshold.decide(score * 1.01, i), threshold.limit])
    const expected = run(whole, 0, 900)
    const before = run(first, 0, 450)
    const state = structuredClone(first.snapshot())
    expect(before.concat(run(spec.restore(state), 450, 900))).toEqual(expected)
    for (let i = 0; i < 3000; i += 1) whole.decide(scores[i % 1000]!, i)
    expect((whole.snapshot().state as { excesses: Float64Array }).excesses.length).toBe(1000)
  })

  it.each<[object, string]>([
    [{ q: 0 }, 'spot: q must be a number above 0 and below 1 - level'],
    [{ q: 0.5 }, 'spot: q must be a number above 0 and below 1 - level'],
    [{ level: 1 }, 'spot: level must be a number above 0 and below 1, got 1'],
    [{ kOfN: [3, 2] }, 'spot: kOfN must be two whole numbers [k, n] with 1 <= k <= n <= 1000, got [3, 2]']
  ])('refuses %o', (options, message) => {
    expect(() => spot(options)).toThrow(RangeError)
    expect(() => spot(options)).toThrow(message)
  })

  it('refuses too few scores, and snapshots of others', () => {
    expect(() => spot().create().calibrate!(scores.slice(0, 100), scores)).toThrow(
      'spot: level 0.98 needs at least 10 scores of normal operation over their quantile, got 1 of 100'
    )
    expect(() => spot().restore({ kind: 'quantile', version: 1, state: {} })).toThrow("of a threshold 'quantile'")
    expect(() => spot({ q: 1e-3 }).restore(spot().create().snapshot())).toThrow('calibrated with q 0.0001')
  })
})
