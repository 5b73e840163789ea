import type { Samples } from '@messwerk/core/model'
import { quantile } from '@messwerk/detectors'
import type { Candidate } from './corpus.ts'
import { fitted } from './score.ts'
import { range, rowsOf } from './table.ts'

/** Rows that a running mean looks back over, its own included. */
const MEAN = 15
/** Of the scores of what was learned. */
const QUANTILE = 0.95
const FACTOR = { distance: 1.75, squared: 1.75 * 1.75, bounded: 1 }

/**
 * Flags of the rows behind the training part, by the documented rule.
 *
 * Running mean of 15 rows of each channel; the detector learns the training part; limit 1.75 x the 95 % quantile of its scores
 * there (squared distances: 1.75² x; scores that are not in proportion to a distance: 1 x);
 * each row is scored, flagged at the limit or above, and learned if it is not. It looks at no later row.
 */
export function flagsByRule(candidate: Candidate, all: Samples, train: number): Uint8Array {
  const smooth = runningMeans(all, MEAN)
  const learned = rowsOf(smooth, range(MEAN - 1, train))
  const detector = fitted(candidate.spec(0), learned)
  const limit = limitOf(detector.score(learned), FACTOR[candidate.scale])
  const scores = detector.process(rowsOf(smooth, range(train, all.length)), (score) => score < limit)
  return Uint8Array.from(scores, (score) => (score >= limit ? 1 : 0))
}

/** Means of the last rows of each channel, as `mean({ window: { scans: 15 }, hop: { scans: 1 } })` has; the first are of fewer rows. */
function runningMeans({ channels, length, values, seconds }: Samples, rows: number): Samples {
  const means = new Float64Array(values.length)
  for (let c = 0; c < channels.length; c += 1) {
    for (let i = 0; i < length; i += 1) {
      const from = Math.max(0, i + 1 - rows)
      let sum = 0
      for (let k = from; k <= i; k += 1) sum += values[c * length + k]!
      means[c * length + i] = sum / (i + 1 - from)
    }
  }
  return { channels, length, values: means, seconds }
}

/** A multiple of a quantile, as the threshold `quantile` finds it. */
function limitOf(scores: Float64Array, factor: number): number {
  const threshold = quantile({ q: QUANTILE, factor }).create()
  const finite = scores.filter(Number.isFinite)
  threshold.calibrate?.(finite, Float64Array.from(finite.keys()))
  return threshold.limit
}
