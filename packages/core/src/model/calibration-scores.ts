import type { Channel } from './channel.ts'
import type { Detector, DetectorSpec } from './detector.ts'
import type { Samples } from './samples.ts'
import { samplesAround, samplesWithin, secondsOf } from './samples-within.ts'

/**
 * How {@link calibrationScores} works.
 *
 * @example
 * ```ts
 * import type { CalibrationOptions } from '@messwerk/core/model'
 *
 * const options: CalibrationOptions = { adapts: true }
 * options.adapts // => true
 * ```
 */
export interface CalibrationOptions {
  /** Whether the detector will go on learning once it scores. @defaultValue false */
  readonly adapts?: boolean | undefined
  /**
   * Whether the detector learns all of the samples in the end, though others have scored them. For a random sample that is good enough
   * for a scale, but not for a limit far out.
   *
   * @defaultValue true, but false for a `random` spec
   */
  readonly refits?: boolean | undefined
}

/**
 * A detector that has learned, and scores of what it learned as if it had not.
 *
 * @example
 * ```ts
 * import { type Calibration, calibrationScores } from '@messwerk/core/model'
 * import { robustZ, samples } from '@messwerk/detectors'
 *
 * const normal = samples({ pressure: [3, 3.1, 2.9, 3, 3.1, 2.9, 3, 3.1] })
 * const { detector }: Calibration = calibrationScores(robustZ(), [{ name: 'pressure', unit: 'bar' }], normal)
 * detector.ready // => true
 * ```
 */
export interface Calibration {
  /** Has learned all of the samples; one of a `random` spec, the first quarter. */
  readonly detector: Detector
  /** One score a scan; NaN where there is none. */
  readonly scores: Float64Array
  /** Time of each scan. */
  readonly seconds: Float64Array
}

const FOLDS = 4

/**
 * Learns normal operation and scores it out of sample, to find a limit by: scores of the very scans a detector has learned are too low.
 *
 * - A detector that stays as it is after learning: the scans are cut into four stretches, each is scored by a detector that has
 *   learned the other three. A detector whose score depends on the scans before begins each stretch as after a gap.
 * - A detector that goes on learning (`adapts`): it learns the first quarter, then scores and learns scan by scan as it will live. The
 *   first quarter has no scores.
 * - A detector of a random sample (`random` of the spec): it learns the first quarter, scores the rest and stays as it is, as the same
 *   limit would not do for another sample; `refits: true` treats it like others. The first quarter has no scores.
 *
 * Costs five fits, or one pass. Pure: equal samples give equal bits.
 *
 * @param channels - those of the samples, in their order
 * @param normal - normal operation, in order
 *
 * @example
 * ```ts
 * import { calibrationScores } from '@messwerk/core/model'
 * import { robustZ, samples } from '@messwerk/detectors'
 *
 * const normal = samples({ pressure: [3, 3.1, 2.9, 3, 3.1, 2.9, 3, 3.1] })
 * const { scores } = calibrationScores(robustZ(), [{ name: 'pressure', unit: 'bar' }], normal)
 * scores.length // => 8
 * ```
 */
export function calibrationScores(
  spec: DetectorSpec,
  channels: readonly Channel[],
  normal: Samples,
  { adapts = false, refits = !spec.random }: CalibrationOptions = {}
): Calibration {
  const detector = spec.create(channels)
  const scores = new Float64Array(normal.length).fill(Number.NaN)
  const cuts = cutsOf(normal.length)
  const first = cuts[1]!
  if (adapts) {
    detector.fit(samplesWithin(normal, 0, first))
    detector.process(samplesWithin(normal, first, normal.length), undefined, scores.subarray(first))
  } else if (!refits) {
    detector.fit(samplesWithin(normal, 0, first))
    scoreUnlearned(detector, samplesWithin(normal, first, normal.length), scores.subarray(first))
  } else {
    for (let fold = 0; fold < FOLDS; fold += 1) scoreFold(spec, channels, normal, cuts[fold]!, cuts[fold + 1]!, scores)
    detector.fit(normal)
  }
  return { detector, scores, seconds: secondsOf(normal) }
}

function scoreFold(
  spec: DetectorSpec,
  channels: readonly Channel[],
  normal: Samples,
  from: number,
  to: number,
  scores: Float64Array
): void {
  if (from === to) return
  const detector = spec.create(channels)
  detector.fit(samplesAround(normal, from, to))
  detector.gap?.()
  scoreUnlearned(detector, samplesWithin(normal, from, to), scores.subarray(from, to))
}

function scoreUnlearned(detector: Detector, samples: Samples, out: Float64Array): void {
  if (detector.sequential) detector.process(samples, () => false, out)
  else detector.score(samples, out)
}

function cutsOf(length: number): readonly number[] {
  return Array.from({ length: FOLDS + 1 }, (_, fold) => Math.floor((fold * length) / FOLDS))
}
