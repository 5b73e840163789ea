import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import reference from './fixtures/reference.json' with { type: 'json' }
import { RunningMedian } from './running-median.ts'
import { WindowExtremes } from './window-extremes.ts'

// Few different values, so that ties are frequent.
const column = fc.oneof(
  fc.array(fc.integer({ min: -8, max: 8 }), { maxLength: 120 }),
  fc.array(fc.double({ min: -1e150, max: 1e150, noNaN: true }), { maxLength: 120 })
)

function naiveMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2
}

describe('RunningMedian', () => {
  it('equals numpy and scipy on every window', () => {
    const last = new RunningMedian(reference.window)
    for (const [i, x] of reference.coarse.entries()) {
      last.add(x)
      expect(last.median).toBe(reference.windowMedian[i])
      expect(last.mad).toBe(reference.windowMad[i])
      expect(last.quantile(0.9)).toBeCloseTo(reference.windowQuantile90[i]!, 12)
    }
  })

  it('equals the naive version, to the bit', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 1, max: 30 }), (values, scans) => {
        const last = new RunningMedian(scans)
        for (const [i, x] of values.entries()) {
          last.add(x)
          const window = values.slice(Math.max(0, i + 1 - scans), i + 1).map((y) => y + 0)
          const median = naiveMedian(window)
          expect(last.count).toBe(window.length)
          expect(last.median).toBe(median)
          expect(last.mad).toBe(naiveMedian(window.map((y) => Math.abs(y - median))))
          expect([...last.values()]).toEqual(window)
        }
      })
    )
  })

  it('knows nothing before the first value and after `clear`', () => {
    const last = new RunningMedian(3)
    for (let k = 0; k < 2; k += 1) {
      expect([last.median, last.mad, last.quantile(0.5)]).toEqual([NaN, NaN, NaN])
      for (const x of [1, 2, 3, 4]) last.add(x)
      expect([last.quantile(0), last.median, last.quantile(1)]).toEqual([2, 3, 4])
      last.clear()
    }
  })

  it('refuses what is out of range', () => {
    expect(() => new RunningMedian(0)).toThrow('RunningMedian: scans must be a whole number from 1, got 0')
    expect(() => new RunningMedian(3).quantile(1.1)).toThrow('quantile: p must be from 0 to 1, got 1.1')
  })
})

describe('WindowExtremes', () => {
  it('equals scipy on every window', () => {
    const last = new WindowExtremes(reference.window)
    for (const [i, x] of reference.coarse.entries()) {
      last.add(x)
      expect([last.min, last.max]).toEqual([reference.windowMin[i], reference.windowMax[i]])
    }
  })

  it('equals the naive version', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 1, max: 30 }), (values, scans) => {
        const last = new WindowExtremes(scans)
        expect(last.min).toBeNaN()
        for (const [i, x] of values.entries()) {
          last.add(x)
          const window = values.slice(Math.max(0, i + 1 - scans), i + 1)
          expect(last.min === Math.min(...window) && last.max === Math.max(...window)).toBe(true)
        }
        last.clear()
        expect(last.max).toBeNaN()
      })
    )
  })
})
