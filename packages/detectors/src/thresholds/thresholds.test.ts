import type { Threshold, ThresholdSpec } from '@messwerk/core/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conformal } from './conformal.ts'
import { falseAlarms } from './false-alarms.ts'
import { quantile } from './quantile.ts'

const counted = Float64Array.from({ length: 1000 }, (_, i) => i + 1)

function calibrated(spec: ThresholdSpec, scores: Float64Array = counted): Threshold {
  const threshold = spec.create()
  threshold.calibrate!(scores, Float64Array.from(scores.keys()))
  return threshold
}

const specs: Readonly<Record<string, ThresholdSpec>> = {
  quantile: quantile({ q: 0.9, factor: 1.05, kOfN: [2, 3], clearDelay: '2s' }),
  conformal: conformal({ alpha: 0.1, refractory: '5s' }),
  falseAlarms: falseAlarms({ atMost: 30, per: 'hour' })
}

describe.each(Object.entries(specs))('%s', (name, spec) => {
  it('has no limit and no alarm before it is calibrated', () => {
    const threshold = spec.create()
    expect(spec.calibrates).toBe(true)
    expect([threshold.limit, threshold.summary, threshold.decide(1e9, 0)]).toEqual([NaN, undefined, 0])
    expect(spec.restore(structuredClone(threshold.snapshot())).limit).toBeNaN()
  })

  it('leaves out what has no score', () => {
    const scattered = Float64Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? NaN : (i + 1) / 2))
    const seconds = Float64Array.from({ length: 2000 }, (_, i) => i / 2)
    const threshold = spec.create()
    threshold.calibrate!(scattered, seconds)
    expect(threshold.limit).toBe(calibrated(spec).limit)
  })

  it('goes on from a snapshot at any place', () => {
    const values = [990, 995, 999, 5, 2, 2, 2, 1100, 1100, 1100, 1100, 1100, 1100, 4, 1100, 1100, 1100]
    const run = (threshold: Threshold, from: number, to: number) =>
      values.slice(from, to).map((value, i) => threshold.decide(value, from + i))
    const whole = run(calibrated(spec), 0, values.length)
    expect(whole).toContain(2)
    for (let cut = 0; cut <= values.length; cut += 1) {
      const first = calibrated(spec)
      const before = run(first, 0, cut)
      const second = spec.restore(structuredClone(first.snapshot()))
      expect(second.summary).toBe(first.summary)
      expect(before.concat(run(second, cut, values.length))).toEqual(whole)
    }
  })

  it('begins anew at a reset and keeps its limit', () => {
    const threshold = calibrated(spec)
    for (let i = 0; i < 9; i += 1) threshold.decide(2000, i)
    expect(threshold.decide(2000, 9)).toBe(2)
    const { limit } = threshold
    threshold.reset?.()
    expect(threshold.decide(0, 10)).toBe(0)
    expect(threshold.limit).toBe(limit)
  })

  it('refuses the snapshot of something else', () => {
    const snapshot = calibrated(spec).snapshot()
    const restored = (change: object) => () => spec.restore(Object.assign({}, snapshot, change))
    expect(restored({ kind: 'limits' })).toThrow(`Cannot restore ${name}: the snapshot is of a threshold 'limits'`)
    expect(restored({ version: 2 })).toThrow(`Cannot restore ${name}: version 2, expected 1`)
    expect(restored({ state: null })).toThrow('it holds no state')
    expect(restored({ state: { settings: 'others' } })).toThrow('it was calibrated with others, this one has')
  })
})

describe('quantile', () => {
  it('is that of numpy, times the factor', () => {
    const five = Float64Array.of(3, 1, 2, 5, 4, 6, 7, 8, 9, 10)
    expect(calibrated(quantile({ q: 0.25 }), five).limit).toBe(3.25)
    expect(calibrated(quantile({ q: 1, factor: 1.5 }), five).limit).toBe(15)
    expect(calibrated(quantile({ q: 0 }), five).limit).toBe(1)
  })

  it('takes k of n', () => {
    const threshold = calibrated(quantile({ q: 1, kOfN: [3, 5] }))
    const values = [0, 2000, 2000, 0, 2000, 0, 0]
    expect(values.map((value, i) => threshold.decide(value, i))).toEqual([0, 0, 0, 0, 2, 2, 0])
  })

  it.each<[object, string]>([
    [{ q: 2 }, 'quantile: q must be a number in 0..1, got 2'],
    [{}, 'quantile: q must be a number in 0..1, got undefined'],
    [{ q: 0.9, factor: 0 }, 'quantile: factor must be a finite number above 0, got 0'],
    [{ q: 0.9, delay: 5 }, "quantile: delay must be a span of time such as '250ms', '30s', '5min', '1h', got 5"]
  ])('refuses %o', (options, message) => {
    expect(() => quantile(options as never)).toThrow(new RangeError(message))
  })

  it('refuses too few scores', () => {
    expect(() => calibrated(quantile({ q: 1 }), Float64Array.of(1))).toThrow(
      'quantile: needs at least 10 scores of normal operation, got 1: let the detector learn longer'
    )
  })
})

describe('conformal', () => {
  it('raises exactly where the p-value is at most alpha', () => {
    const score = fc.integer({ min: 0, max: 9 })
    const alpha = fc.constantFrom(0.05, 0.1, 0.2, 0.3, 0.7)
    fc.assert(
      fc.property(fc.array(score, { minLength: 19, maxLength: 60 }), alpha, score, (scores, level, next) => {
        const threshold = calibrated(conformal({ alpha: level }), Float64Array.from(scores))
        const p = (1 + scores.filter((other) => other >= next).length) / (scores.length + 1)
        expect(threshold.decide(next, 0)).toBe(p <= level * (1 + 1e-12) ? 2 : 0)
      })
    )
  })

  it('refuses an alpha that its scores cannot tell', () => {
    expect(() => calibrated(conformal({ alpha: 0.0001 }))).toThrow(
      new RangeError(
        'conformal: alpha 0.0001 needs at least 9999 scores of normal operation, got 1000: let the detector learn longer'
      )
    )
    expect(() => conformal({ alpha: 1 })).toThrow('conformal: alpha must be a number above 0 and below 1, got 1')
  })
})
