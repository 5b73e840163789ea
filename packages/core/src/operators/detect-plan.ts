import type { AsyncDetectorSpec } from '../model/async-detector.ts'
import type { DetectorSpec } from '../model/detector.ts'
import type { ModelRef } from '../model/model-ref.ts'
import type { ThresholdSpec } from '../model/threshold.ts'
import type { MinChange } from './detect-floor.ts'
import type { LearnSpan } from './detect-learning.ts'

/** A detector, and how it answers. @internal */
export type AnySpec = DetectorSpec | AsyncDetectorSpec

/** The options of `detect` that a fitted model has as well as a detector that learns, checked. @internal */
export interface DetectRules {
  readonly as: string
  /** The model that scores; its detectors come ready. */
  readonly model: ModelRef | undefined
  /** Whether other models may take its place: then what is added does not depend on which. */
  readonly isSwapped: boolean
  readonly threshold: ThresholdSpec | undefined
  /** On how much the threshold of a fitted model calibrates itself. */
  readonly calibration: LearnSpan | undefined
  readonly explain: 'raised' | 'all' | 'never'
  /** Whether it goes on learning once it scores. */
  readonly adapts: boolean
  /** Whether signed deviations are added. */
  readonly deviations: boolean
}

/** The options of `detect`, checked. @internal */
export interface DetectPlan extends DetectRules {
  readonly spec: DetectorSpec
  readonly learn: LearnSpan | 'always' | 'never'
  /** Whether each channel has a detector of its own. */
  readonly each: boolean
  readonly minChange: MinChange | undefined
  /** How long a new level must last in an open event before it is learned. */
  readonly rebase: LearnSpan | undefined
}

/** Of a detector that answers later. @internal */
export interface LaterPlan extends DetectRules {
  readonly spec: AsyncDetectorSpec
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
  // a model was fitted to all of its channels
  if (spec.only && spec.model === undefined) return spec.only(channel)
  if (spec.channels === undefined || spec.channels.length === 1) return spec
  throw new RangeError(
    `detect: each needs a detector for one channel alone; '${spec.kind}' has none, make it without channels`
  )
}

/** @internal */
export function learnedTooLittle({ kind }: DetectorSpec, scans: number, option = 'learn'): RangeError {
  return new RangeError(`detect: ${option} must be longer: '${kind}' is not ready after ${scans} good scans`)
}
