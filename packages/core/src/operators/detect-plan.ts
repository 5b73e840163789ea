import type { DetectorSpec } from '../model/detector.ts'
import type { ThresholdSpec } from '../model/threshold.ts'
import type { LearnSpan } from './detect-learning.ts'

/** The options of `detect`, checked. @internal */
export interface DetectPlan {
  readonly spec: DetectorSpec
  readonly as: string
  readonly learn: LearnSpan | 'always' | 'never'
  /** Whether it goes on learning once it scores. */
  readonly adapts: boolean
  readonly threshold: ThresholdSpec | undefined
  readonly explain: 'raised' | 'all' | 'never'
}

/** @internal */
export function notReady({ kind }: DetectorSpec): RangeError {
  return new RangeError(
    `detect: learn 'never' needs a detector that is ready, '${kind}' has learned nothing: fit it, or restore it from a snapshot`
  )
}

/** @internal */
export function learnedTooLittle({ kind }: DetectorSpec, scans: number): RangeError {
  return new RangeError(`detect: learn must be longer: '${kind}' is not ready after ${scans} good scans`)
}
