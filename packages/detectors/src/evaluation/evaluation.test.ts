import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import reference from './fixtures/reference.json' with { type: 'json' }
import {
  confusion,
  constantDetector,
  detectionDelay,
  evaluate,
  eventRates,
  falseAlarmRate,
  flagsOf,
  periodOf,
  pooled,
  prAuc,
  rates,
  rocAuc,
  vusPr
} from './index.ts'

describe.each(reference.cases)('$name, against scikit-learn', ({ scores, labels, limit, buffer, ...wanted }) => {
  it('ROC-AUC', () => {
    expect(rocAuc(scores, labels)).toBeCloseTo(wanted.rocAuc, 12)
  })
  it('average precision', () => {
    expect(prAuc(scores, labels)).toBeCloseTo(wanted.prAuc, 12)
  })
  it('VUS-PR, against its definition in numpy', () => {
    expect(vusPr(scores, labels, { buffer })).toBeCloseTo(wanted.vusPr, 12)
  })
  it('precision, recall, F1 and counts', () => {
    const counts = confusion(flagsOf(scores, limit), labels)
    const { trueNegatives, falsePositives, falseNegatives, truePositives } = counts
    expect([trueNegatives, falsePositives, falseNegatives, truePositives]).toEqual(wanted.confusion)
    const { precision, recall, f1, mar } = rates(counts)
    expect(precision).toBeCloseTo(wanted.precision, 12)
    expect(recall).toBeCloseTo(wanted.recall, 12)
    expect(mar).toBeCloseTo(1 - wanted.recall, 12)
    expect(f1).toBeCloseTo(wanted.f1, 12)
  })
})

/** Few values, so that there are ties; both kinds of row. */
const rows = fc
  .array(fc.record({ score: fc.constantFrom(0, 1, 2, 3, 4.5, Number.NaN), label: fc.constantFrom(0, 1) }), {
    minLength: 2,
    maxLength: 40
  })
  .filter((all) => all.some(({ label }) => label === 1) && all.some(({ label }) => label === 0))
  .map((all) => ({ scores: all.map(({ score }) => score), labels: all.map(({ label }) => label) }))

/** NaN ranks below every score. */
const ranked = (scores: readonly number[]): number[] => scores.map((score) => (Number.isNaN(score) ? -1 : score))

function naiveRocAuc(scores: readonly number[], labels: readonly number[]): number {
  let sum = 0
  let pairs = 0
  for (const [i, a] of scores.entries()) {
    for (const [j, b] of scores.entries()) {
      if (labels[i] !== 1 || labels[j] !== 0) continue
      pairs += 1
      sum += a > b ? 1 : a === b ? 0.5 : 0
    }
  }
  return sum / pairs
}

function naivePrAuc(scores: readonly number[], labels: readonly number[]): number {
  const total = labels.filter((label) => label === 1).length
  let area = 0
  let recallBefore = 0
  for (const limit of [...new Set(scores)].sort((a, b) => b - a)) {
    const { precision, recall } = rates(
      confusion(
        scores.map((score) => (score >= limit ? 1 : 0)),
        labels
      )
    )
    area += precision * (recall - recallBefore)
    recallBefore = recall
  }
  return total === 0 ? Number.NaN : area
}

describe('areas', () => {
  it('equal their naive twins, also with ties and without scores', () => {
    fc.assert(
      fc.property(rows, ({ scores, labels }) => {
        expect(rocAuc(scores, labels)).toBeCloseTo(naiveRocAuc(ranked(scores), labels), 12)
        expect(prAuc(scores, labels)).toBeCloseTo(naivePrAuc(ranked(scores), labels), 12)
        expect(vusPr(scores, labels, { buffer: 3 })).toBe(vusPr(ranked(scores), labels, { buffer: 3 }))
      })
    )
  })

  it('give a constant score 0.5 and the prevalence', () => {
    const labels = [0, 0, 0, 1, 0, 0, 1, 0]
    expect(rocAuc(new Float64Array(8), labels)).toBe(0.5)
    expect(prAuc(new Float64Array(8), labels)).toBe(0.25)
  })

  it('are not won by saying nothing about hard rows', () => {
    expect(rocAuc([5, Number.NaN, 4, 3], [1, 1, 0, 0])).toBe(0.5)
  })

  it('are NaN where one kind of row is missing', () => {
    expect(rocAuc([1, 2], [0, 0])).toBeNaN()
    expect(rocAuc([1, 2], [1, 1])).toBeNaN()
    expect(prAuc([1, 2], [0, 0])).toBeNaN()
    expect(vusPr([1, 2], [0, 0], { buffer: 2 })).toBeNaN()
  })

  it.each([rocAuc, prAuc])('%o refuses labels of another length', (area) => {
    expect(() => area([1, 2, 3], [0, 1])).toThrow(RangeError)
    expect(() => area([1, 2, 3], [0, 1])).toThrow('labels must hold one value for each of the 3 scores, got 2')
  })

  it('refuses a buffer that is no number of rows', () => {
    for (const buffer of [-1, 1.5, Number.NaN])
      expect(() => vusPr([1, 2], [0, 1], { buffer })).toThrow(/vusPr: buffer must be a whole number of rows >= 0, got/)
  })
})

