import type { Confusion } from './confusion.ts'

/**
 * What counts of rows say, all in 0..1.
 *
 * @example
 * ```ts
 * import { rates, type Rates } from '@messwerk/detectors/evaluation'
 *
 * const found: Rates = rates({ truePositives: 8, falsePositives: 1, falseNegatives: 2, trueNegatives: 89 })
 * found.recall // => 0.8
 * ```
 */
export interface Rates {
  /** Share of the flagged rows that are anomalous; NaN where none is flagged. */
  readonly precision: number
  /** Share of the anomalous rows that are flagged; NaN where none is anomalous. */
  readonly recall: number
  /** Harmonic mean of both, 2 TP / (2 TP + FP + FN); 0 where nothing is found, NaN where nothing was flagged or anomalous. */
  readonly f1: number
  /** False alarm rate: share of the normal rows that are flagged; NaN where none is normal. */
  readonly far: number
  /** Missed alarm rate: share of the anomalous rows that are not flagged, 1 - recall. */
  readonly mar: number
}

/**
 * Precision, recall, F1, false alarm rate and missed alarm rate of counted rows.
 *
 * F1 depends on how many rows are anomalous: flagging everything has 2p / (1 + p) at a prevalence of p, see {@link constantDetector}.
 *
 * @example
 * ```ts
 * import { confusion, rates } from '@messwerk/detectors/evaluation'
 *
 * const { f1, far, mar } = rates(confusion([0, 1, 1, 0, 1], [0, 0, 1, 1, 1]))
 * f1 // => 0.667…
 * far // => 0.5
 * mar // => 0.333…
 * ```
 */
export function rates({ truePositives, falsePositives, falseNegatives, trueNegatives }: Confusion): Rates {
  const anomalous = truePositives + falseNegatives
  return {
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / anomalous,
    f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
    far: falsePositives / (falsePositives + trueNegatives),
    mar: falseNegatives / anomalous
  }
}
