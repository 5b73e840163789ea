import type { DetectorSpec } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { cusum } from './cusum/cusum.ts'
import { ewmaChart } from './ewma-chart/ewma-chart.ts'
import { pageHinkley } from './page-hinkley/page-hinkley.ts'
import { quantileBounds } from './quantile-bounds/quantile-bounds.ts'
import { rateOfChange } from './rate-of-change/rate-of-change.ts'
import { robustZ } from './robust-z/robust-z.ts'
import { samples } from './samples.ts'
import { zScore } from './z-score/z-score.ts'

const channels = [
  { name: 'force_x', unit: 'N' },
  { name: 'force_y', unit: 'N' }
]
const one = samples({ force_x: [1], force_y: [2] })

describe.each<[string, (options?: object) => DetectorSpec]>([
  ['zScore', zScore],
  ['robustZ', robustZ],
  ['quantileBounds', quantileBounds],
  ['ewmaChart', ewmaChart],
  ['cusum', cusum],
  ['pageHinkley', pageHinkley],
  ['rateOfChange', rateOfChange]
])('%s', (name, make) => {
  it.each([
    [{ channels: [] }, RangeError, 'channels must name at least one channel, got []'],
    [{ channels: ['a', 'a'] }, RangeError, "channels must be distinct, got 'a' twice"],
    [{ channels: 'a' }, TypeError, 'channels must be a list of names, got a'],
    [{ channels: [1] }, TypeError, 'channels must be names, got 1'],
    [{ window: '1m' }, RangeError, "window must be a span such as '250ms', '5min' or { scans: 256 }, got '1m'"],
    [{ window: { scans: 1 } }, RangeError, 'window must hold at least 2 scans, got { scans: 1 }'],
    [{ minDeviation: -1 }, RangeError, 'minDeviation must be finite and at least 0, got -1'],
    [{ minDeviation: Number.NaN }, RangeError, 'minDeviation must be finite and at least 0, got NaN'],
    [{ minDeviation: '1' }, TypeError, 'minDeviation must be a number in the unit of the signal, got 1'],
    [{ minDeviation: { a: -1 } }, RangeError, "minDeviation of 'a' must be finite and at least 0, got -1"],
    [{ channels: ['a'], minDeviation: { b: 1 } }, RangeError, "minDeviation names 'b', which is not among channels: a"]
  ])('refuses %j', (options, kind, message) => {
    expect(() => make(options)).toThrow(kind)
    expect(() => make(options)).toThrow(`${name}: ${message}`)
  })

  it('refuses channels it cannot work on', () => {
    const missing = `${name}: there is no channel 'forcex'; there are: force_x, force_y`
    expect(() => make({ channels: ['forcex'] }).create(channels)).toThrow(new RangeError(missing))
    expect(() => make({ minDeviation: { forcex: 1 } }).create(channels)).toThrow(new RangeError(missing))
    expect(() => make().create([...channels, channels[0]!])).toThrow(/must be distinct, got 'force_x' twice/)
    expect(() => make().create([{ name: 'flag', unit: '1', role: 'flag' }])).toThrow(/no measured channel among: flag/)
  })

  it('refuses samples that are not those of its channels', () => {
    const detector = make().create(channels)
    const swapped = samples({ force_y: [1], force_x: [2] })
    expect(() => detector.fit(swapped)).toThrow('must have the channels force_x, force_y, got force_y, force_x')
    expect(() => detector.score({ ...one, values: new Float64Array(1) })).toThrow('must hold 2 values, got 1')
    expect(() => detector.score({ ...one, seconds: new Float64Array(0) })).toThrow('must hold 1 seconds, got 0')
    expect(() => detector.score(one, new Float64Array(0))).toThrow(`${name}: out must hold 1 values, got 0`)
    expect(() => detector.explain(one, 1)).toThrow(`${name}: scan must be one of the 1 of the samples, got 1`)
  })

  it('answers NaN for everything until it is ready', () => {
    const detector = make().create(channels)
    expect(detector.explain(one, 0)).toEqual(Float64Array.of(Number.NaN, Number.NaN))
    expect(detector.band?.(3).every(Number.isNaN)).toBe(true)
    expect(detector.score({ ...one, length: 0, values: new Float64Array(0) })).toEqual(new Float64Array(0))
  })

  it('forgets everything in fit, the time too', () => {
    const [used, fresh] = [make().create(channels), make().create(channels)]
    used.fit(samples({ force_x: [9, 8, 9], force_y: [7, 7, 5] }))
    for (const detector of [used, fresh]) detector.fit(samples({ force_x: [1, 2, 3], force_y: [1, 2, 3] }))
    expect(used.snapshot()).toEqual(fresh.snapshot())
  })

  it('gives every detector a state of its own', () => {
    const spec = make()
    spec.create(channels).fit(samples({ force_x: [1, 2, 3], force_y: [1, 2, 3] }))
    expect(spec.create(channels).ready).toBe(false)
  })
})
