import { SnapshotIncompatibleError } from '../model/errors.ts'
import type { ModelRef } from '../model/model-ref.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** Where the verdicts of a stream stand. @internal */
export interface JudgeState {
  readonly threshold: Snapshot | undefined
  readonly calibration: unknown
}

/** What one stream's scores and verdicts depend on. @internal */
export interface DetectState extends JudgeState {
  readonly version: 1
  readonly channels: readonly string[]
  readonly origin: string | undefined
  /** The model that scored; what it knows is in its file. */
  readonly model: ModelRef | undefined
  readonly learning?: unknown
  readonly detector?: Snapshot | undefined
  /** Of a detector that moves along with the scans and does not learn. */
  readonly place?: Snapshot | undefined
  readonly rebase?: unknown
  readonly center?: Float64Array | undefined
  /** The last scans, for a model that looks back. */
  readonly before?: unknown
}

/** @throws SnapshotIncompatibleError @internal */
export function checkState(version: unknown, channels: readonly string[], here: readonly string[]): void {
  if (version !== 1) throw new SnapshotIncompatibleError('detect', `version ${String(version)}, expected 1`)
  if (channels.join() === here.join()) return
  throw new SnapshotIncompatibleError('detect', `it is of channels ${channels.join(', ')}, here are ${here.join(', ')}`)
}

/** Whether a state is of another model than this one. @internal */
export function isOtherModel(of: ModelRef | undefined, here: ModelRef | undefined): boolean {
  return of?.hash !== here?.hash || of?.version !== here?.version
}

/** How a model is named on events. @internal */
export function modelText({ name, version }: ModelRef): string {
  return `${name}@${version}`
}
