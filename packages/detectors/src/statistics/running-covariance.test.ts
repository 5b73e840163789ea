import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EwCovariance } from './ew-covariance.ts'
import { EwMoments } from './ew-moments.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { RunningCovariance } from './running-covariance.ts'

const value = fc.double({ min: -1e3, max: 1e3, noNaN: true })
const rows = (minLength: number) => fc.array(fc.tuple(value, value, value), { minLength, maxLength: 60 })

function naive(all: readonly (readonly number[])[], divisor: number): number[] {
  const mean = [0, 1, 2].map((u) => all.reduce((sum, row) => sum + row[u]!, 0) / all.length)
  return [0, 1, 2].flatMap((u) =>
    [0, 1, 2].map((v) => all.reduce((sum, row) => sum + (row[u]! - mean[u]!) * (row[v]! - mean[v]!), 0) / divisor)
  )
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], absolute: number): void {
  expect(actual.length).toBe(expected.length)
  for (const [i, x] of expected.entries()) expect(Math.abs(actual[i]! - x), `value ${i}`).toBeLessThanOrEqual(absolute)
}

const of = (all: readonly (readonly number[])[]): RunningCovariance => {
  const covariance = new RunningCovariance(3)
  for (const row of all) covariance.add(Float64Array.from(row))
  return covariance
}

describe('RunningCovariance', () => {
  it('equals numpy', () => {
    const covariance = of(reference.rows)
    expectClose(covariance.mean, reference.mean, 1e-10)
    expectClose(covariance.covariance(), reference.covariance, 1e-10)
  })

  it('equals the naive version in two passes', () => {
    fc.assert(fc.property(rows(1), (all) => expectClose(of(all).covariance(0), naive(all, all.length), 1e-6)))
  })

  it('merges to what one of the whole has', () => {
    fc.assert(
      fc.property(fc.array(rows(0), { maxLength: 4 }), (parts) => {
        const merged = new RunningCovariance(3)
        for (const part of parts) merged.merge(of(part))
        const whole = parts.flat()
        expect(merged.count).toBe(whole.length)
        if (whole.length > 0) expectClose(merged.covariance(0), naive(whole, whole.length), 1e-6)
      })
    )
  })

  it('does not cancel where the means are large', () => {
    const covariance = of([4, 7, 13, 16].map((x) => [1e9 + x, 1e9 - x, x]))
    expect([...covariance.covariance()]).toEqual([30, -30, 30, -30, 30, -30, 30, -30, 30])
  })

  it('is NaN of too few rows', () => {
    expect(of([[1, 2, 3]]).covariance()[0]).toBeNaN()
    expect(of([[1, 2, 3]]).covariance(0)[0]).toBe(0)
  })
})

describe('EwCovariance', () => {
  it('equals numpy with the weights written out', () => {
    const covariance = new EwCovariance(3, 0.1)
    for (const row of reference.rows) covariance.add(Float64Array.from(row))
    expectClose(covariance.mean, reference.ewMean, 1e-9)
    expectClose(covariance.covariance, reference.ewCovariance, 1e-8)
  })

  it('has the variances of EwMoments on its diagonal', () => {
    fc.assert(
      fc.property(rows(1), fc.double({ min: 0.01, max: 1, noNaN: true }), (all, alpha) => {
        const [covariance, moments] = [new EwCovariance(3, alpha), new EwMoments(3, alpha)]
        for (const row of all) {
          covariance.add(Float64Array.from(row))
          moments.add(Float64Array.from(row))
        }
        for (const u of [0, 1, 2]) {
          expect(covariance.covariance[4 * u]).toBeCloseTo(moments.variance[u]!, 6)
          expect(covariance.mean[u]).toBe(moments.mean[u])
        }
      })
    )
  })
})
