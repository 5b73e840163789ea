/**
 * What a detector reaches that calls every row anomalous, or scores all alike.
 *
 * @example
 * ```ts
 * import { type ConstantDetector, constantDetector } from '@messwerk/detectors/evaluation'
 *
 * const least: ConstantDetector = constantDetector(0.5)
 * least.prAuc // => 0.5
 * ```
 */
export interface ConstantDetector {
  readonly rocAuc: 0.5
  readonly prAuc: number
  readonly f1: number
  readonly far: 1
  readonly mar: 0
}

/**
 * The figures to beat: those of a detector that has learned nothing and calls every row anomalous.
 *
 * @param prevalence - share of anomalous rows, 0..1
 *
 * @example
 * ```ts
 * import { constantDetector } from '@messwerk/detectors/evaluation'
 *
 * constantDetector(0.537).f1 // => 0.699…
 * ```
 */
export function constantDetector(prevalence: number): ConstantDetector {
  return { rocAuc: 0.5, prAuc: prevalence, f1: (2 * prevalence) / (1 + prevalence), far: 1, mar: 0 }
}
