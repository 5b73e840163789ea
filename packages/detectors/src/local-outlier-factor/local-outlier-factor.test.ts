import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { localOutlierFactor } from './local-outlier-factor.ts'
import { naiveLocalOutlierFactor } from './naive.ts'

detectorSuite('localOutlierFactor', { spec: localOutlierFactor() }, { describe, it })
detectorSuite(
  'localOutlierFactor of a small sample',
  { spec: localOutlierFactor({ reference: 64, k: 5 }) },
  { describe, it }
)

const named = (names: readonly string[]) => names.map((name) => ({ name, unit: 'V' }))
const ab = named(['a', 'b'])
const rowsOf = (rows: readonly (readonly number[])[]) =>
  samples({ a: rows.map((row) => row[0]!), b: rows.map((row) => row[1]!) })

function expectClose(actual: ArrayLike<number>, expected: readonly number[], relative: number): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => {
    expect(Math.abs(actual[i]! - x) / Math.abs(x), `value ${i}: ${actual[i]} for ${x}`).toBeLessThan(relative)
  })
}

describe('localOutlierFactor', () => {
  it('equals scikit-learn', () => {
    for (const [k, expected] of [
      [5, reference.k5],
      [20, reference.k20]
    ] as const) {
      const detector = localOutlierFactor({ k }).create(named(Object.keys(reference.train)))
      detector.fit(samples(reference.train))
      expectClose(detector.score(samples(reference.test)), expected, 1e-9)
    }
  })

  it('equals the naive version', () => {
    const value = fc.double({ min: -10, max: 10, noNaN: true })
    const some = fc.array(fc.tuple(value, value), { minLength: 8, maxLength: 30 })
    fc.assert(
      fc.property(some, fc.tuple(value, value), fc.integer({ min: 1, max: 5 }), (rows, row, k) => {
        // Shaken, so that no two distances are equal; a floor that makes all scales 100.
        const shaken = rows.map((r, i) => r.map((x, c) => x + Math.sin((i + 1) * (c + 2))))
        const detector = localOutlierFactor({ k, minDeviation: 100 }).create(ab)
        detector.fit(rowsOf(shaken))
        const scaled = (one: readonly number[]) => one.map((x) => x / 100)
        expectClose(detector.score(rowsOf([row])), [naiveLocalOutlierFactor(shaken.map(scaled), scaled(row), k)], 1e-6)
      }),
      { numRuns: 100 }
    )
  })

  it('stays finite among copies', () => {
    const detector = localOutlierFactor({ k: 3 }).create(named(['a']))
    detector.fit(samples({ a: [1, 1, 1, 1, 1, 2, 3, 4] }))
    const [on, beside, far] = detector.score(samples({ a: [1, 1.5, 1.7e308] }))
    expect(on).toBeCloseTo(1, 9)
    expect(beside).toBeGreaterThan(1000)
    expect(far).toBeGreaterThan(beside!)
    expect(far).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  it('scores by scan what fit scores, once the densities are counted at the same scan', () => {
    const normal = normalOperation({ scans: 21 })
    const [whole, single] = [0, 1].map(() => localOutlierFactor().create(named(normal.channels)))
    whole!.fit(normal)
    single!.update(normal)
    expect(single!.score(normal)).toEqual(whole!.score(normal))
  })

  it('is ready after k + 1 scans', () => {
    const detector = localOutlierFactor({ k: 2 }).create(named(['a']))
    detector.fit(samples({ a: [1, 2] }))
    expect(detector.ready).toBe(false)
    detector.update(samples({ a: [3] }))
    expect(detector.ready).toBe(true)
  })

  it('refuses options that are out of range, and snapshots of others', () => {
    const refused = (options: object, message: string) =>
      expect(() => localOutlierFactor(options)).toThrow(`localOutlierFactor: ${message}`)
    refused({ reference: 0 }, 'reference must be a whole number from 2 to 65536, got 0')
    refused({ k: 10, reference: 10 }, 'k must be a whole number from 1 to 9, got 10')
    refused({ k: '2' }, 'k must be a number, got 2')
    const detector = localOutlierFactor({ k: 2 }).create(named(['a']))
    detector.fit(samples({ a: [1, 2, 3, 4] }))
    const { state, ...rest } = detector.snapshot()
    const broken = { ...rest, state: { ...(state as object), countedRows: new Float64Array(2) } }
    expect(() => localOutlierFactor({ k: 2 }).restore(broken)).toThrow(/its countedRows do not fit its options/)
    expect(() => localOutlierFactor({ k: 3 }).restore(detector.snapshot())).toThrow(/learned with k 2, this one has 3/)
  })
})
