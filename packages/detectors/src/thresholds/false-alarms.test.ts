import { describe, expect, it } from 'vitest'
import { nearestNeighbour } from '../nearest-neighbour/nearest-neighbour.ts'
import { robustZ } from '../robust-z/robust-z.ts'
import { zScore } from '../z-score/z-score.ts'
import { type FalseAlarmsOptions, falseAlarms } from './false-alarms.ts'
import { falseAlarmTrial } from './fixtures/false-alarm-trial.ts'
import { type Kind, kinds, signal } from './fixtures/normal-weeks.ts'

const weekly: FalseAlarmsOptions = { atMost: 1, per: 'week' }

/** The trial of scripts/false-alarms.ts on less data: 12 weeks, two seeds. */
describe('falseAlarms: one a week, a scan a minute', () => {
  const all = { robustZ: robustZ(), zScore: zScore() }
  const cases = Object.entries(all).flatMap(([name, spec]) => kinds.map((kind) => ({ name, spec, kind })))
  // Learns a random sample: calibrated on another one it gives up to four times the alarms, on these two.
  for (const kind of ['seasonal', 'heavy'] as const)
    cases.push({ name: 'nearestNeighbour', spec: nearestNeighbour(), kind })

  it.each(cases)('$name on $kind values', ({ spec, kind }) => {
    const trials = [1, 2].map((seed) =>
      falseAlarmTrial({ spec, threshold: falseAlarms(weekly), kind, seed, weeks: 12, shifts: 60 })
    )
    const mean = (of: (trial: (typeof trials)[number]) => number) =>
      trials.reduce((sum, trial) => sum + of(trial) / 2, 0)
    expect(mean(({ alarmsAWeek }) => alarmsAWeek)).toBeLessThanOrEqual(1.2)
    expect(mean(({ found }) => found)).toBeGreaterThanOrEqual(0.95)
  })
})

function promised(options: FalseAlarmsOptions, scans: number, kind: Kind = 'white') {
  const next = signal(kind, 5)
  const scores = Float64Array.from({ length: scans }, () => Math.abs(next()))
  const threshold = falseAlarms(options).create()
  threshold.calibrate(
    scores,
    Float64Array.from({ length: scans }, (_, i) => 60 * i)
  )
  return threshold.promise!
}

describe('falseAlarms: what it promises', () => {
  it('says what was seen and what is expected', () => {
    const { text, basis, expected, upper, span, spanNeeded, isBeyond } = promised(weekly, 40_320)
    expect(isBeyond).toBe(false)
    expect({ basis, expected, span, spanNeeded }).toEqual({
      basis: 'observed',
      expected: 0.5,
      span: 2_419_200,
      spanNeeded: 1_209_600
    })
    expect(upper).toBeCloseTo(1.18, 2)
    expect(text).toMatch(
      /^at most 1 false alarm per week: \d of \d scores at or over [\d.]+; from 28 days of normal operation, \d alarms? in it; expected 0.5 per week, below 1.18 with 95 % confidence, while operation stays as it was; it says nothing of what is missed$/
    )
  })

  it('promises nothing of a span that is too short, and goes beyond what it saw', () => {
    const { text, basis, upper, alarms } = promised(weekly, 600)
    expect({ basis, upper, alarms }).toEqual({ basis: 'extrapolated', upper: undefined, alarms: 0 })
    expect(text).toContain('too short to promise anything (14 days would do), the limit is extrapolated')
  })

  it('has a lower limit for more alarms, and a higher one for fewer', () => {
    const limits = [0.1, 1, 10, 100].map((atMost) => promised({ atMost, per: 'week', patience: 1 }, 20_160).limit)
    expect(limits).toEqual(limits.toSorted((a, b) => b - a))
    expect(new Set(limits).size).toBe(4)
  })

  it('looks at several scores where tails are heavy, at single ones when told so', () => {
    expect(promised(weekly, 40_320, 'heavy').kOfN[1]).toBeGreaterThan(2)
    expect(promised({ atMost: 1, per: 'week', patience: 1 }, 40_320, 'heavy').kOfN).toEqual([1, 1])
  })

  it('stays within reach where scores have a bound', () => {
    const threshold = falseAlarms(weekly).create()
    const scores = Float64Array.from({ length: 40_320 }, (_, i) => Math.min(1, Math.abs(Math.sin(i * i)) * 1.0001))
    threshold.calibrate(
      scores,
      Float64Array.from(scores.keys(), (i) => 60 * i)
    )
    expect(threshold.limit).toBeLessThanOrEqual(1)
  })

  it('takes what belongs together for one alarm, as it counted', () => {
    const threshold = falseAlarms(Object.assign({ patience: 1 }, weekly)).create()
    const next = signal('white', 5)
    const scores = Float64Array.from({ length: 20_160 }, () => Math.abs(next()))
    const minutes = Float64Array.from(scores.keys(), (i) => 60 * i)
    threshold.calibrate(scores, minutes)
    const { limit, hold } = threshold.promise!
    const last = 1 + hold / 60
    const verdicts = Array.from({ length: last + 2 }, (_, i) => threshold.decide(i % last === 0 ? limit : 0, 60 * i))
    expect(verdicts).toEqual(verdicts.map(() => 2))
    expect([threshold.decide(0, 60 * (2 * last - 1)), threshold.decide(0, 60 * (2 * last + 1))]).toEqual([2, 0])
  })

  it('says so where normal operation is at the bound of the score too often', () => {
    const threshold = falseAlarms(weekly).create()
    const scores = Float64Array.from({ length: 40_320 }, (_, i) => Math.min(10, 12 * Math.abs(Math.sin(i / 100))))
    threshold.calibrate(
      scores,
      Float64Array.from(scores.keys(), (i) => 60 * i)
    )
    expect(threshold.limit).toBeGreaterThan(10)
    expect(threshold.promise!.isBeyond).toBe(true)
    expect(threshold.promise!.text).toContain('if scores cannot be higher, nothing will be found')
  })

  it('bears scores that are all equal', () => {
    const threshold = falseAlarms(weekly).create()
    threshold.calibrate(
      new Float64Array(500),
      Float64Array.from({ length: 500 }, (_, i) => i)
    )
    expect(threshold.limit).toBeGreaterThan(0)
    expect([threshold.decide(0, 1), threshold.decide(1, 2)]).toContain(0)
    expect(threshold.promise!.isBeyond).toBe(false)
  })

  it.each<[object, string]>([
    [{ atMost: 0, per: 'week' }, 'falseAlarms: atMost must be a finite number above 0, got 0'],
    [
      { atMost: 1, per: 'fortnight' },
      "falseAlarms: per must be hour, day, week, month, or it must be a span of time such as '250ms', '30s', '5min', '1h', got 'fortnight'"
    ],
    [{ atMost: 1, per: '0s' }, "falseAlarms: per must be longer than 0, got '0s'"],
    [{ atMost: 1, per: 'week', patience: 9 }, 'falseAlarms: patience must be a whole number of scans in 1..8, got 9']
  ])('refuses %o', (options, message) => {
    expect(() => falseAlarms(options as FalseAlarmsOptions)).toThrow(new RangeError(message))
  })

  it('refuses too few scores', () => {
    expect(() => promised(weekly, 99)).toThrow(
      'falseAlarms: needs at least 100 scores of normal operation, got 99: let the detector learn longer'
    )
  })
})
