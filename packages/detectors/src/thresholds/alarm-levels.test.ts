import fc from 'fast-check'
import { expect, it } from 'vitest'
import { alarmLevels } from './alarm-levels.ts'
import { smoothed } from './smoothing.ts'

/** Alarms that a limit raises, one look at each score. */
function naive(scores: readonly number[], limit: number, apart: number): number {
  let [alarms, last] = [0, Number.NEGATIVE_INFINITY]
  scores.forEach((score, i) => {
    if (score < limit) return
    if (i - last > apart) alarms += 1
    last = i
  })
  return alarms
}

it('alarmLevels are the highest limits of so many alarms', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 120 })
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 9 }), (given, apart) => {
      const levels = alarmLevels(Float64Array.from(given), apart, 6)
      const least = given.toSorted((a, b) => a - b)[Math.floor(0.8 * given.length)]!
      const tried = [...new Set(given)].filter((level) => level >= least).sort((a, b) => b - a)
      const expected = [1, 2, 3, 4, 5, 6].map((alarms) => tried.find((level) => naive(given, level, apart) >= alarms))
      expect(levels).toEqual(expected.filter((level) => level !== undefined))
    })
  )
})

it('smoothed is the k-th largest of the last n', () => {
  expect(smoothed(Float64Array.of(1, 5, 2, 4, 3), { k: 2, n: 3 })).toEqual(Float64Array.of(2, 4, 3))
  expect(smoothed(Float64Array.of(1), { k: 2, n: 3 })).toEqual(new Float64Array(0))
})
