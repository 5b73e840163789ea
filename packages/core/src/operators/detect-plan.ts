import type { DetectorSpec } from '../model/detector.ts'
import type { ThresholdSpec } from '../model/threshold.ts'
import type { MinChange } from './detect-floor.ts'
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
  /** Whether signed deviations are added. */
  readonly deviations: boolean
  /** Whether each channel has a detector of its own. */
  readonly each: boolean
  readonly minChange: MinChange | undefined
  /** How long a new level must last in an open event before it is learned. */
  readonly rebase: LearnSpan | undefined
}

/** @internal */
export function notReady({ kind }: DetectorSpec): RangeError {
  return new RangeError(
    `detect: learn 'never' needs a detector that is ready, '${kind}' has learned nothing: fit it, or restore it from a snapshot`
  )
}

/** @internal */
export function noDeviations({ kind }: DetectorSpec): RangeError {
  return new RangeError(
    `detect: deviations needs a detector that counts them, such as zScore() or robustZ(), got '${kind}'`
  )
}

/** The detector for one of its channels. @throws RangeError when there is none @internal */
export function onlyOf(spec: DetectorSpec, channel: string): DetectorSpec {
  if (spec.only) return spec.only(channel)
  if (spec.channels === undefined || spec.channels.length === 1) return spec
  throw new RangeError(
    `detect: each needs a detector for one channel alone; '${spec.kind}' has none, make it without channels`
  )
}

/** @internal */
export function learnedTooLittle({ kind }: DetectorSpec, scans: number, option = 'learn'): RangeError {
  return new RangeError(`detect: ${option} must be longer: '${kind}' is not ready after ${scans} good scans`)
}
