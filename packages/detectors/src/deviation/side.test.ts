import { detectorSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { robustZ } from '../robust-z/robust-z.ts'
import { samples } from '../samples.ts'
import { zScore } from '../z-score/z-score.ts'
import type { Side } from './side.ts'

// The outlier of the suite goes up and down in turn, so each side sees one; of its faults each sees half.
const skip = { D19: 'half of the faults go the other way' }
detectorSuite('zScore upwards', { spec: zScore({ side: 'high' }), skip }, { describe, it })
detectorSuite('robustZ downwards', { spec: robustZ({ side: 'low' }), skip }, { describe, it })

const channels = [
  { name: 'a', unit: '1' },
  { name: 'b', unit: '1' }
]
const learned = samples({ a: [8, 9, 10, 11, 12, 10], b: [1, 2, 3, 4, 5, 3] })
const now = samples({ a: [10, 14, 6, 14, Number.NaN], b: [3, 3, 3, 0, 9] })

describe.each([
  ['zScore', zScore],
  ['robustZ', robustZ]
] as const)('side of %s', (name, factory) => {
  const fitted = (side: Side) => {
    const detector = factory({ side }).create(channels)
    detector.fit(learned)
    return detector
  }
  const [both, high, low] = [fitted('both'), fitted('high'), fitted('low')]

  it('counts deviations upwards or downwards only', () => {
    const [all, up, down] = [both.score(now), high.score(now), low.score(now)]
    expect([...up.subarray(0, 3)]).toEqual([0, all[1], 0])
    expect([...down.subarray(0, 3)]).toEqual([0, 0, all[2]])
    expect(up[3]).toBe(all[1])
    expect(down[3]).toBeGreaterThan(0)
    expect(all[3]).toBe(Math.max(up[3]!, down[3]!))
    expect([all[4], up[4], down[4]]).toEqual([NaN, NaN, NaN])
  })

  it('gives the whole score to channels that went that way', () => {
    expect([...high.explain(now, 3)]).toEqual([high.score(now)[3], 0])
    expect([...low.explain(now, 3)]).toEqual([0, low.score(now)[3]])
  })

  it('has a band with one end', () => {
    const [all, up, down] = [both.band!(3), high.band!(3), low.band!(3)]
    expect([...up]).toEqual([NaN, NaN, all[2], all[3]])
    expect([...down]).toEqual([all[0], all[1], NaN, NaN])
  })

  it('refuses another word', () => {
    expect(() => factory({ side: 'up' as Side })).toThrow(`${name}: side must be 'both', 'high' or 'low', got up`)
  })
})
