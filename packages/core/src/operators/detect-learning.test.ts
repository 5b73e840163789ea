// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import { describe, expect, it } from 'vitest'
import { type Block, blockOf, column } from '../model/index.ts'
import { type DetectOptions, detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { gap, pump, uneven } from './fixtures/pump.ts'
import { joined, through } from './fixtures/through.ts'

const scoresOf = (blocks: readonly Block[], options: DetectOptions): number[] =>
  joined(through(detect(distance(['a']), options), blocks)).score!

describe('detect: learning', () => {
  it('collects good scans and fits at the scan that fills the span', () => {
    const spec = distance(['a'])
    const out = through(detect(spec, { learn: '300ms' }), [pump([1, NaN, 3, 5, 6, 7])])
    expect(joined(out).score).toEqual([NaN, NaN, NaN, NaN, 3, 4])
    expect(spec.fits).toEqual([
      { channels: ['a'], length: 3, values: Float64Array.of(1, 3, 5), seconds: Float64Array.of(0, 0.2, 0.3) }
    ])
  })

  it('gives the period where nothing is missing', () => {
    const spec = distance(['b', 'a'])
    through(detect(spec, { learn: { scans: 2 } }), [pump([NaN, 1, 3, 5], 0, [0, 8, 9, 0])])
    expect(spec.fits).toEqual([{ channels: ['b', 'a'], length: 2, values: Float64Array.of(8, 9, 1, 3), seconds: 0.1 }])
  })

  it('does not count a gap, and does not forget at it', () => {
    const blocks = [pump([1, 1]), { ...pump([1, 1], 60), gap }]
    expect(scoresOf(blocks, { learn: '300ms' })).toEqual([NaN, NaN, NaN, 0])
    const late = [uneven([1, 1], [0, 100]), { ...uneven([1, 1, 1, 1], [9000, 9100, 9200, 9300]), gap }]
    expect(scoresOf(late, { learn: '300ms' })).toEqual([NaN, NaN, NaN, NaN, NaN, 0])
  })

  it('counts the time between good scans where they come at irregular times', () => {
    expect(scoresOf([uneven([1, 1, NaN, 1, 4], [0, 50, 100, 300, 301])], { learn: '300ms' })).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
      3
    ])
  })

  it('fills a span of a period that is no whole number of ns exactly', () => {
    for (const rate of [29, 201, 3000]) {
      const a = new Float64Array(rate * 3 + 1).fill(1)
      const block = blockOf({ stream: 's', channels: { a: 'V' }, rate }, { a })
      const score = joined(through(detect(distance(['a']), { learn: '3s' }), [block])).score!
      expect(score.indexOf(0)).toBe(3 * rate)
    }
  })

  it('freezes by default, or goes on learning without what is not normal', () => {
    const values = [1, 1, 4, 1, 1]
    const learn = { scans: 2 }
    const threshold = { raise: 3 }
    expect(scoresOf([pump(values)], { learn })).toEqual([NaN, NaN, 3, 0, 0])
    expect(scoresOf([pump(values)], { learn, then: 'adapt' })).toEqual([NaN, NaN, 3, 1, 0.75])
    expect(scoresOf([pump(values)], { learn, then: 'adapt', threshold })).toEqual([NaN, NaN, 3, 0, 0])
    expect(scoresOf([pump(values)], { threshold })).toEqual([NaN, NaN, 3, 0, 0])
  })

  it('does not learn warnings, the way back to normal, nor what the delay has not raised yet', () => {
    const scores = (threshold: DetectOptions['threshold']) => scoresOf([pump([0, 0, 6, 3, 0])], { threshold })
    expect(scores({ raise: 9, warn: 5 })).toEqual([NaN, NaN, 6, 3, 1])
    expect(scores({ raise: 6, clear: 2 })).toEqual([NaN, NaN, 6, 3, 0])
    expect(scores({ raise: 6, delay: '1h' })).toEqual([NaN, NaN, 6, 3, 1])
  })

  it('learns no scan with a missing value, before and after it is ready', () => {
    expect(scoresOf([pump([NaN, 1, NaN, 1, NaN, 3])], {})).toEqual([NaN, NaN, NaN, NaN, NaN, 2])
  })

  it('keeps the flag where there is no score, also for a detector that does not ask about such scans', () => {
    const spec = distance(['a'])
    const asking = detect(spec, { threshold: { raise: 3 } })
    const silent = detect(
      {
        kind: 'silent',
        channels: ['a'],
        restore: spec.restore,
        create: (channels) => {
          const detector = spec.create(channels)
          const process = detector.process.bind(detector)
          detector.process = (samples, admit, out) =>
            process(samples, (score, scan) => Number.isFinite(samples.values[scan]) && admit!(score, scan), out)
          return detector
        }
      },
      { threshold: { raise: 3 } }
    )
    const block = pump([1, 1, NaN, 5, NaN, NaN, 5, 1, NaN])
    expect(joined(through(asking, [block]))['score.flag']).toEqual([0, 0, 0, 2, 2, 2, 2, 0, 0])
    expect(joined(through(silent, [block]))).toEqual(joined(through(asking, [block])))
  })

  it("takes a ready detector with learn 'never'", () => {
    const spec = distance(['a'])
    const ready = {
      ...spec,
      create: () => spec.restore({ kind: '', version: 1, state: { count: 2, sums: [2] } as never })
    }
    const operator = detect({ ...ready, create: () => fitted(spec) }, { learn: 'never' })
    expect(joined(through(operator, [pump([1, 4])])).score).toEqual([0, 3])
    expect(() => through(detect(spec, { learn: 'never' }), [pump([1])])).toThrow(
      new RangeError(
        "detect: learn 'never' needs a detector that is ready, 'distance' has learned nothing: fit it, or restore it from a snapshot"
      )
    )
  })

  it('says when it has learned too little', () => {
    expect(() => through(detect(distance(['a']), { learn: { scans: 1 } }), [pump([1, 2])])).toThrow(
      new RangeError("detect: learn must be longer: 'distance' is not ready after 1 good scans")
    )
  })

  it('tells its progress and learns again', () => {
    const kernel = detect(distance(['a']), { learn: '2s', threshold: { raise: 2 } }).kernel(pump([1]).stream)
    expect(kernel.progress!()).toBe('learning 0 of 2 s')
    kernel.process(pump(new Array(12).fill(1)))
    expect(kernel.progress!()).toBe('learning 1 of 2 s')
    const first = kernel.process(pump(new Array(9).fill(1).concat(4), 1.2)) as Block
    expect(kernel.progress!()).toBe('live')
    expect(column(first, 'score.flag')[9]).toBe(2)
    kernel.relearn!()
    expect(kernel.progress!()).toBe('learning 0 of 2 s')
    const second = kernel.process(pump(new Array(20).fill(4).concat(4), 2.2)) as Block
    expect(column(second, 'score')[20]).toBe(0)
    expect(column(second, 'score.flag')).toEqual(new Float64Array(21))
    const scans = detect(distance(['a']), { learn: { scans: 30 } }).kernel(pump([1]).stream)
    scans.process(pump([1, NaN]))
    expect(scans.progress!()).toBe('learning 1 of 30 scans')
    const always = detect(distance(['a'])).kernel(pump([1]).stream)
    expect(always.progress!()).toBe('learning')
  })
})

