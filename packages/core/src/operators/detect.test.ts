// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import { describe, expect, it } from 'vitest'
import { type Block, column, Quality } from '../model/index.ts'
import { detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { pump } from './fixtures/pump.ts'
import { joined, through } from './fixtures/through.ts'

describe('detect: what it adds', () => {
  it('adds a score alone without a threshold', () => {
    const [out] = through(detect(distance()), [pump([1, 1, 1, 4], 0, [1, 1, 1, 2])])
    expect(out!.stream.channels.slice(2)).toEqual([{ name: 'score', unit: '1', role: 'score' }])
    expect(column(out!, 'score')).toEqual(Float64Array.of(NaN, NaN, 0, 4))
    expect(column(out!, 'a')).toEqual(Float64Array.of(1, 1, 1, 4))
  })

  it('adds limit, flag, shares and bands with a threshold, filled where raised', () => {
    const options = { learn: { scans: 2 }, threshold: { raise: 3, clear: 2, warn: 1 } } as const
    const [out] = through(detect(distance(), options), [
      pump([1, 1, 1, 2, 4, 3, 1, NaN], 0, [0, 0, 0, 0.5, 1, 0, 0, 0])
    ])
    expect(out!.stream.channels.slice(2)).toEqual([
      { name: 'score', unit: '1', role: 'score' },
      { name: 'score.limit', unit: '1', role: 'limit' },
      { name: 'score.flag', unit: '1', role: 'flag' },
      { name: 'score.by.a', unit: '1', role: 'contribution' },
      { name: 'score.by.b', unit: '1', role: 'contribution' },
      { name: 'score.lower.a', unit: 'bar', role: 'limit' },
      { name: 'score.lower.b', unit: 'A', role: 'limit' },
      { name: 'score.upper.a', unit: 'bar', role: 'limit' },
      { name: 'score.upper.b', unit: 'A', role: 'limit' }
    ])
    expect(joined([out!])).toMatchObject({
      score: [NaN, NaN, 0, 1.5, 4, 2, 0, NaN],
      'score.limit': [3, 3, 3, 3, 3, 3, 3, 3],
      'score.flag': [0, 0, 0, 1, 2, 2, 0, 0],
      'score.by.a': [NaN, NaN, NaN, 1, 3, 2, NaN, NaN],
      'score.by.b': [NaN, NaN, NaN, 0.5, 1, 0, NaN, NaN],
      'score.lower.a': [NaN, NaN, NaN, -2, -2, -2, NaN, NaN],
      'score.upper.a': [NaN, NaN, NaN, 4, 4, 4, NaN, NaN],
      'score.upper.b': [NaN, NaN, NaN, 3, 3, 3, NaN, NaN]
    })
  })

  it('explains all, or never', () => {
    const all = detect(distance(['a']), { learn: { scans: 2 }, explain: 'all' })
    expect(joined(through(all, [pump([1, 1, 2, NaN, 3])]))).toMatchObject({ 'score.by.a': [NaN, NaN, 1, NaN, 2] })
    const never = detect(distance(['a']), { threshold: { raise: 3 }, explain: 'never' })
    const [out] = through(never, [pump([1, 1, 5])])
    expect(out!.stream.channels.map(({ name }) => name)).toEqual(['a', 'b', 'score', 'score.limit', 'score.flag'])
    const live = detect(distance(['a']), { explain: 'all', threshold: { raise: 3 } })
    expect(joined(through(live, [pump([1, 1, 2, 9])]))).toMatchObject({
      'score.by.a': [NaN, NaN, 1, 9 - 4 / 3],
      'score.lower.a': [NaN, NaN, -2, 4 / 3 - 3]
    })
  })

  it('has no bands where the detector knows none', () => {
    const [out] = through(detect(distance(['a'], false), { threshold: { raise: 3 } }), [pump([1, 1, 5])])
    expect(out!.stream.channels.at(-1)!.name).toBe('score.by.a')
  })

  it('names its channels by as, for two detectors on one stream', () => {
    const first = detect(distance(['a']), { threshold: { raise: 3 } })
    const second = detect(distance(['b', 'a']), { as: 'z', threshold: { raise: 4 } })
    const [out] = through(second, through(first, [pump([1, 1, 5])]))
    expect(joined([out!])).toMatchObject({ 'score.flag': [0, 0, 2], 'z.flag': [0, 0, 2], 'z.by.b': [NaN, NaN, 0] })
    expect(second.adds).toEqual(['z', 'z.limit', 'z.flag', 'z.by.b', 'z.by.a'])
    expect(() => through(first, through(first, [pump([1])]))).toThrow(
      "detect: stream 'pump-1' already has a channel 'score'; choose another name with 'as'"
    )
  })

  it('uses measured channels, in any place and order', () => {
    const labelled = through(detect(distance(['a'])), [pump([1, 1, 3], 0, [5, 5, 6])])
    expect(joined(through(detect(distance(), { as: 'all' }), labelled)).all).toEqual([NaN, NaN, 3])
    const turned = detect(distance(['b', 'a']), { learn: { scans: 2 }, explain: 'all' })
    expect(joined(through(turned, labelled.map(renamed)))).toMatchObject({ 'score.by.b': [NaN, NaN, 1] })
  })

  it('keeps quality; what it adds is good, and NaN where there is no answer', () => {
    const quality = Uint8Array.of(0, 0, 0, 0, Quality.bad, 0, 0, 0)
    const options = { learn: { scans: 2 }, threshold: { raise: 3 } } as const
    const [out] = through(detect(distance(['a'], false), options), [{ ...pump([1, 1, 2, 5]), quality }])
    const added = Array.from({ length: 16 }, () => Quality.good)
    expect(Array.from(out!.quality!)).toEqual([0, 0, 0, 0, Quality.bad, 0, 0, 0, ...added])
    expect(through(detect(distance()), [pump([1])])[0]!.quality).toBeUndefined()
  })
})

/** Without the channels of an earlier detector. */
function renamed(block: Block): Block {
  return pump(Array.from(column(block, 'a')), 0, Array.from(column(block, 'b')))
}

describe('detect: wrong options', () => {
  it.each<[Record<string, unknown>, string]>([
    [
      { learn: '1m' },
      "detect: learn must be 'always' or 'never', or it must be a span such as '250ms', '5min' or { scans: 256 }, got '1m'"
    ],
    [{ then: 'adapt' }, "detect: then needs learn to be a span such as '30s', got learn 'always' and then 'adapt'"],
    [{ learn: '1s', then: 'stop' }, "detect: then must be 'freeze' or 'adapt', got stop"],
    [{ explain: 'some' }, "detect: explain must be 'raised' or 'all' or 'never', got some"],
    [{ explain: 'raised' }, "detect: explain 'raised' needs a threshold, got none; 'all' explains every scan"],
    [{ threshold: { raise: NaN } }, 'detect: threshold.raise must be a finite number, got NaN'],
    [
      { threshold: { raise: 4, clear: 6 } },
      'detect: threshold.clear must not be above raise (4), as a higher score is more anomalous, got 6'
    ],
    [{ threshold: { raise: 4, warn: 5 } }, 'detect: threshold.warn must be below raise (4), got 5'],
    [{ onGap: 'stop' }, "detect: onGap must be 'reset' or 'hold', got stop"],
    [{ maxGap: 5 }, "detect: maxGap must be a span such as '250ms', '5min' or { scans: 256 }, got 5"]
  ])('%o', (options, message) => {
    expect(() => detect(distance(), options)).toThrow(new RangeError(message))
  })

  it('refuses what is no detector, no threshold, no name', () => {
    expect(() => detect(undefined as never)).toThrow(
      new TypeError('detect: needs a detector such as robustZ(), got undefined')
    )
    expect(() => detect(distance(), { threshold: 6 as never })).toThrow(
      new TypeError('detect: threshold must be limits such as { raise: 6, clear: 4 }, got 6')
    )
    expect(() => detect(distance([]))).toThrow(
      new RangeError("detect: the detector's channels must name at least one, got []")
    )
    expect(() => detect(distance(), { as: '' })).toThrow(new TypeError('detect: as must be a non-empty string, got '))
    expect(() => through(detect(distance(['c'])) as never, [pump([1])])).toThrow(
      "Stream 'pump-1' has no channel 'c'; it has: a, b"
    )
  })
})
