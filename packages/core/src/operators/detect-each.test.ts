// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import fc from 'fast-check'
import { of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type Block, Quality } from '../model/index.ts'
import { pValue } from '../model/p-value.ts'
import type { Operator } from '../rx/operator.ts'
import { type DetectOptions, detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { gap, pump } from './fixtures/pump.ts'
import { joined, through } from './fixtures/through.ts'
import { twiceTheTop } from './fixtures/top-score.ts'
import { toEvents } from './to-events.ts'

const learn = { scans: 2 } as const
const each = true

describe('detect each: what it adds', () => {
  it('a score for each channel, or all that one detector adds', () => {
    const [scores] = through(detect(distance(), { each }), [pump([1, 1, 4], 0, [5, 5, 7])])
    expect(scores!.stream.channels.slice(2)).toEqual([
      { name: 'score.a', unit: '1', role: 'score' },
      { name: 'score.b', unit: '1', role: 'score' }
    ])
    expect(joined([scores!])).toEqual({
      a: [1, 1, 4],
      b: [5, 5, 7],
      'score.a': [NaN, NaN, 3],
      'score.b': [NaN, NaN, 2]
    })
    const options = { each, learn, threshold: { raise: 3, clear: 2 }, deviations: true, as: 'odd' } as const
    const operator = detect(distance(['b', 'a']), options)
    const [out] = through(operator, [pump([1, 1, 5, 1, 0], 0, [1, 1, 1, -3, -1])])
    expect(out!.stream.channels.slice(2)).toEqual([
      { name: 'odd.b', unit: '1', role: 'score' },
      { name: 'odd.b.limit', unit: '1', role: 'limit' },
      { name: 'odd.b.flag', unit: '1', role: 'flag' },
      { name: 'odd.b.by.b', unit: '1', role: 'contribution' },
      { name: 'odd.b.lower.b', unit: 'A', role: 'limit' },
      { name: 'odd.b.upper.b', unit: 'A', role: 'limit' },
      { name: 'odd.b.z.b', unit: '1', role: 'score' },
      { name: 'odd.a', unit: '1', role: 'score' },
      { name: 'odd.a.limit', unit: '1', role: 'limit' },
      { name: 'odd.a.flag', unit: '1', role: 'flag' },
      { name: 'odd.a.by.a', unit: '1', role: 'contribution' },
      { name: 'odd.a.lower.a', unit: 'bar', role: 'limit' },
      { name: 'odd.a.upper.a', unit: 'bar', role: 'limit' },
      { name: 'odd.a.z.a', unit: '1', role: 'score' }
    ])
    expect(joined([out!])).toMatchObject({
      'odd.a.flag': [0, 0, 2, 0, 0],
      'odd.b.flag': [0, 0, 0, 2, 2],
      'odd.b.by.b': [NaN, NaN, NaN, 4, 2],
      'odd.a.upper.a': [NaN, NaN, 4, NaN, NaN],
      'odd.a.z.a': [NaN, NaN, 4, 0, -1],
      'odd.b.z.b': [NaN, NaN, 0, -4, -2]
    })
    expect(operator.needs).toEqual(['b', 'a'])
    const named = ['odd.b', 'odd.b.limit', 'odd.b.flag', 'odd.b.by.b', 'odd.b.z.b']
    expect(operator.adds).toEqual([...named, ...named.map((name) => name.replaceAll('b', 'a').replace('.ay', '.by'))])
  })

  it('events of one channel, by name', () => {
    const watched = through(detect(distance(), { each, learn, threshold: { raise: 3 } }), [
      pump([1, 1, 5, 1], 0, [1, 1, 1, 9])
    ])
    const events = through(toEvents({ of: 'score.b' }), watched)
    expect(events.at(-1)).toMatchObject({
      rule: 'score.b',
      start: 300,
      score: 8,
      limit: 3,
      contributions: { b: 8 },
      values: { b: { value: 9, unit: 'A', lower: -2, upper: 4 } }
    })
    expect(events.every(({ rule }) => rule === 'score.b')).toBe(true)
  })

  it('keeps the gap and the quality of its input; what it adds is good', () => {
    const quality = Uint8Array.of(0, 0, 0, Quality.bad)
    const [out] = through(detect(distance(), { each }), [{ ...pump([1, 2], 0, [3, 4]), quality, gap }])
    expect(out!.gap).toBe(gap)
    expect(Array.from(out!.quality!)).toEqual([0, 0, 0, Quality.bad, 0, 0, 0, 0])
  })
})

describe('detect each: one detector a channel', () => {
  const finite = fc.constantFrom(1, 1, 1, 1.1, 0.9, 2, 3, 7)
  const blocks = (value: fc.Arbitrary<number>): fc.Arbitrary<Block[]> =>
    fc
      .array(fc.tuple(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 }), fc.boolean()), {
        minLength: 1,
        maxLength: 4
      })
      .map((parts) => {
        let at = 0
        return parts.map(([rows, hasGap]) => {
          const [a, b] = [0, 1].map((c) => rows.map((row) => row[c]!)) as [number[], number[]]
          const block = pump(a, at, b)
          at += rows.length / 10 + (hasGap ? 2 : 0)
          return hasGap ? { ...block, gap } : block
        })
      })
  const given = fc
    .record(
      {
        learn: fc.constantFrom<DetectOptions['learn']>('always', { scans: 3 }, '700ms'),
        then: fc.constantFrom('freeze', 'adapt'),
        threshold: fc.constantFrom<DetectOptions['threshold']>(
          undefined,
          { raise: 2, clear: 1, warn: 0.5, delay: '300ms' },
          twiceTheTop()
        ),
        minChange: fc.constantFrom<DetectOptions['minChange']>(undefined, 1, { a: 2 }),
        isRebased: fc.boolean()
      },
      { requiredKeys: ['learn', 'threshold'] }
    )
    .map(({ learn, then, threshold, minChange, isRebased = false }): DetectOptions => {
      const isSpan = learn !== 'always'
      const chosen = threshold && 'calibrates' in threshold && !isSpan ? { raise: 2 } : threshold
      const more = chosen === undefined ? {} : { minChange, rebase: isRebased ? ({ scans: 3 } as const) : undefined }
      return { learn, then: isSpan ? then : undefined, threshold: chosen, explain: 'all', deviations: true, ...more }
    })

  /** What operators of one channel each add, by name. */
  const apart = (options: DetectOptions, input: readonly Block[]): Record<string, number[]> =>
    Object.assign(
      {},
      ...(['a', 'b'] as const).map((name) => {
        const { minChange } = options
        const least = typeof minChange === 'object' ? (minChange[name] ?? 0) : minChange
        const alone = detect(distance([name]), { ...options, minChange: least, as: `score.${name}` })
        return joined(through(alone, input))
      })
    )

  it('gives the bits of an operator for each channel', () => {
    fc.assert(
      fc.property(given, blocks(finite), (options, input) => {
        expect(joined(through(detect(distance(), { ...options, each }), input))).toEqual(apart(options, input))
      }),
      { numRuns: 200 }
    )
  })

  it('also where values are missing, when it learns from the first scan on', () => {
    const some = fc.oneof({ weight: 4, arbitrary: finite }, { weight: 1, arbitrary: fc.constant(NaN) })
    fc.assert(
      fc.property(given, blocks(some), (options, input) => {
        const always = { ...options, learn: 'always', then: undefined } as const
        const threshold = options.threshold && { raise: 2 }
        const chosen = { ...always, threshold }
        expect(joined(through(detect(distance(), { ...chosen, each }), input))).toEqual(apart(chosen, input))
      }),
      { numRuns: 100 }
    )
  })

  it('learns the scans in which all channels are good, and from then on misses only its own', () => {
    const spec = distance(['a', 'b'])
    const block = pump([1, 1, 3, 5, 4, NaN], 0, [1, NaN, 2, 2, NaN, 4])
    const out = joined(through(detect(spec, { each, learn: { scans: 3 } }), [block]))
    expect(spec.fits.map(({ channels, values }) => [channels, Array.from(values)])).toEqual([
      [['a'], [1, 3, 5]],
      [['b'], [1, 2, 2]]
    ])
    expect(out['score.a']).toEqual([NaN, NaN, NaN, NaN, 1, NaN])
    expect(out['score.b']!.slice(0, 5)).toEqual([NaN, NaN, NaN, NaN, NaN])
    expect(out['score.b']![5]).toBeCloseTo(4 - 5 / 3, 12)
  })

  it('finds a limit for each', () => {
    const options = { each, learn: { scans: 8 }, threshold: twiceTheTop() } as const
    const a = [1, 2, 1, 2, 1, 2, 1, 2, 1]
    const out = joined(
      through(detect(distance(), options), [
        pump(
          a,
          0,
          a.map((value) => 10 * value)
        )
      ])
    )
    const [one, ten] = [out['score.a.limit']!.at(-1)!, out['score.b.limit']!.at(-1)!]
    expect(one).toBeGreaterThan(0)
    expect(ten).toBeCloseTo(10 * one, 9)
  })

  it('a raised channel stops the learning of no other one', () => {
    const options = { each, learn, then: 'adapt', threshold: { raise: 3 }, deviations: true } as const
    const out = joined(through(detect(distance(), options), [pump([1, 1, 9, 9, 9], 0, [0, 0, 2, 0, 0])]))
    expect(out['score.a.z.a']).toEqual([NaN, NaN, 8, 8, 8])
    expect(out['score.b.z.b']).toEqual([NaN, NaN, 2, -2 / 3, -0.5])
  })

  it('learns anew, and says how far it is', () => {
    const kernel = detect(distance(), { each, learn }).kernel(pump([1]).stream)
    expect(kernel.progress!()).toBe('learning 0 of 2 scans')
    kernel.process(pump([1, 1]))
    expect(kernel.progress!()).toBe('live')
    kernel.relearn!()
    expect(kernel.progress!()).toBe('learning 0 of 2 scans')
    const always = detect(distance(), { each }).kernel(pump([1]).stream)
    always.process(pump([1, 1], 0, [1, NaN]))
    expect(always.progress!()).toBe('score.a live; score.b learning')
  })

  it('puts each on a scale of its own', () => {
    const a = Array.from({ length: 80 }, (_, i) => Math.sin(7 * i))
    const input = [pump(a.concat(9), 0, a.map((value) => 100 * value).concat(900))]
    const options = { learn: { scans: 80 }, deviations: true, each } as const
    const scaled = joined(through(detect(distance(['a', 'b']), { ...options, scale: 'p-value' }), input))
    expect(scaled['score.a']!.at(-1)).toBeCloseTo(scaled['score.b']!.at(-1)!, 6)
    expect(scaled['score.a']!.at(-1)).toBeGreaterThan(2)
    expect(joined(through(detect(pValue(distance(['a', 'b'])), options), input))).toEqual(scaled)
  })
})

