import { describe, expect, it } from 'vitest'
import { distance } from '../operators/fixtures/distance-detector.ts'
import { calibrationScores } from './calibration-scores.ts'
import type { Samples } from './samples.ts'

const channels = [{ name: 'a', unit: 'V' }]
const values = [1, 1, 2, 2, 7, 7, 4, 4]
const normal: Samples = { channels: ['a'], length: 8, values: Float64Array.from(values), seconds: 0.5 }
const learned = (fits: readonly Samples[]) => fits.map(({ values }) => Array.from(values))

describe('calibrationScores', () => {
  it('scores each quarter by a detector that has learned the others, and returns one that has learned all', () => {
    const spec = distance(['a'])
    const { detector, scores, seconds } = calibrationScores(spec, channels, normal)
    expect(learned(spec.fits)).toEqual([
      [2, 2, 7, 7, 4, 4],
      [1, 1, 7, 7, 4, 4],
      [1, 1, 2, 2, 4, 4],
      [1, 1, 2, 2, 7, 7],
      values
    ])
    const means = [26, 24, 14, 20].map((sum) => sum / 6)
    expect(Array.from(scores)).toEqual(values.map((value, i) => Math.abs(value - means[i >> 1]!)))
    expect(Array.from(seconds)).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5])
    expect(detector.score(normal)[0]).toBe(Math.abs(1 - 28 / 8))
  })

  it('scores by the very detector it returns where that is of a random sample', () => {
    const spec = Object.assign(distance(['a']), { random: true })
    const { detector, scores } = calibrationScores(spec, channels, normal)
    expect(learned(spec.fits)).toEqual([[1, 1]])
    expect(Array.from(scores)).toEqual([NaN, NaN, 1, 1, 6, 6, 3, 3])
    expect(Array.from(detector.score(normal))).toEqual([0, 0, 1, 1, 6, 6, 3, 3])
  })

  it('lets that one learn again too where it is told to', () => {
    const spec = Object.assign(distance(['a']), { random: true })
    const all = calibrationScores(distance(['a']), channels, normal)
    const { detector, scores } = calibrationScores(spec, channels, normal, { refits: true })
    expect(scores).toEqual(all.scores)
    expect(detector.score(normal)).toEqual(all.detector.score(normal))
  })

  it('learns on where the detector will', () => {
    for (const random of [false, true]) {
      const spec = Object.assign(distance(['a']), { random })
      const { detector, scores } = calibrationScores(spec, channels, normal, { adapts: true })
      expect(learned(spec.fits)).toEqual([[1, 1]])
      expect(Array.from(scores.subarray(0, 5))).toEqual([NaN, NaN, 1, 1 - 1 / 3, 5.5])
      expect(detector.score(normal)[0]).toBe(Math.abs(1 - 28 / 8))
    }
  })
})
