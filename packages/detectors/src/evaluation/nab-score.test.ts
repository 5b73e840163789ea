import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NabProfile, type NabSeries, nabProfiles, nabScore } from './index.ts'

/** Weights of NAB's own tests. */
const even: NabProfile = { truePositive: 1, falseNegative: 1, falsePositive: 1 }

const detections = (length: number, at: readonly number[]): Float64Array => {
  const scores = new Float64Array(length)
  for (const i of at) scores[i] = 1
  return scores
}

describe("examples of NAB's own tests", () => {
  it('no windows and no detections: 0', () => {
    expect(
      nabScore([{ scores: new Float64Array(10), windows: [], probation: 0 }], { profile: even, limit: 0.5 }).raw
    ).toBe(0)
  })

  it('a window found twice, one false alarm 3 rows behind it, a window missed: -0.9540', () => {
    const windows = [
      [30, 34],
      [60, 64]
    ] as const
    const series = { scores: detections(100, [30, 31, 37]), windows, probation: 0 }
    expect(nabScore([series], { profile: even, limit: 0.5 }).raw).toBeCloseTo(-0.954, 4)
  })

  it('missed windows cost twice as much where they count double', () => {
    const series = { scores: new Float64Array(100), windows: [[50, 59]] as const, probation: 0 }
    const raw = (falseNegative: number) => nabScore([series], { profile: { ...even, falseNegative }, limit: 0.5 }).raw
    expect(raw(1)).toBe(-1)
    expect(raw(2)).toBe(-2)
  })

  it('a false alarm without a window before it costs its full weight', () => {
    const series = { scores: detections(100, [0]), windows: [], probation: 0 }
    expect(nabScore([series], { profile: { ...even, falsePositive: 2 }, limit: 0.5 }).raw).toBe(-2)
  })
})

describe('nabScore', () => {
  it('leaves out the first 15 % of the rows, at most 750', () => {
    const at = (length: number, row: number) =>
      nabScore([{ scores: detections(length, [row]), windows: [] }], { limit: 1 }).raw
    expect(at(100, 14)).toBe(0)
    expect(at(100, 15)).toBe(-0.11)
    expect(at(9000, 749)).toBe(0)
    expect(at(9000, 750)).toBe(-0.11)
  })

  it('counts the earliest detection of a window only', () => {
    const windows = [[50, 59]] as const
    const raw = (at: readonly number[]) => nabScore([{ scores: detections(100, at), windows }], { limit: 1 }).raw
    expect(raw([50, 51, 58])).toBe(1)
    expect(raw([58, 51])).toBe(raw([51]))
    expect(raw([59])).toBeGreaterThan(0)
    expect(raw([59])).toBeLessThan(raw([55]))
  })

  it('a detection close behind a window costs less', () => {
    const windows = [[50, 59]] as const
    const raw = (row: number) => nabScore([{ scores: detections(200, [row]), windows }], { limit: 1 }).raw + 1
    expect(raw(60)).toBeGreaterThan(raw(65))
    expect(raw(190)).toBeCloseTo(-0.11, 12)
  })

  it('does not take NaN for a detection', () => {
    const series = { scores: new Float64Array(100).fill(Number.NaN), windows: [[50, 59]] as const }
    expect(nabScore([series])).toEqual({ score: 0, limit: Number.POSITIVE_INFINITY, raw: -1 })
  })

  it('finds the limit that is best for all series together, as trying each would', () => {
    const series = fc.record({
      scores: fc.array(fc.constantFrom(0, 1, 2, 3, 4, Number.NaN), { minLength: 30, maxLength: 30 }),
      windows: fc.constantFrom(
        [],
        [[8, 12]],
        [
          [6, 9],
          [20, 25]
        ]
      ) as fc.Arbitrary<NabSeries['windows']>
    })
    fc.assert(
      fc.property(
        fc.array(series, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...Object.values(nabProfiles)),
        (all, profile) => {
          const found = nabScore(all, { profile })
          const tried = [0, 1, 2, 3, 4, 5].map((limit) => nabScore(all, { profile, limit }).raw)
          expect(found.raw).toBeCloseTo(Math.max(...tried), 12)
          expect(nabScore(all, { profile, limit: found.limit }).raw).toBeCloseTo(found.raw, 12)
        }
      )
    )
  })

  it('refuses windows outside of the series or out of order', () => {
    const scores = new Float64Array(10)
    expect(() => nabScore([{ scores, windows: [[8, 10]] }])).toThrow(
      'nabScore: windows must lie in 0..9 in order and without overlap, got [8, 10] after -1'
    )
    expect(() =>
      nabScore([
        {
          scores,
          windows: [
            [4, 6],
            [6, 8]
          ]
        }
      ])
    ).toThrow(RangeError)
  })
})
