import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EwMoments } from './ew-moments.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { RunningMoments } from './running-moments.ts'
import { WindowMoments } from './window-moments.ts'

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const values = fc.array(value, { minLength: 1, maxLength: 100 })

/** Mean and sum of squared deviations in two passes. */
function naive(column: readonly number[]): [mean: number, squares: number] {
  const mean = column.reduce((sum, x) => sum + x, 0) / column.length
  return [mean, column.reduce((sum, x) => sum + (x - mean) * (x - mean), 0)]
}

function expectClose(actual: number, expected: number, scale: number): void {
  expect(Math.abs(actual - expected), `${actual} for ${expected}`).toBeLessThanOrEqual(1e-10 * scale)
}

const all = (column: readonly number[]): RunningMoments => {
  const moments = new RunningMoments(1)
  for (const x of column) moments.add(Float64Array.of(x))
  return moments
}

describe('RunningMoments', () => {
  it('equals numpy', () => {
    const moments = new RunningMoments(3)
    for (const row of reference.rows) moments.add(Float64Array.from(row))
    for (const u of [0, 1, 2]) {
      expectClose(moments.mean[u]!, reference.mean[u]!, 1e4)
      expectClose(moments.variance(u), reference.covariance[4 * u]!, 1)
    }
  })

  it('has the variances of the documentation of River', () => {
    const moments = new RunningMoments(1)
    const variances = [3, 5, 4, 7, 10, 12].map((x) => {
      moments.add(Float64Array.of(x))
      return moments.variance(0)
    })
    expect(variances[0]).toBeNaN()
    for (const [i, x] of [2, 1, 35 / 12, 7.7, 377 / 30].entries()) expect(variances[i + 1]).toBeCloseTo(x, 5)
  })

  it('merges to what one of the whole has, whatever the parts', () => {
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 30 }), { maxLength: 6 }), (parts) => {
        const merged = new RunningMoments(1)
        for (const part of parts) merged.merge(all(part))
        const whole = parts.flat()
        expect(merged.count).toBe(whole.length)
        if (whole.length === 0) return
        const [mean, squares] = naive(whole)
        expectClose(merged.mean[0]!, mean, 1e6)
        expectClose(merged.squares[0]!, squares, Math.max(squares, 1e6))
      })
    )
  })

  it('does not cancel where the mean is large', () => {
    expect(all([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]).variance(0)).toBe(30)
    const merged = all([1e9 + 4, 1e9 + 7])
    merged.merge(all([1e9 + 13, 1e9 + 16]))
    expect(merged.variance(0)).toBe(30)
  })

  it('refuses what does not fit', () => {
    expect(() => new RunningMoments(0)).toThrow(
      'RunningMoments: width must be a whole number of channels from 1, got 0'
    )
    expect(() => all([1]).merge(new RunningMoments(2))).toThrow('merge needs one of 1 channels, got 2')
  })
})

describe('WindowMoments', () => {
  it('equals numpy on every window', () => {
    const moments = new WindowMoments(1, { scans: reference.window })
    for (const [i, x] of reference.coarse.entries()) {
      moments.add(Float64Array.of(x), i)
      moments.refresh()
      expectClose(moments.mean[0]!, reference.windowMean[i]!, 1)
      if (i > 0) expectClose(moments.variance(0), reference.windowVariance[i]!, 1)
    }
  })

  it('equals the naive version, after enormous values too', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(value, fc.constant(1e15)), { minLength: 1, maxLength: 90 }), (column) => {
        const moments = new WindowMoments(1, { scans: 7 })
        for (const [i, x] of column.entries()) {
          moments.add(Float64Array.of(x), i)
          moments.refresh()
          const window = column.slice(Math.max(0, i - 6), i + 1)
          const [mean, squares] = naive(window)
          const size = Math.max(1e-3, ...window.map(Math.abs))
          expectClose(moments.mean[0]!, mean, size)
          expectClose(moments.squares[0]!, squares, size * size)
        }
      })
    )
  })
})

describe('EwMoments', () => {
  it('equals River', () => {
    const moments = new EwMoments(1, 0.1)
    for (const [i, x] of reference.coarse.entries()) {
      moments.add(Float64Array.of(x))
      expectClose(moments.variance[0]!, reference.ewVariance[i]!, 1)
    }
    const short = new EwMoments(1, 0.5)
    const expected = [0, 1, 2.75, 1.4375, 1.984375, 3.43359375, 1.7958984375, 2.198974609375, 3.56536865234375]
    for (const [i, x] of [1, 3, 5, 4, 6, 8, 7, 9, 11].entries()) {
      short.add(Float64Array.of(x))
      expect(short.variance[0]).toBe(expected[i])
    }
  })

  it('equals the naive version with the weights written out', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (column, alpha) => {
        const moments = new EwMoments(1, alpha)
        for (const x of column) moments.add(Float64Array.of(x))
        const last = column.length - 1
        const weights = column.map((_, i) => (1 - alpha) ** (last - i) * (i === 0 ? 1 : alpha))
        const mean = column.reduce((sum, x, i) => sum + weights[i]! * x, 0)
        const variance = column.reduce((sum, x, i) => sum + weights[i]! * (x - mean) * (x - mean), 0)
        expectClose(moments.mean[0]!, mean, 1e6)
        expectClose(moments.variance[0]!, variance, 1e12)
      })
    )
  })

  it('does not cancel where the mean is large', () => {
    const [near, far] = [new EwMoments(1, 0.25), new EwMoments(1, 0.25)]
    for (const x of [4, 7, 13, 16, 2]) {
      near.add(Float64Array.of(x))
      far.add(Float64Array.of(x + 1e9))
    }
    expect(Math.abs(far.variance[0]! - near.variance[0]!)).toBeLessThan(1e-5)
    // What the difference of two mean squares would leave: rounding of 1e18.
    expect(near.variance[0]).toBeGreaterThan(10)
  })

  it('refuses an alpha out of range', () => {
    for (const alpha of [0, -0.1, 1.1, Number.NaN])
      expect(() => new EwMoments(1, alpha)).toThrow(`EwMoments: alpha must be above 0 and at most 1, got ${alpha}`)
  })
})
