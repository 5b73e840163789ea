import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { speLimit, t2Limit } from './limits.ts'
import { naiveMahalanobis, naiveSpeOfOne } from './naive.ts'
import { spe } from './spe.ts'
import { t2 } from './t2.ts'

detectorSuite('t2', { spec: t2() }, { describe, it })
const alongThem = 'one channel at fault moves all that load on the same components'
detectorSuite(
  't2 of some components',
  { spec: t2({ components: { variance: 0.8 } }), skip: { D19: alongThem } },
  { describe, it }
)
detectorSuite('spe', { spec: spe() }, { describe, it })
detectorSuite('spe beside one component', { spec: spe({ components: 1 }) }, { describe, it })

const named = (names: readonly string[]) => names.map((name) => ({ name, unit: 'V' }))
const ab = named(['a', 'b'])
const learned = <D extends { fit(of: ReturnType<typeof samples>): void }>(
  detector: D,
  of: ReturnType<typeof samples>
): D => {
  detector.fit(of)
  return detector
}
const ofRows = (rows: readonly (readonly number[])[]) =>
  samples(Object.fromEntries(['a', 'b', 'c'].map((name, c) => [name, rows.map((row) => row[c]!)])))

function expectClose(actual: ArrayLike<number>, expected: readonly number[], relative: number): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => {
    expect(Math.abs(actual[i]! - x) / Math.abs(x), `value ${i}: ${actual[i]} for ${x}`).toBeLessThan(relative)
  })
}

