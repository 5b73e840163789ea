import { checkLengths } from './scored-rows.ts'

/**
 * How many rows were flagged and not flagged, rightly and wrongly.
 *
 * @example
 * ```ts
 * import type { Confusion } from '@messwerk/detectors/evaluation'
 *
 * const counts: Confusion = { truePositives: 8, falsePositives: 1, falseNegatives: 2, trueNegatives: 89 }
 * counts.truePositives + counts.falseNegatives // => 10
 * ```
 */
export interface Confusion {
  /** Anomalous and flagged. */
  readonly truePositives: number
  /** Normal and flagged. */
  readonly falsePositives: number
  /** Anomalous and not flagged. */
  readonly falseNegatives: number
  /** Normal and not flagged. */
  readonly trueNegatives: number
}

/**
 * Counts rows by flag and label. Never point-adjusted: one flagged row of an anomaly does not make the others right.
 *
 * @param flags - 0 normal, anything else flagged; verdicts (0, 1 warning, 2 alarm) count as flagged from 1 on. NaN, no answer, is not
 * flagged
 * @param labels - 0 normal, anything else anomalous
 * @throws RangeError when the lengths differ
 *
 * @example
 * ```ts
 * import { confusion } from '@messwerk/detectors/evaluation'
 *
 * confusion([0, 1, 1, 0], [0, 0, 1, 1])
 * // => { truePositives: 1, falsePositives: 1, falseNegatives: 1, trueNegatives: 1 }
 * ```
 */
export function confusion(flags: ArrayLike<number>, labels: ArrayLike<number>): Confusion {
  checkLengths('confusion', flags, labels, 'flags')
  const counts = new Uint32Array(4)
  for (let i = 0; i < flags.length; i += 1) {
    const isFlagged = Math.abs(flags[i]!) > 0
    counts[(labels[i]! === 0 ? 0 : 2) + (isFlagged ? 1 : 0)]! += 1
  }
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = counts as unknown as [
    number,
    number,
    number,
    number
  ]
  return { truePositives, falsePositives, falseNegatives, trueNegatives }
}

/**
 * The sum of several counts: rows of many files pooled into one, as SKAB's leaderboard does.
 *
 * @example
 * ```ts
 * import { confusion, pooled } from '@messwerk/detectors/evaluation'
 *
 * pooled([confusion([1, 0], [1, 0]), confusion([0, 0], [1, 0])]).falseNegatives // => 1
 * ```
 */
export function pooled(counts: Iterable<Confusion>): Confusion {
  const sum = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 }
  for (const part of counts) {
    sum.truePositives += part.truePositives
    sum.falsePositives += part.falsePositives
    sum.falseNegatives += part.falseNegatives
    sum.trueNegatives += part.trueNegatives
  }
  return sum
}
