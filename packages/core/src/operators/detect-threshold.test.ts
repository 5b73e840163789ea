// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import { describe, expect, it } from 'vitest'
import type { Block } from '../model/index.ts'
import { type DetectOptions, detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { pump, uneven } from './fixtures/pump.ts'
import { cutUp, joined, through } from './fixtures/through.ts'
import { twiceTheTop } from './fixtures/top-score.ts'

const flags = (options: DetectOptions, blocks: readonly Block[]) =>
  joined(through(detect(distance(['a']), options), blocks))['score.flag']

describe('detect: a threshold that calibrates itself', () => {
  const eight = [1, 1, 3, 3, 1, 1, 5, 5]

  it('gets scores of what was learned by detectors that had not learned it', () => {
    const given: { scores: Float64Array; seconds: Float64Array }[] = []
    const spec = distance(['a'])
    const operator = detect(spec, { learn: { scans: 8 }, threshold: twiceTheTop(given) })
    const out = joined(through(operator, [pump([...eight, 2, 12])]))
    // The means of the other six: (3+3+1+1+5+5)/6 = 3, 14/6, 3, 10/6.
    expect(given.map(({ scores }) => Array.from(scores))).toEqual([
      [2, 2, 3 - 14 / 6, 3 - 14 / 6, 2, 2, 5 - 10 / 6, 5 - 10 / 6]
    ])
    expect(given[0]!.seconds).toEqual(
      Float64Array.of(0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001)
    )
    expect(spec.fits.at(-1)!.length).toBe(8)
    const limit = 2 * (5 - 10 / 6)
    expect(out['score.limit']).toEqual(
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, limit, limit, limit].map((x, i) => (i < 8 ? NaN : x))
    )
    expect(out['score.flag']).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 2])
  })

  it('gets scores as it will live, where the detector goes on learning', () => {
    const given: { scores: Float64Array; seconds: Float64Array }[] = []
    const options = { learn: { scans: 8 }, then: 'adapt', threshold: twiceTheTop(given) } as const
    const out = joined(through(detect(distance(['a']), options), [pump([...eight, 2.5])]))
    expect(Array.from(given[0]!.scores)).toEqual([NaN, NaN, 2, 3 - 5 / 3, 1, 9 / 5 - 1, 5 - 10 / 6, 5 - 15 / 7])
    expect(out.score!.at(-1)).toBe(0)
  })

  it('says what it promises', () => {
    const kernel = detect(distance(['a']), { learn: { scans: 8 }, threshold: twiceTheTop() }).kernel(pump([1]).stream)
    kernel.process(pump(eight.slice(0, 7)))
    expect(kernel.progress?.()).toBe('learning 7 of 8 scans')
    kernel.process(pump([5], 0.7))
    expect(kernel.progress?.()).toBe('live, twice the top')
  })

  it('calibrates again when it learns again', () => {
    const given: { scores: Float64Array; seconds: Float64Array }[] = []
    const kernel = detect(distance(['a']), { learn: { scans: 8 }, threshold: twiceTheTop(given) }).kernel(
      pump([1]).stream
    )
    kernel.process(pump(eight))
    kernel.relearn?.()
    kernel.process(
      pump(
        eight.map((x) => 10 * x),
        0.8
      )
    )
    expect(given.length).toBe(2)
    expect(given[1]!.scores[0]).toBe(20)
  })

  it.each<[object, string]>([
    [{}, "detect: threshold 'top' needs learn to be a span such as '30s', got learn 'always'"],
    [{ learn: 'never' }, "detect: threshold 'top' needs learn to be a span such as '30s', got learn 'never'"]
  ])('needs a span to learn from: %o', (options, message) => {
    expect(() => detect(distance(), { ...options, threshold: twiceTheTop() })).toThrow(new RangeError(message))
  })
})

