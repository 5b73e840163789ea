import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Series } from './report.ts'
import { COLUMNS, thinSeries } from './thin-series.ts'

const NONE = Number.NaN

it('keeps the lowest and the highest scan of every pixel column, and no more than two', () => {
  const value = fc.oneof(
    { weight: 20, arbitrary: fc.double({ noNaN: true }).map((v) => v + 0) },
    { weight: 1, arbitrary: fc.constant(NONE) }
  )
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), fc.integer({ min: 1, max: 40 }), (values, width) => {
      const series = everyMs(values)
      const range = { from: 0, to: width * COLUMNS }
      const pieces = thinSeries(series, range)
      for (const [column, scans] of columnsOf(values, range.to)) {
        const kept = pieces
          .flat()
          .filter((i) => columnOf(i, range.to) === column)
          .map((i) => values[i] as number)
        const present = scans.map((i) => values[i] as number).filter((v) => !Number.isNaN(v))
        if (present.length === 0 && kept.length === 0) continue
        expect(Math.max(...kept)).toBe(Math.max(...present))
        expect(Math.min(...kept)).toBe(Math.min(...present))
        expect(kept.length).toBeLessThanOrEqual(2 * piecesIn(scans, values))
      }
    })
  )
})

it('keeps order, and joins nothing over a value that is missing', () => {
  const values = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constant(NONE)), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(values, (values) => {
      for (const piece of thinSeries(everyMs(values), { from: 0, to: 50 })) {
        const [first, last] = [piece[0] as number, piece.at(-1) as number]
        expect([...piece].sort((a, b) => a - b)).toEqual(piece)
        expect(values.slice(first, last + 1).some(Number.isNaN)).toBe(false)
      }
    })
  )
})

it('never loses a spike of a single scan among a million', () => {
  const values = new Float64Array(1_000_000)
  values[654_321] = 1
  const pieces = thinSeries({ name: 'a', time: values.map((_, i) => i), values }, { from: 0, to: 999_999 })
  expect(pieces.flat()).toContain(654_321)
  expect(pieces.flat().length).toBeLessThanOrEqual(2 * COLUMNS)
})

it('draws every scan of a short series', () => {
  expect(thinSeries(everyMs([3, 1, 2, 2]), { from: 0, to: 3 })).toEqual([[0, 1, 2, 3]])
})

it('breaks the line at NaN, at a time that is none, and at a gap', () => {
  const range = { from: 0, to: 5 }
  expect(thinSeries(everyMs([1, NONE, 2, 3, NONE, 4]), range)).toEqual([[0], [2, 3], [5]])
  expect(thinSeries({ name: 'a', time: [0, 1, NONE, 3], values: [1, 1, 1, 1] }, range)).toEqual([[0, 1], [3]])
  const gap = { scans: 10, cause: 'lost' }
  const six = everyMs([1, 2, 3, 4, 5, 6])
  expect(thinSeries(six, range, [{ ...gap, from: 2, to: 3 }])).toEqual([
    [0, 1, 2],
    [3, 4, 5]
  ])
  expect(
    thinSeries(six, range, [
      { ...gap, from: 4, to: 4 },
      { ...gap, from: 0.2, to: 0.9 }
    ])
  ).toEqual([[0], [1, 2, 3], [4, 5]])
})

function everyMs(values: readonly number[]): Series {
  return { name: 'a', time: values.map((_, i) => i), values }
}

function columnOf(ms: number, to: number): number {
  return Math.min(COLUMNS - 1, Math.floor(ms * (COLUMNS / to)))
}

function columnsOf(values: readonly number[], to: number): Map<number, number[]> {
  const columns = new Map<number, number[]>()
  values.forEach((_, i) => {
    const scans = columns.get(columnOf(i, to)) ?? []
    columns.set(columnOf(i, to), scans)
    scans.push(i)
  })
  return columns
}

/** How many unbroken pieces of the line a column holds. */
function piecesIn(scans: readonly number[], values: readonly number[]): number {
  const starts = (i: number, k: number): boolean =>
    !Number.isNaN(values[i]) && (k === 0 || Number.isNaN(values[scans[k - 1] as number]))
  return scans.filter(starts).length
}