describe('t2 and spe', () => {
  const channels = named(Object.keys(reference.train))
  const test = samples(reference.test)
  const fitted = (spec: ReturnType<typeof t2>) => learned(spec.create(channels), samples(reference.train))

  it('equal scikit-learn', () => {
    expectClose(fitted(t2()).score(test), reference.mahalanobis, 1e-10)
    expectClose(fitted(t2({ components: 2 })).score(test), reference.t2, 1e-10)
    expectClose(fitted(spe({ components: 2 })).score(test), reference.spe, 1e-10)
    expectClose(fitted(spe({ components: { variance: 0.9 } })).score(test), reference.speOf90, 1e-10)
    expect(fitted(spe({ components: { variance: 0.9 } })).snapshot().state).toMatchObject({
      from: reference.componentsOf90
    })
  })

  it('have the limits of Hotelling and of Jackson and Mudholkar', () => {
    const [inside, off] = [fitted(t2({ components: 2 })), fitted(spe({ components: 2 }))]
    expectClose(
      reference.shares.map((share) => t2Limit(inside, share)),
      reference.t2Limits,
      1e-9
    )
    expectClose(
      reference.shares.map((share) => speLimit(off, share)),
      reference.speLimits,
      1e-8
    )
  })

  const value = fc.double({ min: -100, max: 100, noNaN: true })
  const scattered = fc.array(fc.tuple(value, value, value), { minLength: 8, maxLength: 30 })

  it('equal the naive versions', () => {
    fc.assert(
      fc.property(scattered, fc.tuple(value, value, value), (rows, row) => {
        // A little of each channel alone, so that none is flat nor tied to the others.
        const shaken = rows.map((r, i) => r.map((x, c) => x + 30 * Math.sin((i + 1) * (c + 1))))
        const distance = learned(t2().create(named(['a', 'b', 'c'])), ofRows(shaken)).score(ofRows([row]))
        expectClose(distance, [naiveMahalanobis(shaken, row)], 1e-7)
      }),
      { numRuns: 100 }
    )
    const { values, length } = normalOperation({ scans: 60 })
    const rows = Array.from({ length }, (_, i) => [0, 1, 2].map((c) => values[c * length + i]!))
    const off = learned(spe({ components: 1 }).create(named(['a', 'b', 'c'])), ofRows(rows))
    expectClose(off.score(ofRows([[12, 19, 35]])), [naiveSpeOfOne(rows, [12, 19, 35])], 1e-9)
  })

  it('find one scan after the other the components that fit finds at once, at the same number of scans', () => {
    for (const spec of [t2(), spe({ components: 2 })]) {
      const [whole, single] = [spec.create(channels), spec.create(channels)]
      whole.fit(samples(reference.train))
      single.update(samples(reference.train))
      // 120 scans: the components are those of 120, as 115 + 115 / 32 rounds to less.
      const { scans } = single.snapshot().state as { scans: number }
      expect(scans).toBeGreaterThan(115)
      expectClose(single.score(test), [...whole.score(test)], 0.2)
      single.fit(samples(reference.train))
      expect(single.snapshot()).toEqual(whole.snapshot())
    }
  })

  it('spe leaves to its components what more than chance ties together', () => {
    const kept = (of: ReturnType<typeof samples>) => {
      const names = named(of.channels)
      return (learned(spe().create(names), of).snapshot().state as { from: number }).from
    }
    expect(kept(normalOperation())).toBe(1)
    const alone = [1, 2, 3, 4].map((seed) => [`f${seed}`, normalOperation({ seed }).values.slice(0, 500)] as const)
    expect(kept(samples(Object.fromEntries(alone)))).toBe(0)
  })

  it('see a fault that no channel shows alone', () => {
    const normal = samples({ a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1.1, 2, 2.9, 4, 5.1, 6, 6.9, 8] })
    const [inBand, apart] = learned(t2().create(ab), normal).score(samples({ a: [8, 2], b: [8, 7] }))
    expect(apart).toBeGreaterThan(100 * inBand!)
  })

  it('score what was learned as constant: 0 on it, huge and finite off it', () => {
    for (const constant of [5, 0, -1e9, 1e-9]) {
      const flat = samples({ a: Array(10).fill(constant), b: Array(10).fill(constant) })
      const off = samples({ a: [constant, constant + 1, 1.7e308], b: [constant, constant, -1.7e308] })
      for (const detector of [t2().create(ab), spe().create(ab)]) {
        detector.fit(flat)
        const [on, moved, far] = detector.score(off)
        expect(on).toBe(0)
        expect(moved).toBeGreaterThan(100)
        expect(far).toBe(Number.MAX_VALUE)
        const shares = detector.explain(off, 1)
        expect(shares).toEqual(Float64Array.of(moved!, 0))
        expect(detector.explain(off, 2).every((share) => share > 0 && share < Number.POSITIVE_INFINITY)).toBe(true)
      }
    }
  })

  it('score a flat channel beside moving ones by its own movement', () => {
    const b = [1, 2, 3, 4, 5, 6]
    const normal = samples({ a: [7, 7, 7, 7, 7, 7], b })
    const one = learned(t2().create(named(['b'])), samples({ b }))
    for (const make of [t2, spe]) {
      const detector = learned(make({ minDeviation: { a: 0 } }).create(ab), normal)
      expect(detector.score(samples({ a: [7.5], b: [3] }))[0]).toBeGreaterThan(1e20)
    }
    const stepped = learned(t2({ minDeviation: { a: 0.25 } }).create(ab), normal)
    const expected = one.score(samples({ b: [6] }))[0]!
    expectClose(stepped.score(samples({ a: [7, 7.5], b: [6, 6] })), [expected, expected + 4], 1e-12)
  })

  it('take the resolution of a channel for the least deviation', () => {
    const detector = t2().create([{ name: 'a', unit: 'V', resolution: 0.5 }])
    detector.fit(samples({ a: [3, 3, 3, 3] }))
    expect(detector.score(samples({ a: [4] }))).toEqual(Float64Array.of(4))
  })

  it('leave a broken tie of copies to spe', () => {
    const a = [1, 4, 2, 8, 5, 7]
    const copies = samples({ a, b: a })
    const broken = samples({ a: [4], b: [5] })
    expect(learned(t2().create(ab), copies).score(broken)[0]).toBeLessThan(1)
    expect(learned(spe({ components: 1 }).create(ab), copies).score(broken)[0]).toBeGreaterThan(0.01)
    expect(learned(spe({ components: 1 }).create(ab), copies).score(samples({ a: [6], b: [6] }))[0]).toBeLessThan(1e-20)
  })

  it('keep at most half as many components as scans, so that fewer scans than channels can be learned', () => {
    const { values, length } = normalOperation({ scans: 7 })
    const wide = { channels: ['a', 'b', 'c', 'd'], length, values, seconds: 1 }
    const detector = learned(t2().create(named(wide.channels)), wide)
    expect(detector.snapshot().state).toMatchObject({ scans: 7, to: 3 })
    expect(Math.max(...detector.score(wide))).toBeLessThan(7)
  })

  it('give the same bits for one scan, a few and many, broken ones between them', () => {
    const many = normalOperation({ scans: 103 })
    many.values[7] = Number.NaN
    many.values[103 + 50] = Number.POSITIVE_INFINITY
    many.values[206 + 102] = Number.NEGATIVE_INFINITY
    for (const spec of [t2(), t2({ components: 2 }), spe()]) {
      const detector = learned(spec.create(named(many.channels)), normalOperation())
      const scores = detector.score(many)
      for (let i = 0; i < many.length; i += 1) {
        const scan = Object.fromEntries(many.channels.map((name, c) => [name, [many.values[c * many.length + i]!]]))
        expect(detector.score(samples(scan))[0]).toBe(scores[i])
      }
      expect([...scores.keys()].filter((i) => Number.isNaN(scores[i]))).toEqual([7, 50, 102])
    }
  })

  it('share T² by the symmetric root: in full to a channel that is tied to no other', () => {
    const normal = samples({ a: [1, -1, 1, -1], b: [1, 1, -1, -1] })
    const odd = samples({ a: [2], b: [0] })
    const detector = learned(t2().create(ab), normal)
    expectClose(detector.explain(odd, 0).subarray(0, 1), [...detector.score(odd)], 1e-12)
  })

  it('are ready after three scans', () => {
    const detector = t2().create(ab)
    detector.update(samples({ a: [1, 2], b: [5, 7] }))
    expect(detector.ready).toBe(false)
    expect(t2Limit(detector, 0.01)).toBeNaN()
    detector.update(samples({ a: [4], b: [5] }))
    expect(detector.ready).toBe(true)
  })

  it('refuse options that are out of range', () => {
    expect(() => t2({ components: 0 })).toThrow(new RangeError('t2: components must be a whole number from 1, got 0'))
    expect(() => t2({ components: { variance: 1.5 } })).toThrow(/share of the variance above 0 and up to 1, got 1.5/)
    expect(() => t2({ components: '3' as never })).toThrow(TypeError)
    expect(() => t2({ components: 3 }).create(ab)).toThrow(
      't2: components must be at most the number of channels (2), got 3'
    )
    expect(() => spe({ components: 2 }).create(ab)).toThrow(
      'spe: components must be fewer than the channels (2), got 2'
    )
    expect(() => spe({ components: 'all' as never })).toThrow(
      `spe: components must be 'auto', a number or { variance: 0.9 }, got "all"`
    )
    expect(() => spe().create(named(['a']))).toThrow('spe: channels must be at least 2, got 1')
    expect(() => t2Limit(fitted(t2()), 0)).toThrow('t2Limit: share must be above 0 and below 1, got 0')
    expect(() => t2Limit(fitted(spe()), 0.1)).toThrow(/the snapshot is of 'spe'/)
  })

  it('refuse a snapshot of other components', () => {
    const snapshot = fitted(t2({ components: 2 })).snapshot()
    expect(() => t2().restore(snapshot)).toThrow(/learned with components 2, this one has all/)
    const { state } = structuredClone(snapshot)
    expect(() => t2({ components: 2 }).restore({ ...snapshot, state: { ...(state as object), height: 9 } })).toThrow(
      /its form does not fit its channels/
    )
  })
})