describe('detect: minChange', () => {
  const learn = { scans: 4 } as const
  const threshold = { raise: 1 }

  it('counts a score as 0 where nothing has moved enough', () => {
    const values = [pump([0, 0, 0, 0, 1.5, 2, 1.9, -2])]
    expect(flags({ learn, threshold }, values)).toEqual([0, 0, 0, 0, 2, 2, 2, 2])
    expect(flags({ learn, threshold, minChange: 2 }, values)).toEqual([0, 0, 0, 0, 0, 2, 0, 2])
    expect(joined(through(detect(distance(['a']), { learn, threshold, minChange: 2 }), values)).score!.at(-2)).toBe(1.9)
  })

  it('takes the median of what was learned where there is no band', () => {
    const spec = distance(['a'], false)
    const out = joined(through(detect(spec, { learn, threshold, minChange: 2 }), [pump([0, 0, 0, 8, 3, 1.5, 0])]))
    // The mean is 2, the median 0.
    expect(out['score.flag']).toEqual([0, 0, 0, 0, 2, 0, 0])
  })

  it('looks at the channels that have at least an even share', () => {
    const a = [0, 0, 0, 0, 1, 1, 0.2]
    const b = [0, 0, 0, 0, 0.1, 3, 3]
    const operator = detect(distance(), { learn, threshold, minChange: { a: 2 } })
    // b, free of a least change, has a small share, an even one, all of it.
    expect(joined(through(operator, [pump(a, 0, b)]))['score.flag']).toEqual([0, 0, 0, 0, 0, 2, 2])
  })

  it('follows a detector that goes on learning', () => {
    const slow = Array.from({ length: 40 }, (_, i) => i / 20)
    const options = { learn: { scans: 2 }, then: 'adapt', threshold: { raise: 5 }, minChange: 6 } as const
    expect(flags(options, [pump([...slow, 6.5, 7.5])])!.slice(-2)).toEqual([0, 2])
  })

  it.each<[object, string]>([
    [{ minChange: -1 }, 'detect: minChange must be a finite number from 0, in the unit of the signal, got -1'],
    [
      { minChange: { a: NaN } },
      "detect: minChange of 'a' must be a finite number from 0, in the unit of the signal, got NaN"
    ],
    [{ minChange: 1, threshold: undefined }, 'detect: minChange needs a threshold, got none']
  ])('refuses %o', (options, message) => {
    expect(() => detect(distance(), { learn, threshold, ...options })).toThrow(new RangeError(message))
  })

  it('refuses what it cannot know', () => {
    const noBand = detect(distance(['a'], false), { threshold, minChange: 1 })
    expect(() => through(noBand, [pump([1])])).toThrow(
      "detect: minChange needs a detector that knows a normal band, or learn to be a span such as '30s'; 'distance' knows none, and learn is 'always'"
    )
    expect(() => through(detect(distance(['a']), { threshold, minChange: { b: 1 } }), [pump([1])])).toThrow(
      "detect: minChange names 'b', which the detector does not use; it uses: a"
    )
  })
})