describe('periodOf', () => {
  const wave = (period: number, length = 2000): number[] =>
    Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * i) / period) + 5)

  it('finds the period of a wave, also with holes', () => {
    expect(periodOf(wave(40))).toBe(40)
    expect(periodOf(wave(75).map((value, i) => (i % 97 === 0 ? Number.NaN : value)))).toBe(75)
  })

  it('falls back to 125', () => {
    expect(periodOf([])).toBe(125)
    expect(periodOf(new Float64Array(1000).fill(3))).toBe(125)
    expect(periodOf(wave(4))).toBe(125)
    expect(periodOf(wave(390))).toBe(125)
  })
})

describe('flags', () => {
  it('pools counts of several files', () => {
    const one = confusion([1, 1, 0, 0], [1, 0, 1, 0])
    expect(pooled([one, one, one])).toEqual({
      truePositives: 3,
      falsePositives: 3,
      falseNegatives: 3,
      trueNegatives: 3
    })
  })

  it('count no answer as not flagged', () => {
    expect(flagsOf([1, Number.NaN, 3], 1)).toEqual(Uint8Array.of(1, 0, 1))
    expect(confusion([Number.NaN, 2], [1, 1])).toMatchObject({ truePositives: 1, falseNegatives: 1 })
  })

  it('are never point-adjusted', () => {
    expect(rates(confusion([0, 1, 0, 0, 0], [1, 1, 1, 1, 0])).recall).toBe(0.25)
  })

  it('count events by overlap', () => {
    const found = eventRates([1, 1, 0, 0, 1, 0, 0, 0], [0, 1, 1, 0, 0, 0, 1, 1])
    expect(found).toEqual({ events: 2, alarms: 2, precision: 0.5, recall: 0.5, f1: 0.5 })
    expect(eventRates([0, 0], [0, 1]).f1).toBe(0)
    expect(eventRates([0, 0], [0, 0]).f1).toBeNaN()
    expect(eventRates([1, 1, 1, 1], [0, 1, 0, 1])).toMatchObject({ events: 2, alarms: 1, precision: 1, recall: 1 })
  })

  it('give delays from the beginning of an anomaly', () => {
    const { delays, missed, mean } = detectionDelay([1, 1, 0, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 1, 0, 1], { seconds: 10 })
    expect(delays).toEqual(Float64Array.of(0, 10, Number.NaN))
    expect([missed, mean]).toEqual([1, 5])
    expect(detectionDelay([0], [1], { seconds: 1 }).mean).toBeNaN()
  })

  it('count false alarms over normal time only', () => {
    const hour = { seconds: 3600 }
    const labels = Float64Array.from({ length: 48 }, (_, i) => (i < 24 ? 1 : 0))
    const flags = Float64Array.from({ length: 48 }, (_, i) => (i === 23 || i === 24 || i === 30 || i === 31 ? 1 : 0))
    expect(falseAlarmRate(flags, labels, hour)).toEqual({ falseAlarms: 1, perDay: 1, perWeek: 7 })
  })

  it('refuse a period of 0', () => {
    expect(() => falseAlarmRate([0], [0], { seconds: 0 })).toThrow(
      'falseAlarmRate: seconds must be a period above 0, got 0'
    )
    expect(() => detectionDelay([0], [0], { seconds: -1 })).toThrow('detectionDelay: seconds must be')
  })
})

describe('evaluate', () => {
  const labels = [0, 0, 0, 0, 1, 1, 0, 0]
  const scores = [Number.NaN, 1, 2, 7, 8, 1, 1, 1]

  it('always tells prevalence and what a constant detector reaches', () => {
    expect(evaluate(scores, labels)).toEqual({
      rows: 8,
      unscored: 1,
      prevalence: 0.25,
      constant: { rocAuc: 0.5, prAuc: 0.25, f1: 0.4, far: 1, mar: 0 },
      rocAuc: rocAuc(scores, labels),
      prAuc: prAuc(scores, labels)
    })
  })

  it('its constant figures are those of a constant detector', () => {
    const { prevalence } = evaluate(scores, labels)
    const { f1, far, mar } = rates(confusion(new Uint8Array(8).fill(1), labels))
    expect(constantDetector(prevalence)).toMatchObject({ f1, far, mar })
  })

  it('adds what limits and time allow', () => {
    const report = evaluate(scores, labels, { limit: 6, seconds: 60, buffer: 2 })
    expect(report.points).toMatchObject({ precision: 0.5, recall: 0.5, mar: 0.5 })
    expect(report.events).toMatchObject({ recall: 1, precision: 1 })
    expect(report.delay?.mean).toBe(0)
    expect(report.falseAlarms?.falseAlarms).toBe(0)
    expect(report.vusPr).toBe(vusPr(scores, labels, { buffer: 2 }))
    const own = evaluate(scores, labels, { flags: [0, 1, 0, 0, 0, 0, 0, 0], seconds: 60 })
    expect(own.falseAlarms?.falseAlarms).toBe(1)
  })
})
