import { describe, expect, it } from 'vitest'
import type { Threshold, ThresholdSpec } from '../model/index.ts'
import { type Limits, limits } from './limits.ts'

const verdicts = (spec: ThresholdSpec, values: readonly number[], seconds = (i: number) => i): number[] => {
  const threshold = spec.create()
  return values.map((value, i) => threshold.decide(value, seconds(i)))
}

describe('limits', () => {
  it('raises at the limit and clears below it', () => {
    expect(verdicts(limits({ raise: 6 }), [5.9, 6, 6.1, 6, 5.9])).toEqual([0, 2, 2, 2, 0])
  })

  it('keeps the alarm down to clear', () => {
    expect(verdicts(limits({ raise: 6, clear: 4 }), [5, 6, 5, 4, 3.9, 5])).toEqual([0, 2, 2, 2, 0, 0])
  })

  it('is mirrored where clear is above raise', () => {
    expect(verdicts(limits({ raise: 2, clear: 3, warn: 2.5 }), [4, 2.5, 2, 3, 3.1, 2.4])).toEqual([0, 1, 2, 2, 0, 1])
    expect(limits({ raise: 2, clear: 3 }).create().limit).toBe(2)
  })

  it('warns between', () => {
    expect(verdicts(limits({ raise: 6, clear: 3, warn: 4 }), [3.9, 4, 6, 4, 2.9, 5])).toEqual([0, 1, 2, 2, 0, 1])
  })

  it('clears to a warning where clear is above warn', () => {
    expect(verdicts(limits({ raise: 6, clear: 5, warn: 4 }), [6, 5, 4.5, 3])).toEqual([2, 2, 1, 0])
  })

  it('does not warn at infinity while the delay runs', () => {
    expect(verdicts(limits({ raise: 6, delay: '1s' }), [Infinity, Infinity])).toEqual([0, 2])
  })

  it('raises once the condition has lasted for the delay', () => {
    expect(verdicts(limits({ raise: 6, delay: '2s' }), [6, 7, 5.9, 6, 6, 6, 6])).toEqual([0, 0, 0, 0, 0, 2, 2])
    expect(verdicts(limits({ raise: 6, warn: 4, delay: '2s' }), [6, 7, 6])).toEqual([1, 1, 2])
  })

  it('counts the delay in whole ns', () => {
    // 0.7 - 0.4 is 0.29999999999999993
    expect(verdicts(limits({ raise: 6, delay: '300ms' }), [0, 0, 0, 0, 7, 7, 7, 7], (i) => i / 10)).toEqual([
      0, 0, 0, 0, 0, 0, 0, 2
    ])
  })

  it('keeps the verdict at NaN, and the delay runs on', () => {
    expect(verdicts(limits({ raise: 6, warn: 4 }), [NaN, 5, NaN, 7, NaN, 0, NaN])).toEqual([0, 1, 1, 2, 2, 0, 0])
    expect(verdicts(limits({ raise: 6, delay: '2s' }), [7, NaN, 7])).toEqual([0, 0, 2])
  })

  it('starts the delay anew at a gap and keeps a raised alarm', () => {
    const threshold: Threshold = limits({ raise: 6, delay: '2s' }).create()
    threshold.decide(7, 0)
    threshold.gap?.()
    expect([10, 11, 12].map((seconds) => threshold.decide(7, seconds))).toEqual([0, 0, 2])
    threshold.gap?.()
    expect(threshold.decide(7, 99)).toBe(2)
  })

  it('goes on from a snapshot at any place', () => {
    const values = [6, 6, 6, 5, 3, 6, 7, 6, 6, 4, 4]
    for (const options of [
      { raise: 6, clear: 4, delay: '2s', warn: 5 },
      { raise: 4, clear: 5 }
    ] satisfies Limits[]) {
      const whole = verdicts(limits(options), values)
      for (let cut = 0; cut <= values.length; cut += 1) {
        const first = limits(options).create()
        const before = values.slice(0, cut).map((value, i) => first.decide(value, i))
        const second = limits(options).restore(structuredClone(first.snapshot()))
        const after = values.slice(cut).map((value, i) => second.decide(value, cut + i))
        expect(before.concat(after)).toEqual(whole)
      }
    }
  })

  it('refuses the snapshot of something else', () => {
    const { restore } = limits({ raise: 6 })
    expect(() => restore({ kind: 'quantile', version: 1, state: {} })).toThrow(
      "Cannot restore limits: the snapshot is of a threshold 'quantile'"
    )
    expect(() => restore({ kind: 'limits', version: 2, state: {} })).toThrow(
      'Cannot restore limits: version 2, expected 1'
    )
    expect(() => restore({ kind: 'limits', version: 1, state: { verdict: 3, since: 0 } })).toThrow('the state is not')
  })

  it.each<[Limits, string]>([
    [{ raise: NaN }, 'limits: raise must be a finite number, got NaN'],
    [{ raise: '6' as never }, 'limits: raise must be a finite number, got 6'],
    [{ raise: 6, clear: Infinity }, 'limits: clear must be a finite number, got Infinity'],
    [{ raise: 6, warn: 6 }, 'limits: warn must be below raise (6), got 6'],
    [{ raise: 6, clear: 7, warn: 5 }, 'limits: warn must be above raise (6), got 5'],
    [
      { raise: 6, delay: 5 as never },
      "limits: delay must be a span of time such as '250ms', '30s', '5min', '1h', got 5"
    ]
  ])('refuses %o', (options, message) => {
    expect(() => limits(options)).toThrow(new RangeError(message))
  })
})
