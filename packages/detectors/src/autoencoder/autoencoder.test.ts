import type { Detector, Samples } from '@messwerk/core/model'
import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { SnapshotReader } from '../detector/snapshot-reader.ts'
import { move, part, sixChannels, sixChannelsOf } from '../fixtures/six-channels.ts'
import { samples } from '../samples.ts'
import { Random } from '../statistics/random.ts'
import { type AutoencoderOptions, autoencoder } from './autoencoder.ts'
import { naiveScore } from './naive.ts'
import { Reconstruction } from './reconstruction.ts'
import { settledOptions } from './settled-options.ts'

detectorSuite('autoencoder', { spec: autoencoder({ epochs: 30 }) }, { describe, it })
detectorSuite(
  'autoencoder of other ways',
  {
    spec: autoencoder({
      hidden: [12, 2, 12],
      activation: 'elu',
      loss: 'huber',
      scaler: 'min-max',
      weightDecay: 0.01,
      batch: 16,
      epochs: 10,
      seed: 4
    }),
    skip: { D19: 'elu has no upper bound: what goes in far off comes out far off elsewhere, too' }
  },
  { describe, it }
)
detectorSuite(
  'autoencoder that masks',
  { spec: autoencoder({ missing: 'mask', epochs: 10 }), skip: { D8: 'learns from broken scans what they have' } },
  { describe, it }
)
detectorSuite(
  'autoencoder of windows',
  { spec: autoencoder({ window: { scans: 4 }, epochs: 10, hidden: [12, 4, 12] }) },
  { describe, it }
)

const ab = ['a', 'b'].map((name) => ({ name, unit: 'V' }))
const fitted = (options: AutoencoderOptions, learned: Samples, channels = ab): Detector => {
  const detector = autoencoder(options).create(channels)
  detector.fit(learned)
  return detector
}
/** Points of a bow: b is the square of a. */
const bow = (length: number, seed: number): Samples => {
  const random = new Random(seed)
  const a = Array.from({ length }, () => 2 * random.uniform() - 1)
  return samples({ a, b: a.map((x) => x ** 2 + 0.01 * random.normal()) })
}
const learnedOf = (detector: Detector, options: AutoencoderOptions, width: number): Reconstruction => {
  const reader = new SnapshotReader(detector.snapshot(), 'autoencoder', 1)
  return Reconstruction.restored(reader, width, reader.whole('scans') * width, settledOptions(options))
}