describe('detect: rebase', () => {
  const level = (value: number, length: number) => Array.from({ length }, (_, i) => value + 0.01 * (i % 2))
  const data = [...level(0, 10), ...level(9, 12), ...level(0, 4)]

  for (const then of ['freeze', 'adapt'] as const) {
    it(`is locked out without it, and learns the new level with it (${then})`, () => {
      const options = { learn: { scans: 10 }, then, threshold: { raise: 3 } } as const
      const raised = (count: number) => Array.from({ length: count }, () => 2)
      const calm = (count: number) => raised(count).fill(0)
      expect(flags(options, [pump(data)])).toEqual([...calm(10), ...raised(12), ...calm(4)])
      for (const span of [{ scans: 8 }, '800ms'] as const) {
        const spec = distance(['a'])
        const operator = detect(spec, { ...options, rebase: span })
        const whole = joined(through(operator, [pump(data)]))
        expect(whole['score.flag']).toEqual([...calm(10), ...raised(8), ...calm(4), ...raised(4)])
        expect(spec.fits.map(({ values }) => Math.round(values[0]!))).toEqual([0, 9])
        expect(joined(through(operator, cutUp([pump(data)], [1])))).toEqual(whole)
      }
    })
  }

  it('waits while the level still moves', () => {
    const ramp = Array.from({ length: 16 }, (_, i) => 9 + i)
    const options = { learn: { scans: 10 }, threshold: { raise: 3 }, rebase: { scans: 8 } } as const
    const out = flags(options, [pump([...level(0, 10), ...ramp, ...level(25, 10)])])!
    expect(out.slice(10, 34).every((flag) => flag === 2)).toBe(true)
    expect(out.at(-1)).toBe(0)
  })

  it('begins anew with each event, and counts good scans only', () => {
    const options = { learn: { scans: 4 }, threshold: { raise: 3 }, rebase: { scans: 4 } } as const
    const out = flags(options, [pump([0, 0, 0, 0, 9, 9, 9, 0, 9, 9, NaN, 9, 9, 9])])
    expect(out).toEqual([0, 0, 0, 0, 2, 2, 2, 0, 2, 2, 2, 2, 2, 0])
  })

  it('keeps the limit of a threshold that has calibrated itself', () => {
    const given: { scores: Float64Array; seconds: Float64Array }[] = []
    const options = { learn: { scans: 10 }, threshold: twiceTheTop(given), rebase: { scans: 8 } } as const
    const out = joined(through(detect(distance(['a']), options), [pump(data)]))
    expect(given.length).toBe(1)
    expect(new Set(out['score.limit']!.slice(10)).size).toBe(1)
    expect(out['score.flag']!.slice(18, 22)).toEqual([0, 0, 0, 0])
  })

  it.each<[object, string]>([
    [{ rebase: 5 }, "detect: rebase must be a span such as '250ms', '5min' or { scans: 256 }, got 5"],
    [{ rebase: '1h', threshold: undefined }, 'detect: rebase needs a threshold, got none'],
    [{ rebase: '1h', learn: 'never' }, "detect: rebase needs a detector that may learn, got learn 'never'"]
  ])('refuses %o', (options, message) => {
    expect(() => detect(distance(), { threshold: { raise: 3 }, ...options } as never)).toThrow(new RangeError(message))
  })

  it('says so where the span is too short to learn from', () => {
    const operator = detect(distance(['a']), { learn: { scans: 4 }, threshold: { raise: 3 }, rebase: { scans: 1 } })
    expect(() => through(operator, [uneven([0, 0, 0, 0, 9], [1, 2, 3, 4, 5])])).toThrow(
      "detect: rebase must be longer: 'distance' is not ready after 1 good scans"
    )
  })
})

describe('detect: scale', () => {
  it('puts scores on the scale of p-values, with shares that sum to them', () => {
    const values = Array.from({ length: 400 }, (_, i) => Math.sin(i * i))
    const odd = [0, 1, 4, 40]
    const operator = detect(distance(), { learn: { scans: 400 }, scale: 'p-value', explain: 'all' })
    const [out] = through(operator, [pump([...values, ...odd], 0, [...values, ...odd])])
    const columns = joined([out!])
    const [usual, high, far, farther] = columns.score!.slice(-4)
    expect(usual).toBeLessThan(0.2)
    expect(high).toBeGreaterThan(usual!)
    expect(far).toBeGreaterThan(3)
    expect(farther).toBeGreaterThan(far!)
    expect(columns['score.by.a']!.at(-1)! + columns['score.by.b']!.at(-1)!).toBeCloseTo(farther!, 9)
  })

  it.each<[object, string]>([
    [{ scale: 'log' }, "detect: scale must be 'raw' or 'p-value', got log"],
    [{ scale: 'p-value' }, "detect: scale 'p-value' needs learn to be a span such as '30s', got learn 'always'"]
  ])('refuses %o', (options, message) => {
    expect(() => detect(distance(), options as never)).toThrow(new RangeError(message))
  })
})
