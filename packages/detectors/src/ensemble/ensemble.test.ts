import { pValue } from '@messwerk/core/model'
import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { robustZ } from '../robust-z/robust-z.ts'
import { samples } from '../samples.ts'
import { zScore } from '../z-score/z-score.ts'
import { ensemble } from './ensemble.ts'

const runner = { describe, it }
const members = [robustZ(), zScore()]
for (const combine of ['mean', 'max'] as const)
  detectorSuite(`ensemble, ${combine}`, { spec: ensemble(members, { combine }) }, runner)
// shares of a bounded score: far out all members are equally sure
detectorSuite(
  'ensemble of ranks',
  { spec: ensemble(members, { normalise: 'rank' }), skip: { D2: 'every rank beyond the tail rounds to 1' } },
  runner
)
detectorSuite('ensemble with a window', { spec: ensemble([robustZ(), zScore({ window: { scans: 100 } })]) }, runner)

const normal = normalOperation()
const channels = normal.channels.map((name) => ({ name, unit: '1' }))

function fitted(options: Parameters<typeof ensemble>[1] = {}) {
  const detector = ensemble(members, options).create(channels)
  detector.fit(normal)
  return detector
}

describe('ensemble', () => {
  const alone = members.map((member) => {
    const detector = pValue(member).create(channels)
    detector.fit(normal)
    return detector.score(normal)
  })

  it('is the mean or the largest of the members, each on its scale', () => {
    const [mean, max, rank] = [fitted(), fitted({ combine: 'max' }), fitted({ normalise: 'rank' })].map((detector) =>
      detector.score(normal)
    )
    for (let i = 0; i < normal.length; i += 1) {
      const own = alone.map((scores) => scores[i]!)
      expect(mean![i]).toBeCloseTo((own[0]! + own[1]!) / 2, 12)
      expect(max![i]).toBe(Math.max(...own))
      expect(rank![i]).toBeCloseTo(own.reduce((sum, one) => sum + 1 - 10 ** -one, 0) / 2, 12)
    }
  })

  it('takes the shares of the one that decides with max', () => {
    const detector = fitted({ combine: 'max' })
    const decides = alone[0]![7]! >= alone[1]![7]! ? members[0]! : members[1]!
    const own = pValue(decides).create(channels)
    own.fit(normal)
    const shares = own.explain(normal, 7)
    for (const [c, share] of detector.explain(normal, 7).entries()) expect(share).toBeCloseTo(shares[c]!, 12)
  })

  it('leaves out a member whose channels have no value', () => {
    const apart = ensemble([robustZ({ channels: ['a'] }), robustZ({ channels: ['b'] })])
    expect(apart.channels).toEqual(['a', 'b'])
    const detector = apart.create([
      { name: 'a', unit: '1' },
      { name: 'b', unit: '1' }
    ])
    const wave = (phase: number): number[] => Array.from({ length: 300 }, (_, i) => Math.sin(i + phase))
    detector.fit(samples({ a: wave(0), b: wave(2) }))
    const alone = pValue(robustZ({ channels: ['a'] })).create([{ name: 'a', unit: '1' }])
    alone.fit(samples({ a: wave(0) }))
    const scores = detector.score(samples({ a: [3, Number.NaN], b: [Number.NaN, Number.NaN] }))
    expect(scores[0]).toBeCloseTo(alone.score(samples({ a: [3] }))[0]!, 12)
    expect(scores[1]).toBeNaN()
    const [shareOfA, shareOfB] = detector.explain(samples({ a: [3], b: [Number.NaN] }), 0)
    expect(shareOfA).toBeCloseTo(scores[0]!, 12)
    expect(shareOfB).toBe(0)
  })

  it('refuses what is no ensemble', () => {
    expect(() => ensemble([robustZ()])).toThrow(/members must be at least two, got 1/)
    expect(() => ensemble([robustZ(), {} as never])).toThrow(/members\[1\] must be a detector/)
    expect(() => ensemble(members, { combine: 'median' as never })).toThrow(
      /combine must be 'mean' or 'max', got 'median'/
    )
    expect(() => ensemble(members, { normalise: 'z' as never })).toThrow(/normalise must be 'p-value' or 'rank'/)
  })
})
