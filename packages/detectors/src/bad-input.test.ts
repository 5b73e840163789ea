// What every detector says to input that it cannot use: an error that names option, rule and value, or NaN.
import { type Detector, type DetectorSpec, type Samples, ShapeMismatchError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { auto } from './auto/auto.ts'
import { autoencoder } from './autoencoder/autoencoder.ts'
import { cusum } from './cusum/cusum.ts'
import { ensemble } from './ensemble/ensemble.ts'
import { ewmaChart } from './ewma-chart/ewma-chart.ts'
import { fixedLimits } from './fixed-limits/fixed-limits.ts'
import { everyDetector } from './fixtures/every-detector.ts'
import { part, sixChannels, sixChannelsOf } from './fixtures/six-channels.ts'
import { halfSpaceTrees } from './half-space-trees/half-space-trees.ts'
import { isolationForest } from './isolation-forest/isolation-forest.ts'
import { localOutlierFactor } from './local-outlier-factor/local-outlier-factor.ts'
import { matrixProfile } from './matrix-profile/matrix-profile.ts'
import { nearestNeighbour } from './nearest-neighbour/nearest-neighbour.ts'
import { pageHinkley } from './page-hinkley/page-hinkley.ts'
import { spe } from './pca/spe.ts'
import { t2 } from './pca/t2.ts'
import { quantileBounds } from './quantile-bounds/quantile-bounds.ts'
import { randomCutForest } from './random-cut-forest/random-cut-forest.ts'
import { rateOfChange } from './rate-of-change/rate-of-change.ts'
import { robustZ } from './robust-z/robust-z.ts'
import { seedCompatible } from './seed-compatible/seed-compatible.ts'
import { stuckValue } from './stuck-value/stuck-value.ts'
import { subWindowPca } from './sub-window-pca/sub-window-pca.ts'
import { zScore } from './z-score/z-score.ts'

type Make = (options: never) => DetectorSpec
const factories: Readonly<Record<string, Make>> = {
  auto,
  autoencoder,
  cusum,
  ensemble: (options) => ensemble([robustZ(options), zScore(options)]),
  ewmaChart,
  fixedLimits: ({ channels }: { channels: string[] }) =>
    fixedLimits(Object.fromEntries(channels.map((name) => [name, { low: 0, high: 1 }]))),
  halfSpaceTrees,
  isolationForest,
  localOutlierFactor,
  matrixProfile,
  nearestNeighbour,
  pageHinkley,
  quantileBounds,
  randomCutForest,
  rateOfChange,
  robustZ,
  seedCompatible: (options) => seedCompatible(options)[0],
  spe,
  stuckValue,
  subWindowPca,
  t2,
  zScore
}
const normal = sixChannelsOf('one shared movement', 400, 5)

const alike = (value: number | undefined, length = 100): Samples => ({
  channels: normal.channels,
  length,
  values: new Float64Array(6 * length).map((_, k) => value ?? [Number.NaN, 1 / 0, -1 / 0][k % 3]!),
  seconds: 0.01
})
const empty = part(normal, 0, 0)
const isAnswer = (score: number): boolean => Number.isNaN(score) || (score >= 0 && score < Number.POSITIVE_INFINITY)

/** Learned from nothing else than the limits it was given. */
const knowsBefore = (name: string): boolean => name === 'fixedLimits'

it('the table holds every detector', () => {
  expect(Object.keys(factories)).toEqual(Object.keys(everyDetector))
})

describe.each(Object.entries(everyDetector))('%s', (name, make) => {
  const fresh = (): Detector => make().create(sixChannels)
  const fitted = (): Detector => {
    const detector = fresh()
    detector.fit(normal)
    return detector
  }

  it('names a channel that is not there, and those that are', () => {
    const lost = factories[name]!({ channels: ['torque', 'torq'] } as never)
    expect(() => lost.create(sixChannels)).toThrow(RangeError)
    expect(() => lost.create(sixChannels)).toThrow(
      /: there is no channel 'torq'; there are: torque, speed, current, pressure, flow, temperature$/
    )
  })

  it('refuses channels that it cannot work on', () => {
    expect(() => make().create([])).toThrow(RangeError)
    expect(() => make().create([{ name: 'running', unit: '1', role: 'flag' }])).toThrow(RangeError)
  })

  it('refuses samples of other channels', () => {
    const five = { ...normal, channels: normal.channels.slice(1), values: normal.values.subarray(normal.length) }
    const swapped = { ...normal, channels: normal.channels.toReversed() }
    for (const detector of [fresh(), fitted()])
      for (const use of ['fit', 'update', 'score', 'process', 'explain'] as const) {
        expect(() => detector[use](five, 0 as never)).toThrow(ShapeMismatchError)
        expect(() => detector[use](five, 0 as never)).toThrow(/: expected 6 channels, got 5$/)
        expect(() => detector[use](swapped, 0 as never)).toThrow(/must have the channels torque, .*, got temperature, /)
      }
  })

  it('learns nothing from nothing, and from nothing finite', () => {
    for (const nothing of [empty, alike(undefined)]) {
      const detector = fresh()
      detector.fit(nothing)
      expect(detector.ready).toBe(knowsBefore(name))
      detector.update(nothing)
      expect(detector.ready).toBe(knowsBefore(name))
      const scores = detector.score(part(normal, 0, 5))
      expect(scores.every(Number.isNaN)).toBe(!knowsBefore(name))
      expect(detector.explain(normal, 0).every(Number.isNaN)).toBe(!knowsBefore(name))
      expect(detector.score(empty)).toHaveLength(0)
      detector.fit(normal)
      const reference = fitted()
      expect(detector.score(normal)).toEqual(reference.score(normal))
    }
  })

  it('answers NaN to scans without a finite value', () => {
    const detector = fitted()
    const nothing = alike(undefined, 20)
    expect(detector.score(nothing).every(Number.isNaN)).toBe(true)
    expect(detector.process(nothing).every(Number.isNaN)).toBe(true)
    expect(detector.explain(nothing, 3).every(Number.isNaN)).toBe(true)
  })

  it.each([1, 2, 3])('fits %i scans without harm', (length) => {
    const detector = fresh()
    detector.fit(part(normal, 0, length))
    expect(detector.score(normal).every(isAnswer)).toBe(true)
    expect(detector.process(normal).every(isAnswer)).toBe(true)
  })

  it.each([0, -3, 1e-300, 1e12, 1e300, -1.7e308])('fits channels that stand still at %d', (value) => {
    const detector = fresh()
    detector.fit(alike(value))
    for (const samples of [alike(value, 40), normal, alike(-value, 40), alike(1.7e308, 40)])
      expect(detector.score(samples).every(isAnswer)).toBe(true)
    expect(detector.process(alike(value)).every(isAnswer)).toBe(true)
    expect(Array.from(detector.explain(alike(1.7e308, 40), 39)).every(isAnswer)).toBe(true)
  })

  it('has a finite score for the largest values there are', () => {
    const detector = fitted()
    for (const value of [1.7e308, -1.7e308, 5e-324])
      for (const scores of [detector.score(alike(value, 40)), detector.process(alike(value, 40))])
        expect(scores.every(isAnswer)).toBe(true)
    expect(detector.process(normal).every(isAnswer)).toBe(true)
  })
})

/** Options that are out of range: what the message says behind the name of the factory. */
const refused: readonly [factory: string, options: object, message: RegExp][] = [
  ['auto', { seed: -1 }, /seed must be a whole number from 0 to \d+, got -1/],
  ['auto', { seed: 'x' }, /seed must be a number, got x/],
  ['autoencoder', { hidden: 16 }, /hidden must be a list of sizes such as \[16, 4, 16\], got 16/],
  ['autoencoder', { hidden: [] }, /hidden must hold 1 to 16 sizes, got 0/],
  ['autoencoder', { hidden: [4, 0] }, /each of hidden must be a whole number from 1 to 4096, got 0/],
  ['autoencoder', { activation: 'gelu' }, /activation must be one of linear, relu, .*, got 'gelu'/],
  ['autoencoder', { output: 'softmax' }, /output must be one of .*, got 'softmax'/],
  ['autoencoder', { loss: 'mae' }, /loss must be one of mse, huber, got 'mae'/],
  ['autoencoder', { epochs: 0 }, /epochs must be a whole number from 1 to \d+, got 0/],
  ['autoencoder', { batch: 1.5 }, /batch must be a whole number from 1 to \d+, got 1.5/],
  ['autoencoder', { rate: 0 }, /rate must be above 0 and at most 1, got 0/],
  ['autoencoder', { rate: '1' }, /rate must be a number, got 1/],
  ['autoencoder', { weightDecay: 1 }, /weightDecay must be from 0 to below 1, got 1/],
  ['autoencoder', { patience: 0 }, /patience must be a whole number from 1 to \d+, got 0/],
  ['autoencoder', { holdBack: 0.6 }, /holdBack must be from 0 to 0.5, got 0.6/],
  ['autoencoder', { scaler: 'robust' }, /scaler must be one of standard, min-max, none, got 'robust'/],
  ['autoencoder', { missing: 'fill' }, /missing must be one of skip, mask, got 'fill'/],
  ['autoencoder', { window: '1m' }, /window must be a span such as .*, got '1m'/],
  ['autoencoder', { window: { scans: 1025 } }, /window must hold at most 1024 scans, got \{ scans: 1025 \}/],
  ['autoencoder', { seed: -1 }, /seed must be a whole number from 0 to \d+, got -1/],
  ['cusum', { k: -1 }, /k must be finite and at least 0, got -1/],
  ['cusum', { k: true }, /k must be a number, got true/],
  ['cusum', { h: 0 }, /h must be finite and above 0, got 0/],
  ['cusum', { side: 'up' }, /side must be .*, got '?up/],
  ['cusum', { window: { scans: 1 } }, /window must hold at least 2 scans, got \{ scans: 1 \}/],
  ['ewmaChart', { weight: 0 }, /weight must be above 0 and at most 1, got 0/],
  ['ewmaChart', { weight: true }, /weight must be above 0 and at most 1, got true/],
  ['halfSpaceTrees', { trees: 0 }, /trees must be a whole number from 1 to \d+, got 0/],
  ['halfSpaceTrees', { trees: 1e12 }, /trees .* must not exceed \d+, got 1000000000000 trees/],
  ['halfSpaceTrees', { height: 60 }, /height must be a whole number from 1 to 15, got 60/],
  ['halfSpaceTrees', { trees: 1000, height: 15 }, /trees .* must not exceed \d+, got /],
  ['halfSpaceTrees', { window: 1e12 }, /window must be a whole number from 2 to \d+, got 1000000000000/],
  ['halfSpaceTrees', { range: [1, 0] }, /range must be finite and go upwards, got \[1, 0\]/],
  ['isolationForest', { trees: 1.5 }, /trees must be a whole number from 1, got 1.5/],
  ['isolationForest', { trees: 1e12 }, /trees .*must not exceed .*1000000000000/],
  ['isolationForest', { sample: 1 }, /sample must be a whole number from 2, got 1/],
  ['isolationForest', { sample: 1e12 }, /must not exceed .*1000000000000/],
  ['isolationForest', { maxFeatures: 0 }, /maxFeatures must be .*, got 0/],
  ['isolationForest', { seed: 0.5 }, /seed must be a whole number from 0 to \d+, got 0.5/],
  ['localOutlierFactor', { reference: 1e9 }, /reference must be a whole number from 2 to 65536, got 1000000000/],
  ['localOutlierFactor', { k: 65 }, /k must be a whole number from 1 to 64, got 65/],
  ['localOutlierFactor', { k: 9, reference: 5 }, /k must be .*, got 9/],
  ['matrixProfile', { window: { scans: 1 } }, /window must hold \d+ to \d+ scans, got \{ scans: 1 \}/],
  ['matrixProfile', { window: { scans: 1e12 } }, /window must hold \d+ to \d+ scans, got \{ scans: 1000000000000 \}/],
  ['matrixProfile', { history: { scans: 1e12 } }, /history must hold \d+ to \d+ scans, got \{ scans: 1000000000000 \}/],
  ['nearestNeighbour', { reference: 1 }, /reference must be a whole number from 2 to \d+, got 1/],
  ['nearestNeighbour', { k: 0 }, /k must be a whole number from 1 to \d+, got 0/],
  ['pageHinkley', { alpha: 1.1 }, /alpha must be above 0 and at most 1, got 1.1/],
  ['pageHinkley', { delta: Number.NaN }, /delta must be finite and at least 0, got NaN/],
  ['pageHinkley', { minScans: 0 }, /minScans must be a whole number from 1, got 0/],
  ['pageHinkley', { threshold: 1 / 0 }, /threshold must be finite and above 0, got Infinity/],
  ['quantileBounds', { low: 0.5 }, /low must be from 0 to below 0.5, got 0.5/],
  ['quantileBounds', { high: true }, /high must be above 0.5 to 1, got true/],
  ['randomCutForest', { trees: 1e12 }, /must not exceed \d+, got 1000000000000/],
  ['randomCutForest', { sample: 1 }, /sample must be a whole number from 2, got 1/],
  ['randomCutForest', { shingle: 0 }, /shingle must be a whole number from 1, got 0/],
  ['randomCutForest', { timeDecay: -1 }, /timeDecay must be from 0 to 1, got -1/],
  ['rateOfChange', { window: '1m' }, /window must be a span such as '250ms', '5min' or \{ scans: 256 \}, got '1m'/],
  ['robustZ', { side: 'up' }, /side must be .*, got '?up/],
  ['robustZ', { minDeviation: -1 }, /minDeviation must be finite and at least 0, got -1/],
  ['seedCompatible', { window: 1 }, /window must be a whole number of scans from 2, got 1/],
  ['seedCompatible', { limit: null }, /limit must be finite and at least 0, got null/],
  ['spe', { components: 0 }, /components must be .*, got 0/],
  ['spe', { components: 1.5 }, /components must be .*, got 1.5/],
  ['spe', { components: { variance: 2 } }, /components must hold a share of the variance above 0 and up to 1, got 2/],
  ['stuckValue', { after: '5' }, /after must be a span of time such as .*, got '5'/],
  ['stuckValue', { minChange: -1 }, /minChange must be finite and at least 0, got -1/],
  ['subWindowPca', { window: { scans: 1e12 } }, /window must hold at most 1024 scans, got \{ scans: 1000000000000 \}/],
  ['subWindowPca', { components: -1 }, /components must be .*, got -1/],
  ['t2', { components: -1 }, /components must be .*, got -1/],
  ['zScore', { window: 5 }, /window must be a span such as .*, got 5/]
]
/** Options that only go wrong with the channels at hand. */
const tooMany: readonly [factory: string, options: object, message: RegExp][] = [
  ['autoencoder', { hidden: [4096, 4096] }, /the network must not exceed 4194304 weights, got 16826368/],
  ['isolationForest', { maxFeatures: 7 }, /maxFeatures must not exceed the 6 channels used, got 7/],
  ['randomCutForest', { trees: 100, sample: 8192 }, /must not exceed \d+, got 100 x 8192 x 6/],
  ['spe', { components: 6 }, /components must be fewer than the channels \(6\), got 6/],
  ['spe', { channels: ['torque'] }, /channels must be at least 2, got 1/],
  ['t2', { components: 7 }, /components must .*6.*, got 7/],
  ['halfSpaceTrees', { range: { torque: [0, 1] } }, /range must name every channel used, 'speed' is missing/]
]

describe('options out of range', () => {
  it.each(refused)('%s refuses %j', (name, options, message) => {
    expect(() => factories[name]!(options as never)).toThrow(new RegExp(`^${name}: .*${message.source}`))
  })

  it.each(tooMany)('%s refuses %j for six channels', (name, options, message) => {
    const spec = factories[name]!(options as never)
    expect(() => spec.create(sixChannels)).toThrow(new RegExp(`^${name}: .*${message.source}`))
  })

  it('takes a window longer than any signal without room for it', () => {
    const before = process.memoryUsage().arrayBuffers
    for (const make of [zScore, robustZ, quantileBounds, ewmaChart, cusum, pageHinkley, rateOfChange]) {
      const detector = make({ window: { scans: 1e12 } }).create(sixChannels)
      detector.fit(normal)
      detector.update(normal)
      expect(detector.score(normal).every(isAnswer)).toBe(true)
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 2 ** 20)
  })
})