describe('autoencoder', () => {
  it('learns a curve that no plane holds', () => {
    const detector = fitted({ hidden: [12, 1, 12] }, bow(1000, 1))
    const [low, middle, high, inside, under] = detector.score(
      samples({ a: [-0.8, 0, 0.8, 0, 0.9], b: [0.64, 0, 0.64, 0.7, 0] })
    )
    expect(Math.max(low!, middle!, high!)).toBeLessThan(0.25)
    expect(Math.min(inside!, under!)).toBeGreaterThan(0.6)
  })

  it.each([
    { activation: 'relu' },
    { activation: 'tanh', scaler: 'min-max', output: 'sigmoid' },
    { activation: 'leaky-relu', scaler: 'none', hidden: [3] },
    { window: { scans: 5 }, activation: 'sigmoid', hidden: [9, 3] }
  ] as const satisfies readonly AutoencoderOptions[])('equals the naive version: %j', (given) => {
    const options: AutoencoderOptions = { epochs: 5, ...given }
    const detector = fitted(
      options,
      part(normalOperation(), 0, 300),
      'abcd'.split('').map((name) => ({ name, unit: 'V' }))
    )
    const learned = learnedOf(detector, options, 4)
    const tried = part(normalOperation({ seed: 9 }), 0, 40)
    const scores = detector.process(tried, () => false)
    const rows = Array.from(scores, (_, i) => tried.channels.map((_, c) => tried.values[c * tried.length + i]!))
    for (let i = learned.scans - 1; i < 40; i += 1) {
      // what was learned last stands before the first scan
      const scans = rows.slice(i - learned.scans + 1, i + 1)
      expect(Math.abs(scores[i]! / naiveScore(learned, scans) - 1)).toBeLessThan(1e-12)
    }
  })

  it('gives all shares to a channel that alone is not given back', () => {
    const detector = fitted({ hidden: [12, 1, 12] }, bow(1000, 1))
    const [a, b] = detector.explain(samples({ a: [0], b: [30] }), 0)
    expect(b! / (a! + b!)).toBeGreaterThan(0.99)
  })

  it('scales as it is told', () => {
    const learned = samples({ a: [1, 2, 3, 4, 10], b: [7, 7, 7, 7, 7] })
    const scale = (scaler: 'standard' | 'min-max' | 'none') => {
      const options = { scaler, epochs: 1, minDeviation: 0.5 } as const
      const { shift, scale } = learnedOf(fitted(options, learned), options, 2).scaler
      return [...shift, ...scale]
    }
    expect(scale('standard')).toEqual([4, 7, Math.sqrt(10), 0.5])
    expect(scale('min-max')).toEqual([1, 7, 9, 0.5])
    expect(scale('none')).toEqual([0, 0, 1, 1])
  })

  it('learns with mask what a scan with a hole has, and nothing of the hole', () => {
    const whole = bow(900, 2)
    const holes = (value: number): Samples => {
      const values = whole.values.slice()
      for (let i = 0; i < whole.length; i += 3) values[i % 2 === 0 ? i : whole.length + i] = value
      return { ...whole, values }
    }
    const masked = fitted({ missing: 'mask', hidden: [12, 1, 12] }, holes(Number.NaN))
    const skipped = fitted({ hidden: [12, 1, 12] }, holes(Number.NaN))
    const tried = bow(200, 3)
    expect(masked.score(tried)).not.toEqual(skipped.score(tried))
    expect(masked.score(tried)).toEqual(fitted({ missing: 'mask', hidden: [12, 1, 12] }, holes(1 / 0)).score(tried))
    const mean = (detector: Detector) => detector.score(tried).reduce((sum, x) => sum + x, 0) / 200
    expect(mean(masked)).toBeLessThan(0.5)
    // a channel that is never there is never wanted back
    const onlyA = samples({ a: Array.from(whole.values.subarray(0, 900)), b: Array(900).fill(Number.NaN) })
    expect(fitted({ missing: 'mask' }, onlyA).ready).toBe(true)
    const { shift, scale } = learnedOf(masked, { missing: 'mask', hidden: [12, 1, 12] }, 2).scaler
    const present = Array.from(whole.values.subarray(900)).filter((_, i) => !(i % 3 === 0 && i % 2 === 1))
    expect(shift[1]).toBeCloseTo(present.reduce((sum, x) => sum + x, 0) / present.length, 12)
    expect(scale[1]).toBeGreaterThan(0.2)
    expect(fitted({}, onlyA).ready).toBe(false)
  })

  it('sees a form that is wrong though each value is in its range', () => {
    const wave = (i: number) => Math.sin(i / 3) + 0.01 * Math.cos(7 * i)
    const force = [{ name: 'force', unit: 'N' }]
    const learned = samples({ force: Array.from({ length: 800 }, (_, i) => wave(i)) })
    const stuck = samples({ force: Array.from({ length: 60 }, (_, i) => wave(800 + Math.min(i, 30))) })
    const detector = fitted({ window: { scans: 16 } }, learned, force)
    const scores = detector.score(stuck)
    expect(scores[45]! / Math.max(...scores.subarray(0, 31))).toBeGreaterThan(5)
    const alone = fitted({}, learned, force).score(stuck)
    expect(alone[45]! / Math.max(...alone.subarray(0, 31))).toBeLessThan(1.5)
  })

  it('stands behind what it learned: the next scan ends a whole window', () => {
    const scans = sixChannelsOf('one shared cycle', 500, 6)
    const detector = fitted({ window: { scans: 5 }, epochs: 3 }, part(scans, 0, 400), sixChannels)
    const next = detector.score(part(scans, 400, 500))
    // the same scans once more, without a hole
    const again = detector.process(part(scans, 390, 500), () => false)
    expect(next.every(Number.isFinite)).toBe(true)
    expect(next).toEqual(again.slice(10))
    detector.gap?.()
    expect(detector.score(part(scans, 400, 500)).findIndex(Number.isFinite)).toBe(4)
  })

  it('takes a window of time for scans', () => {
    const learned = Object.assign({}, bow(300, 4), { seconds: 0.1 })
    const options = { window: '800ms', epochs: 1 } as const
    expect(learnedOf(fitted(options, learned), options, 2).scans).toBe(8)
    const tooLong = { window: '1h', epochs: 1 } as const
    expect(fitted(tooLong, learned).ready).toBe(false)
  })

  it('stops when what is held back gets no better, with the best weights', () => {
    const learned = part(sixChannelsOf('independent', 400, 3), 0, 400)
    const score = (options: AutoencoderOptions) => fitted(options, learned, sixChannels).score(learned)
    const hidden = [24, 24]
    // noise: what is learned beyond the first epochs is of no use
    const patient = score({ hidden, patience: 3, epochs: 100, rate: 0.02 })
    const endless = score({ hidden, patience: 100, epochs: 100, rate: 0.02 })
    const whole = score({ hidden, holdBack: 0, patience: 100, epochs: 20, rate: 0.02 })
    expect(patient).not.toEqual(endless)
    expect(whole).not.toEqual(endless)
    // patience longer than the run changes nothing
    expect(score({ hidden, patience: 400, epochs: 10 })).toEqual(score({ hidden, patience: 10, epochs: 10 }))
  })

  it('learns from the first 512 scans where it learns scan by scan, and follows slowly', () => {
    const detector = autoencoder({ epochs: 20 }).create(sixChannels)
    const scans = sixChannelsOf('one shared movement', 3000, 5)
    const scores = detector.process(part(scans, 0, 600))
    expect(scores.findIndex((score) => !Number.isNaN(score))).toBe(512)
    const atOnce = fitted({ epochs: 20 }, part(scans, 0, 512), sixChannels)
    expect(atOnce.process(part(scans, 512, 600))).toEqual(scores.slice(512))
    const later = part(scans, 600, 3000)
    move(later, 1, 3, 0)
    const before = detector.score(part(later, 0, 100))
    for (let k = 0; k < 10; k += 1) detector.update(later)
    const after = detector.score(part(later, 0, 100))
    const sum = (all: Float64Array) => all.reduce((total, x) => total + x, 0)
    expect(sum(after)).toBeLessThan(0.9 * sum(before))
  })

  it('waits for as many scans as its window needs', () => {
    const detector = autoencoder({ window: { scans: 400 }, epochs: 1, hidden: [2] }).create([{ name: 'a', unit: 'V' }])
    const scans = samples({ a: Array.from({ length: 2000 }, (_, i) => Math.sin(i)) })
    const half = part(scans, 0, 700)
    detector.update(half)
    expect(detector.ready).toBe(false)
    const restored = autoencoder({ window: { scans: 400 }, epochs: 1, hidden: [2] }).restore(detector.snapshot())
    for (const one of [detector, restored]) {
      one.update(part(scans, 700, 1100))
      expect(one.ready).toBe(true)
    }
    const atOnce = fitted({ window: { scans: 400 }, epochs: 1, hidden: [2] }, part(scans, 0, 1024), [
      { name: 'a', unit: 'V' }
    ])
    const weights = (one: Detector) => (one.snapshot().state as { weights: Float64Array }).weights
    expect(weights(detector)).toEqual(weights(atOnce))
    expect(restored.process(scans)).toEqual(detector.process(scans))
  })

  it('refuses a network that is too large for its channels', () => {
    const many = Array.from({ length: 9 }, (_, c) => ({ name: `c${c}`, unit: 'V' }))
    expect(() => autoencoder({ window: { scans: 1000 } }).create(many)).toThrow(
      'autoencoder: window times channels must not exceed 8192, got 1000 scans of 9'
    )
  })

  it('refuses snapshots of other options, or that do not fit', () => {
    const spec = autoencoder({ epochs: 1 })
    const { kind, version, state } = fitted({ epochs: 1 }, bow(50, 1)).snapshot()
    const bad = (change: object) => () => spec.restore({ kind, version, state: { ...Object(state), ...change } })
    expect(bad({})).not.toThrow()
    expect(bad({ sizes: Float64Array.of(4, 1.5, 4, 2) })).toThrow(/its sizes are not those of its layers/)
    expect(bad({ sizes: Float64Array.of(4, 1, 4, 3) })).toThrow(/its sizes are not those of its layers/)
    expect(bad({ weights: new Float64Array(3) })).toThrow(/its weights must hold 24 values, got 3/)
    expect(bad({ bias: new Float64Array(3) })).toThrow(/its bias must hold 11 values, got 3/)
    expect(bad({ waiting: new Float64Array(3) })).toThrow(/its waiting must be rows of 2 values, fewer than 32/)
    expect(bad({ waiting: new Float64Array(64) })).toThrow(/its waiting must be rows of 2 values, fewer than 32/)
    expect(() => autoencoder({ epochs: 2 }).restore({ kind, version, state })).toThrow(/epochs 1, this one has 2/)
    expect(() => autoencoder({ epochs: 1, hidden: [3] }).restore({ kind, version, state })).toThrow(/hidden auto/)
    // a state whose window is not that of its own settings
    const one = Object(state) as object
    const two = { ...one, scans: 2, sizes: Float64Array.of(4, 1, 4, 4), trailing: new Float64Array(0) }
    expect(bad(two)).toThrow(/its window must be of 1 scans, got 2/)
    const windowed = autoencoder({ epochs: 1, window: { scans: 4 } })
    const learned = fitted({ epochs: 1, window: { scans: 4 } }, bow(50, 1)).snapshot()
    const other = { ...learned, state: { ...Object(learned.state), scans: 3 } }
    expect(() => windowed.restore(other)).toThrow(/its window must be of 4 scans, got 3/)
  })
})