function fitted(spec: ReturnType<typeof distance>) {
  const detector = spec.create([{ name: 'a', unit: 'bar' }])
  detector.fit({ channels: ['a'], length: 2, values: Float64Array.of(1, 1), seconds: 1 })
  return detector
}

describe('detect: gaps', () => {
  const blocks = [pump([1, 1, 5]), { ...pump([5, 5, 1], 60), gap }]

  it('holds model and verdict, and starts the delay anew', () => {
    const options = { learn: { scans: 2 }, threshold: { raise: 3, delay: '100ms' } } as const
    const out = through(detect(distance(['a']), options), blocks)
    expect(joined(out)['score.flag']).toEqual([0, 0, 0, 0, 2, 0])
    expect(out[1]!.gap).toEqual(gap)
  })

  it('forgets where it is told to', () => {
    const options = { learn: { scans: 2 } } as const
    expect(scoresOf(blocks, options)).toEqual([NaN, NaN, 4, 4, 4, 0])
    expect(scoresOf(blocks, { ...options, onGap: 'reset' })).toEqual([NaN, NaN, 4, NaN, NaN, 4])
    expect(scoresOf(blocks, { ...options, maxGap: '30s' })).toEqual([NaN, NaN, 4, NaN, NaN, 4])
    expect(scoresOf(blocks, { ...options, maxGap: '90s' })).toEqual([NaN, NaN, 4, 4, 4, 0])
  })
})