describe('detect each: what it refuses', () => {
  it('a detector of several channels that cannot be made for one', () => {
    const rigid = { ...distance(['a', 'b']), only: undefined }
    const message = "detect: each needs a detector for one channel alone; 'distance' has none, make it without channels"
    expect(() => detect(rigid, { each })).toThrow(new RangeError(message))
    const free = { ...distance(), only: undefined }
    expect(joined(through(detect(free, { each, learn }), [pump([1, 1, 2])]))['score.a']).toEqual([NaN, NaN, 1])
  })

  it('unknown names, taken names, and what is not true or false', () => {
    expect(() =>
      through(detect(distance(), { each, threshold: { raise: 1 }, minChange: { c: 1 } }), [pump([1])])
    ).toThrow("detect: minChange names 'c', which the detector does not use; it uses: a, b")
    const operator = detect(distance(), { each })
    expect(() => through(operator, through(operator, [pump([1])]))).toThrow(
      "detect: stream 'pump-1' already has a channel 'score.a'; choose another name with 'as'"
    )
    expect(() => detect(distance(), { each: 'yes' as never })).toThrow(
      new TypeError('detect: each must be true or false, got yes')
    )
  })

  it('the state of another number of channels, and that of one detector for all', () => {
    const { stream } = pump([1])
    const state = detect(distance(), { each }).kernel(stream).snapshot!()
    const message = 'Cannot restore detect: it is of channels score.a, score.b, here are '
    expect(() => detect(distance(['a']), { each }).kernel(stream).restore!(state)).toThrow(`${message}score.a`)
    expect(() => detect(distance()).kernel(stream).restore!(state)).toThrow(`${message}a, b`)
    expect(detect(distance(), { each }).settings).not.toEqual(detect(distance()).settings)
  })
})

