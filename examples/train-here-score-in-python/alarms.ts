// Scores to alarms: what `detect` and `toEvents` do in a pipeline, for numbers that are all there.
import { type Limits, limits } from '@messwerk/core'

/** The first and the last scan of each alarm; every run begins without one. */
export function alarmsOf(scores: Float64Array, runs: readonly number[], threshold: Limits): [number, number][] {
  const spec = limits(threshold)
  const alarms: [number, number][] = []
  let deciding = spec.create()
  let before = 0
  scores.forEach((score, i) => {
    if (runs[i] !== runs[i - 1]) {
      deciding = spec.create()
      before = 0
    }
    const verdict = deciding.decide(score, i)
    if (verdict === 2 && before === 2) alarms[alarms.length - 1]![1] = i
    else if (verdict === 2) alarms.push([i, i])
    before = verdict
  })
  return alarms
}
