import { SnapshotIncompatibleError } from './errors.ts'
import type { Snapshot } from './snapshot.ts'
import type { Verdict } from './threshold.ts'

/** What a threshold of limits keeps. @internal */
export interface LimitsState {
  readonly verdict: Verdict
  readonly since: number
  readonly cleared: number
  /** The last values, oldest first, turned so that higher is worse. */
  readonly last: Float64Array
}

/** Reads a snapshot; version 1 knew neither refractory time nor k of n. @internal */
export function limitsState({ kind, version, state }: Snapshot): LimitsState {
  if (kind !== 'limits') throw new SnapshotIncompatibleError('limits', `the snapshot is of a threshold '${kind}'`)
  if (version !== 1 && version !== 2) {
    throw new SnapshotIncompatibleError('limits', `version ${version}, expected 2`)
  }
  const found = (state ?? {}) as Partial<LimitsState>
  const { verdict, since, cleared = Number.NaN, last = new Float64Array(0) } = found
  const isVerdict = verdict === 0 || verdict === 1 || verdict === 2
  const areTimes = typeof since === 'number' && typeof cleared === 'number'
  if (isVerdict && areTimes && ArrayBuffer.isView(last)) return { verdict, since, cleared, last: last.slice() }
  throw new SnapshotIncompatibleError('limits', 'the state is not a verdict, two times and the last values')
}