/** Checked by the compiler; what it must refuse stands behind `@ts-expect-error`. */
export function types(): unknown[] {
  const spec = distance(['a', 'b'])
  const threshold = { raise: 3 }
  const all = detect(spec, { threshold })
  const together: Operator<
    'a' | 'b',
    'score' | 'score.limit' | 'score.flag' | 'score.version' | `score.${'by' | 'lower' | 'upper' | 'z'}.${'a' | 'b'}`
  > = all
  const apart = detect(spec, { threshold, each: true })
  const own: Operator<
    'a' | 'b',
    `score.${'a' | 'b'}${'' | '.limit' | '.flag' | '.version'}` | `score.a.${string}.a` | `score.b.${string}.b`
  > = apart
  const source = of(pump([1]))
  return [
    together,
    own,
    () => source.pipe(detect(spec, { threshold, each: true, deviations: true }), toEvents({ of: 'score.a' })),
    () => source.pipe(detect(spec, { threshold, deviations: true }), toEvents()),
    // @ts-expect-error -- each channel has a score of its own
    () => source.pipe(detect(spec, { threshold, each: true }), toEvents()),
    // @ts-expect-error -- no channel c
    () => source.pipe(detect(spec, { threshold, each: true }), toEvents({ of: 'score.c' })),
    // @ts-expect-error -- one score for all
    () => source.pipe(detect(spec, { threshold }), toEvents({ of: 'score.a' }))
  ]
}
