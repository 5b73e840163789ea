import type { DriftSpec } from '@messwerk/core/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../statistics/random.ts'
import { adwin } from './adwin.ts'
import { effectiveSize } from './effective-size.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { ksDrift } from './ks-drift.ts'
import { pageHinkleyDrift } from './page-hinkley-drift.ts'
import { psiDrift } from './psi-drift.ts'
import { kolmogorovSmirnov, kolmogorovTail, populationStability, wasserstein } from './two-samples.ts'
import { wassersteinDrift } from './wasserstein-drift.ts'
import { chiSquaredTail, edgesOf } from './window-drift.ts'

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort()

function found(spec: DriftSpec, values: readonly number[]): number[] {
  const test = spec.create()
  return values.flatMap((x, i) => (test.update(x) ? [i] : []))
}

/** AR(1) with marginal standard deviation 1. */
function wandering(seed: number, scans: number, memory: number, shift = 0): number[] {
  const random = new Random(seed)
  let x = random.normal()
  return Array.from({ length: scans }, () => {
    x = memory * x + Math.sqrt(1 - memory * memory) * random.normal()
    return x + shift
  })
}

describe('adwin and pageHinkleyDrift', () => {
  it('decide as River does', () => {
    expect(found(adwin(), reference.levels)).toEqual(reference.adwin.found)
    expect(found(pageHinkleyDrift(), reference.levels)).toEqual(reference.pageHinkley)
    const low = pageHinkleyDrift({ minScans: 10, delta: 0.1, threshold: 20, side: 'low' })
    expect(found(low, reference.levels)).toEqual(reference.pageHinkleyLow)
  })

  it('say what has changed', () => {
    const test = adwin().create()
    const drift = wandering(1, 600, 0)
      .map((x, i) => test.update(x + (i < 300 ? 0 : 5)))
      .find((each) => each !== undefined)!
    expect(drift.statistic).toBeGreaterThan(drift.limit)
    expect(drift.before).toBeCloseTo(0, 0)
    expect(drift.after).toBeCloseTo(5, 0)
  })
})

describe('two samples', () => {
  it.each(reference.pairs)('equal scipy and numpy', (pair) => {
    const [one, two] = [sorted(pair.reference), sorted(pair.recent)]
    expect(kolmogorovSmirnov(one, two)).toBeCloseTo(pair.ks, 12)
    expect(wasserstein(one, two)).toBeCloseTo(pair.wasserstein, 12)
    expect(populationStability(one, two, edgesOf(one, 10))).toBeCloseTo(pair.psi, 12)
  })

  it('have the probabilities of scipy', () => {
    for (const [x, p] of reference.kolmogorov as [number, number][]) expect(kolmogorovTail(x)).toBeCloseTo(p, 4)
    for (const [p, degrees, x] of reference.chiSquared as [number, number, number][]) {
      const ratio = chiSquaredTail(x, degrees) / p
      expect(ratio, `p ${p}, ${degrees} degrees`).toBeGreaterThan(0.999)
      expect(ratio, `p ${p}, ${degrees} degrees`).toBeLessThan(1.001)
    }
  })

  it('equal naive versions, ties and all', () => {
    const column = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 })
    const below = (values: readonly number[], x: number) => values.filter((y) => y <= x).length / values.length
    fc.assert(
      fc.property(column, column, (one, two) => {
        const places = Array.from({ length: 12 }, (_, i) => i - 6)
        const apart = places.map((x) => Math.abs(below(one, x) - below(two, x)))
        expect(kolmogorovSmirnov(sorted(one), sorted(two))).toBeCloseTo(Math.max(...apart), 12)
        // Between two whole numbers the distribution functions are flat.
        expect(wasserstein(sorted(one), sorted(two))).toBeCloseTo(
          apart.reduce((sum, each) => sum + each, 0),
          12
        )
      })
    )
  })
})

describe('effectiveSize', () => {
  it('is n for independent values and n (1 - r) / (1 + r) for AR(1)', () => {
    for (const [memory, expected] of [
      [0, 1],
      [0.5, 1 / 3],
      [0.9, 1 / 19]
    ] as const) {
      const sizes = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
        effectiveSize(Float64Array.from(wandering(seed, 2000, memory)))
      )
      const mean = sizes.reduce((sum, size) => sum + size / 8, 0)
      expect(mean / 2000 / expected).toBeGreaterThan(0.75)
      expect(mean / 2000 / expected).toBeLessThan(1.3)
    }
    expect(effectiveSize(new Float64Array(50).fill(3))).toBe(50)
  })
})

