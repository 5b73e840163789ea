import type { Checkpoint, SplitState } from '../model/checkpoint.ts'
import { SnapshotIncompatibleError } from '../model/errors.ts'
import type { Intake } from './intake.ts'
import { newLane } from './lane.ts'
import type { StatefulStep } from './steps.ts'

/** What happens to a checkpoint of a pipeline that has changed since. @internal */
export type MismatchRule = 'refuse' | 'startAfresh'

/** The parts that a checkpoint is restored into. @internal */
export interface Restored {
  readonly intakes: readonly Intake[]
  readonly steps: readonly StatefulStep[]
  readonly onMismatch: MismatchRule
}

/**
 * Puts intakes and operators where a checkpoint was taken.
 *
 * With `startAfresh` only the positions are kept where the operators have changed: they start without state.
 *
 * @throws SnapshotIncompatibleError that says what has changed
 * @internal
 */
export function restore(
  pipeline: string,
  checkpoint: Checkpoint,
  { intakes, steps, onMismatch }: Restored,
  warn: (message: string) => void
): void {
  const byId = new Map(intakes.map((intake) => [intake.source.id, intake]))
  const byKey = keyed(steps)
  const changes = changesSince(checkpoint, steps)
  if (changes.length > 0 && onMismatch === 'refuse') throw refused(pipeline, changes.join('; '))
  if (changes.length > 0) warn(`${pipeline}: started without the state of its operators: ${changes.join('; ')}`)
  for (const split of checkpoint.splits) {
    const intake = byId.get(split.source)
    if (!intake) warn(`${pipeline}: the checkpoint has source ${split.source}, which the pipeline has no longer`)
    else restoreSplit(pipeline, intake, changes.length > 0 ? bare(split) : split, byKey, onMismatch, warn)
  }
}

/**
 * Restores a checkpoint into nothing, to see whether it fits.
 *
 * @throws SnapshotIncompatibleError as `restore` would
 * @internal
 */
export function refuseMismatch(pipeline: string, checkpoint: Checkpoint, { intakes, steps }: Restored): void {
  const changes = changesSince(checkpoint, steps)
  if (changes.length > 0) throw refused(pipeline, changes.join('; '))
  const byKey = keyed(steps)
  for (const { source, split, lanes } of checkpoint.splits) {
    if (!intakes.some((intake) => intake.source.id === source)) continue
    try {
      for (const { stream, steps: states } of lanes) {
        const lane = newLane(split, stream)
        for (const state of states) byKey.get(state.step)?.restore(lane, state)
        for (const step of steps) step.forget?.(lane)
      }
    } catch (error) {
      throw refused(pipeline, (error as Error).message, error)
    }
  }
}

function keyed(steps: readonly StatefulStep[]): ReadonlyMap<string, StatefulStep> {
  return new Map(steps.map((step) => [step.key, step]))
}

function restoreSplit(
  pipeline: string,
  intake: Intake,
  split: SplitState,
  steps: ReadonlyMap<string, StatefulStep>,
  onMismatch: MismatchRule,
  warn: (message: string) => void
): void {
  try {
    intake.restore(split, steps)
  } catch (error) {
    const why = (error as Error).message
    if (onMismatch === 'refuse') throw refused(pipeline, why, error)
    warn(`${pipeline}: split ${split.split} was started without the state of its operators: ${why}`)
    intake.lanes.drop(split.split)
    intake.restore(bare(split), steps)
  }
}

function bare({ source, split, at, seen, gaps }: SplitState): SplitState {
  return { source, split, at, seen, gaps, lanes: [] }
}

function changesSince({ steps: before }: Checkpoint, steps: readonly StatefulStep[]): string[] {
  const now = steps.map(({ key }) => key)
  const gone = before.filter((key) => !now.includes(key)).map((key) => `'${key}' is gone`)
  const come = now.filter((key) => !before.includes(key)).map((key) => `'${key}' is new`)
  return gone.concat(come)
}

function refused(pipeline: string, why: string, cause?: unknown): SnapshotIncompatibleError {
  const how =
    "restore the operators as they were, give an operator of your own a version and migrate, or start({ checkpoint: { onMismatch: 'startAfresh' } }), which keeps the positions and drops the state of the operators"
  return new SnapshotIncompatibleError(`the checkpoint of pipeline ${pipeline}`, `${why}. To go on: ${how}`, { cause })
}
