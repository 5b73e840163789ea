import { describe, expect, it } from 'vitest'
import type { Threshold, ThresholdSpec } from './index.ts'
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
    expect(() => restore({ kind: 'limits', version: 3, state: {} })).toThrow(
      'Cannot restore limits: version 3, expected 2'
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

describe('limits: more rules', () => {
  it('raises when k of the last n are at or beyond the limit, and clears alike', () => {
    expect(verdicts(limits({ raise: 6, kOfN: [2, 3] }), [7, 0, 7, 0, 0, 7, 7])).toEqual([0, 0, 2, 0, 0, 0, 2])
    expect(verdicts(limits({ raise: 2, clear: 3, kOfN: [2, 2] }), [1, 5, 1, 1, 5, 1])).toEqual([0, 0, 0, 2, 0, 0])
    expect(verdicts(limits({ raise: 6, warn: 4, kOfN: [2, 3] }), [5, 5, NaN, 7, 7])).toEqual([0, 1, 1, 1, 2])
  })

  it('clears once the value has stayed on the normal side', () => {
    expect(verdicts(limits({ raise: 6, clearDelay: '2s' }), [6, 0, 0, 6, 0, NaN, 0, 0])).toEqual([
      2, 2, 2, 2, 2, 2, 0, 0
    ])
  })

  it('raises no other alarm during the refractory time', () => {
    const values = [6, 0, 6, 6, 6, 0, 6]
    expect(verdicts(limits({ raise: 6, refractory: '3s' }), values)).toEqual([2, 0, 0, 0, 2, 0, 0])
    expect(verdicts(limits({ raise: 6, warn: 5, refractory: '3s' }), values)).toEqual([2, 0, 1, 1, 2, 0, 1])
    expect(verdicts(limits({ raise: 6, refractory: '2s', delay: '1s' }), [6, 6, 0, 6, 6, 6])).toEqual([
      0, 2, 0, 0, 2, 2
    ])
  })

  it('starts k of n anew at a gap', () => {
    const threshold = limits({ raise: 6, kOfN: [2, 2] }).create()
    threshold.decide(7, 0)
    threshold.gap?.()
    expect([threshold.decide(7, 9), threshold.decide(7, 10)]).toEqual([0, 2])
  })

  it('is as new after a reset', () => {
    const threshold = limits({ raise: 6, refractory: '9s', kOfN: [1, 2] }).create()
    for (const [i, value] of [7, 0, 0].entries()) threshold.decide(value, i)
    threshold.reset?.()
    expect(threshold.decide(7, 3)).toBe(2)
    threshold.reset?.()
    expect(threshold.decide(0, 4)).toBe(0)
  })

  it('goes on from a snapshot at any place with all rules', () => {
    const options: Limits = { raise: 6, clear: 4, delay: '1s', clearDelay: '1s', kOfN: [2, 3], refractory: '4s' }
    const values = [7, 7, 7, 1, 7, 1, 1, 1, 7, 7, 7, 7, 7, 1, 1, 1, 7]
    const whole = verdicts(limits(options), values)
    expect(whole.filter((verdict, i) => verdict === 2 && whole[i - 1] !== 2).length).toBe(2)
    for (let cut = 0; cut <= values.length; cut += 1) {
      const first = limits(options).create()
      const before = values.slice(0, cut).map((value, i) => first.decide(value, i))
      const second = limits(options).restore(structuredClone(first.snapshot()))
      const after = values.slice(cut).map((value, i) => second.decide(value, cut + i))
      expect(before.concat(after)).toEqual(whole)
    }
  })

  it('takes a snapshot of before there were these rules', () => {
    const old = { kind: 'limits', version: 1, state: { verdict: 2, since: NaN } }
    expect(
      limits({ raise: 6, clear: 4, kOfN: [1, 2] })
        .restore(old)
        .decide(5, 0)
    ).toBe(2)
  })

  it.each<[object, string]>([
    [{ kOfN: [3, 2] }, 'limits: kOfN must be two whole numbers [k, n] with 1 <= k <= n <= 1000, got [3, 2]'],
    [{ kOfN: 3 }, 'limits: kOfN must be two whole numbers [k, n] with 1 <= k <= n <= 1000, got 3'],
    [{ clearDelay: 3 }, "limits: clearDelay must be a span of time such as '250ms', '30s', '5min', '1h', got 3"],
    [{ refractory: 3 }, "limits: refractory must be a span of time such as '250ms', '30s', '5min', '1h', got 3"]
  ])('refuses %o', (options, message) => {
    expect(() => limits({ raise: 6, ...options } as Limits)).toThrow(new RangeError(message))
  })
})