describe.each([
  ['ksDrift', ksDrift()],
  ['wassersteinDrift', wassersteinDrift()],
  ['psiDrift', psiDrift()]
] as const)('%s', (_, spec) => {
  it('finds a shift of 1.5 standard deviations once, within 200 values', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const values = [...wandering(seed, 1000, 0), ...wandering(seed + 50, 1000, 0, 1.5)]
      const at = found(spec, values)
      expect(at.length).toBe(1)
      expect(at[0]).toBeGreaterThanOrEqual(1000)
      expect(at[0]).toBeLessThan(1200)
    }
  })

  it('finds none where values only follow each other closely', () => {
    for (const memory of [0, 0.5, 0.9, 0.97]) {
      let drifts = 0
      for (let seed = 1; seed <= 12; seed += 1) drifts += found(spec, wandering(seed, 3000, memory)).length
      expect(drifts, `AR(1) ${memory}`).toBeLessThanOrEqual(1)
    }
  })

  it('tells before and after', () => {
    const test = spec.create()
    const values = [...wandering(1, 800, 0), ...wandering(2, 400, 0, 3)]
    const drift = values.map((x) => test.update(x)).find((each) => each !== undefined)!
    expect(drift.before).toBeCloseTo(0, 0)
    expect(drift.after).toBeGreaterThan(0.5)
    expect(drift.p).toBeLessThan(0.0001)
    expect(drift.statistic).toBeGreaterThan(drift.limit)
  })

  it('bears flat values', () => {
    expect(found(spec, [...Array(800).fill(5), ...Array(300).fill(6)]).length).toBe(1)
    expect(found(spec, Array(2000).fill(5))).toEqual([])
  })
})

describe.each([
  ['adwin', adwin()],
  ['pageHinkleyDrift', pageHinkleyDrift()],
  ['ksDrift', ksDrift({ reference: 200, recent: 100 })],
  ['wassersteinDrift', wassersteinDrift({ reference: 200, recent: 100 })],
  ['psiDrift', psiDrift({ reference: 200, recent: 100 })]
] as const)('%s', (_, spec) => {
  it('leaves out what is not finite', () => {
    const broken = reference.levels.flatMap((x, i) => (i % 5 === 0 ? [x, Number.NaN, Number.POSITIVE_INFINITY] : [x]))
    const clean = found(spec, reference.levels)
    expect(clean.length).toBeGreaterThan(1)
    expect(found(spec, broken).length).toBe(clean.length)
  })

  it('goes on with the same bits from a snapshot, taken anywhere', () => {
    const uninterrupted = found(spec, reference.levels)
    for (const cut of [1, 150, 333, 1217, 1220, 1400, 2432]) {
      const test = spec.create()
      const at: number[] = []
      for (let i = 0; i < cut; i += 1) if (test.update(reference.levels[i]!)) at.push(i)
      const snapshot = test.snapshot()
      const kept = structuredClone(snapshot)
      const restored = spec.restore(structuredClone(snapshot))
      for (let i = cut; i < reference.levels.length; i += 1) {
        if (restored.update(reference.levels[i]!)) at.push(i)
        test.update(reference.levels[i]!)
      }
      expect(at).toEqual(uninterrupted)
      expect(restored.snapshot()).toEqual(test.snapshot())
      expect(snapshot).toEqual(kept)
    }
  })

  it('refuses a snapshot of another kind or a newer version', () => {
    const { kind, state, version } = spec.create().snapshot()
    expect(() => spec.restore({ kind: `not-${kind}`, state, version })).toThrow('the snapshot is of')
    expect(() => spec.restore({ kind, state, version: version + 1 })).toThrow('is newer than')
  })
})

describe('options', () => {
  it.each([
    [() => adwin({ delta: 0 }), 'adwin: delta must be above 0 and below 1, got 0'],
    [() => adwin({ every: 0 }), 'adwin: every must be a whole number from 1, got 0'],
    [() => pageHinkleyDrift({ alpha: 2 }), 'pageHinkleyDrift: alpha must be above 0 and at most 1, got 2'],
    [() => ksDrift({ recent: 5 }), 'ksDrift: recent must be a whole number from 20, got 5'],
    [() => ksDrift({ minDistance: 0 }), 'ksDrift: minDistance must be finite and above 0, got 0'],
    [() => wassersteinDrift({ minShift: -1 }), 'wassersteinDrift: minShift must be finite and above 0, got -1'],
    [() => psiDrift({ bins: 1 }), 'psiDrift: bins must be a whole number from 2, got 1']
  ])('out of range are refused', (make, message) => {
    expect(make).toThrow(message)
  })
})
