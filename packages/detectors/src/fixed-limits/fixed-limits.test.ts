import { detectorSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import { type FixedLimit, fixedLimits } from './fixed-limits.ts'

const limits = {
  a: { low: 4, high: 16 },
  b: { low: 8, high: 32 },
  c: { high: 50, normal: 30 },
  d: { low: 10, normal: 40 }
}
const skip = { D1: 'it has nothing to learn', D5: 'it is ready at once' }
detectorSuite('fixedLimits', { spec: fixedLimits(limits), skip }, { describe, it })

describe('fixedLimits', () => {
  const detector = fixedLimits({ p: { low: 2, high: 6, normal: 3 }, q: { high: 10, normal: 0 } }).create([
    { name: 'q', unit: '1' },
    { name: 'p', unit: '1' },
    { name: 'other', unit: '1' }
  ])
  const now = samples({ q: [0, 0, 0, 5, -90, 1.7e308], p: [3, 6, 1, 4.5, 3, 3], other: [9, 9, 9, NaN, 9, 9] })

  it('scores 0 at normal, 1 at a limit, and 0 where there is none', () => {
    expect([...detector.score(now)]).toEqual([0, 1, 2, 0.5, 0, 1.7e307])
  })

  it('has shares and a band by channel', () => {
    expect([...detector.explain(now, 3)]).toEqual([0.25, 0.25, 0])
    expect([...detector.band!(1)]).toEqual([NaN, 2, NaN, 10, 6, NaN])
  })

  it('is restored from a snapshot', () => {
    expect(
      fixedLimits({ p: { low: 2, high: 6, normal: 3 }, q: { high: 10, normal: 0 } })
        .restore(detector.snapshot())
        .score(now)
    ).toEqual(detector.score(now))
  })

  it.each([
    [{}, "fixedLimits: 'p' must have low or high, got {}"],
    [{ high: 3 }, "fixedLimits: 'p' must have normal, as it has one limit only"],
    [{ low: 5, high: 3 }, "fixedLimits: 'p' must have low < normal < high"],
    [{ low: 5, normal: 5 }, "fixedLimits: 'p' must have low < normal < high"],
    [{ low: Number.NaN, high: 3 }, "fixedLimits: low of 'p' must be a finite number, got NaN"],
    [{ low: '2' as unknown as number, high: 3 }, "fixedLimits: low of 'p' must be a finite number, got 2"],
    [null as unknown as FixedLimit, "fixedLimits: limits of 'p' must be such as { low: 2, high: 6 }, got null"]
  ])('refuses %j', (limit, message) => {
    expect(() => fixedLimits({ p: limit })).toThrow(message)
  })

  it('refuses no limits at all, and channels that are not there', () => {
    expect(() => fixedLimits({})).toThrow('fixedLimits: channels must name at least one channel, got []')
    expect(() => fixedLimits(undefined as unknown as Record<'p', FixedLimit>)).toThrow(TypeError)
    expect(() => fixedLimits({ p: { low: 1, high: 2 } }).create([{ name: 'q', unit: '1' }])).toThrow(
      "there is no channel 'p'"
    )
  })
})
