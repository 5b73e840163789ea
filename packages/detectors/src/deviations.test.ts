import { detect, toEvents } from '@messwerk/core'
import {
  type Block,
  blockOf,
  column,
  type Detector,
  type DetectorSpec,
  pValue,
  type Samples
} from '@messwerk/core/model'
import { normalOperation } from '@messwerk/core/testing'
import { firstValueFrom, of, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { auto } from './auto/auto.ts'
import { cusum } from './cusum/cusum.ts'
import { ewmaChart } from './ewma-chart/ewma-chart.ts'
import { fixedLimits } from './fixed-limits/fixed-limits.ts'
import { everyDetector } from './fixtures/every-detector.ts'
import { halfSpaceTrees } from './half-space-trees/half-space-trees.ts'
import { spe } from './pca/spe.ts'
import { t2 } from './pca/t2.ts'
import { robustZ } from './robust-z/robust-z.ts'
import { samples } from './samples.ts'
import { seedCompatible } from './seed-compatible/seed-compatible.ts'
import { zScore } from './z-score/z-score.ts'

const normal = normalOperation()
const channels = normal.channels.map((name) => ({ name, unit: '1' }))

function fitted(spec: DetectorSpec, on: Samples = normal): Detector {
  const detector = spec.create(on.channels.map((name) => ({ name, unit: '1' })))
  detector.fit(on)
  return detector
}

const counting: Readonly<Record<string, () => DetectorSpec>> = {
  zScore: () => zScore(),
  'zScore of a window': () => zScore({ window: { scans: 60 } }),
  robustZ: () => robustZ(),
  ewmaChart: () => ewmaChart(),
  seedCompatible: () => seedCompatible()[0]
}

describe.each(Object.entries(counting))('signed deviations of %s', (_name, spec) => {
  it('have the score as their largest size', () => {
    const detector = fitted(spec())
    const scores = detector.score(normal)
    const signs = new Set<number>()
    for (let i = 0; i < normal.length; i += 1) {
      const deviations = detector.deviations!(normal, i)
      expect(Math.max(...deviations.map(Math.abs))).toBe(scores[i])
      for (const z of deviations) signs.add(Math.sign(z))
    }
    expect([...signs].filter((sign) => sign !== 0).toSorted()).toEqual([-1, 1])
  })

  it('speak inside admit of the state that scored', () => {
    const [detector, reference] = [fitted(spec()), fitted(spec())]
    let asked = 0
    detector.process(normal, (score, i) => {
      const deviations = detector.deviations!(normal, i)
      expect(Math.max(...deviations.map(Math.abs))).toBe(score)
      const scan = scanOf(normal, i)
      expect(reference.deviations!(scan, 0)).toEqual(deviations)
      reference.process(scan)
      asked += 1
      return true
    })
    expect(asked).toBe(normal.length)
  })

  it('are written into out, and learn nothing', () => {
    const detector = fitted(spec())
    const out = new Float64Array(channels.length)
    const before = detector.snapshot()
    expect(detector.deviations!(normal, 3, out)).toBe(out)
    expect(detector.deviations!(normal, 3)).toEqual(out)
    expect(detector.snapshot()).toEqual(before)
  })

  it('are NaN where there is no score and where a channel is not used, and finite elsewhere', () => {
    const none = Float64Array.from(channels, () => NaN)
    expect(spec().create(channels).deviations!(normal, 0)).toEqual(none)
    const broken = scanOf(normal, 0)
    broken.values[1] = NaN
    expect(fitted(spec()).deviations!(broken, 0)).toEqual(none)
    const labelled = spec().create([
      { name: 'a', unit: '1' },
      { name: 'label', unit: '1', role: 'flag' }
    ])
    const learned = samples({ a: Array.from({ length: 60 }, (_, i) => i % 7), label: Array(60).fill(1) })
    labelled.fit(learned)
    expect(Array.from(labelled.deviations!(learned, 5), Number.isNaN)).toEqual([false, true])
    const huge = samples({ a: [-Number.MAX_VALUE], label: [1] })
    expect(Number.isFinite(labelled.deviations!(huge, 0)[0])).toBe(true)
  })

  it('refuse a scan that is none', () => {
    expect(() => fitted(spec()).deviations!(normal, normal.length)).toThrow('scan must be one of the 500')
  })
})

describe('signed deviations', () => {
  it('are (x - center) / scale, to both sides whichever of them counts', () => {
    const learned = samples({ a: [2, 4, 4, 4, 5, 5, 7, 9] })
    const sd = Math.sqrt(32 / 7)
    const now = samples({ a: [1, 14] })
    for (const side of ['both', 'high', 'low'] as const) {
      const detector = fitted(zScore({ side }), learned)
      expect(detector.deviations!(now, 0)[0]).toBeCloseTo(-4 / sd, 12)
      expect(detector.deviations!(now, 1)[0]).toBeCloseTo(9 / sd, 12)
    }
    expect(fitted(robustZ(), learned).deviations!(now, 0)[0]).toBeLessThan(0)
    expect(fitted(seedCompatible({ window: 8 })[0], learned).deviations!(now, 0)).toEqual(Float64Array.of(-1.871))
  })

  it('go through a scale; who counts none has none', () => {
    const scaled = fitted(pValue(zScore()))
    expect(scaled.deviations!(normal, 7)).toEqual(fitted(zScore()).deviations!(normal, 7))
    const few = pValue(zScore()).create([{ name: 'a', unit: '1' }])
    few.fit(samples({ a: [1, 2, 3] }))
    expect(few.deviations!(samples({ a: [9] }), 0)).toEqual(Float64Array.of(NaN))
    for (const spec of [t2(), cusum(), pValue(t2()), auto()]) expect(fitted(spec).deviations).toBeUndefined()
  })
})

describe('one detector a channel', () => {
  const input = blockOf(
    { stream: 'pump', channels: Object.fromEntries(channels.map(({ name }) => [name, '1'])), rate: 10 },
    Object.fromEntries(channels.map(({ name }, c) => [name, columnOf(normal, c)]))
  )

  const run = async (spec: DetectorSpec, options: object): Promise<Block> =>
    firstValueFrom(of(input).pipe(detect(spec, { learn: { scans: 300 }, threshold: { raise: 3 }, ...options })))

  const able = Object.entries(everyDetector).filter(([name]) => name !== 'fixedLimits' && name !== 'spe')

  it.each(able)('%s, as alone', async (_, make) => {
    const together = await run(make(), { each: true })
    for (const { name } of channels) {
      const alone = await run(make().only!(name), { as: `score.${name}` })
      expect(alone.stream.channels.some((one) => one.name === `score.${name}.flag`)).toBe(true)
      for (const added of alone.stream.channels.slice(channels.length))
        expect(column(together, added.name)).toEqual(column(alone, added.name))
    }
  })

  it('is refused where a detector needs several', async () => {
    await expect(run(spe(), { each: true })).rejects.toThrow('spe: channels must be at least 2, got 1')
  })

  it('takes what options say of each channel', () => {
    const known = [
      { name: 'a', unit: '1' },
      { name: 'b', unit: '1' }
    ]
    const flat = { a: [1, 1, 1], b: [1, 1, 1] }
    const spec = zScore({ channels: ['a', 'b'], minDeviation: { a: 0.5, b: 0.25 } })
    for (const [name, score] of [
      ['a', 2],
      ['b', 4]
    ] as const) {
      const detector = spec.only!(name).create(known)
      detector.fit(samples(flat))
      expect(detector.score(samples({ a: [2], b: [2] }))).toEqual(Float64Array.of(score))
      expect(spec.only!(name).channels).toEqual([name])
      expect(spec.only!(name).restore(detector.snapshot()).ready).toBe(true)
    }
    const limits = fixedLimits({ a: { low: 0, high: 2 }, b: { low: 0, high: 4 } })
    expect(
      limits.only!('b')
        .create(known)
        .score(samples({ a: [9], b: [4] }))
    ).toEqual(Float64Array.of(1))
    const trees = halfSpaceTrees({ channels: ['a', 'b'], range: { a: [0, 1], b: [5, 9] }, trees: 2 })
    expect(trees.only!('b').create(known).ready).toBe(false)
  })

  it('raises events of the channel at fault', async () => {
    const names = channels.map(({ name }) => name)
    const values = Object.fromEntries(
      names.map((name, c) => [name, columnOf(normal, c).with(-2, 1e6 * Number(c === 1))])
    )
    const broken = blockOf(
      { stream: 'pump', channels: Object.fromEntries(names.map((name) => [name, '1'])), rate: 10 },
      values
    )
    const watched = detect(robustZ({ channels: names }), {
      learn: { scans: 400 },
      threshold: { raise: 50 },
      each: true
    })
    const events = await firstValueFrom(of(broken).pipe(watched, toEvents({ of: `score.${names[1]}` }), toArray()))
    expect(events.map(({ phase, start }) => [phase, start])).toEqual([
      ['begin', (normal.length - 2) * 100],
      ['end', (normal.length - 2) * 100]
    ])
    expect(Object.keys(events[0]!.contributions!)).toEqual([names[1]])
  })
})

function columnOf({ values, length }: Samples, c: number): number[] {
  return Array.from(values.subarray(c * length, (c + 1) * length))
}

function scanOf(of: Samples, scan: number): Samples {
  return { ...of, length: 1, values: Float64Array.from(of.channels, (_, c) => of.values[c * of.length + scan]!) }
}
