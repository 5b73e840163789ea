import type { Drift, DriftSpec, DriftTest, Snapshot } from '@messwerk/core/model'
import { SnapshotReader } from '../detector/snapshot-reader.ts'

/** What differs between drift tests. @internal */
export interface DriftModel {
  /** Takes a finite value. */
  update(value: number): Drift | undefined
  /** Copies of all that `restore` needs. */
  state(): Record<string, unknown>
  /** Only for one that has seen nothing yet. */
  restore(reader: SnapshotReader): void
}

/**
 * @param settings - options that must be the same when a snapshot is restored, as texts
 * @internal
 */
export function driftSpec(
  kind: string,
  settings: Readonly<Record<string, string>>,
  model: () => DriftModel
): DriftSpec {
  const testOf = (made: DriftModel): DriftTest => ({
    update: (value) => (Number.isFinite(value) ? made.update(value) : undefined),
    snapshot: () => ({
      kind,
      version: 1,
      state: Object.assign(made.state(), { settings: Object.assign({}, settings) })
    })
  })
  return {
    kind,
    create: () => testOf(model()),
    restore(snapshot: Snapshot) {
      const reader = new SnapshotReader(snapshot, kind, 1)
      reader.sameSettings(settings)
      const made = model()
      made.restore(reader)
      return testOf(made)
    }
  }
}

/** @internal */
export function checkWhole(factory: string, option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new RangeError(`${factory}: ${option} must be a whole number from ${least}, got ${String(value)}`)
}

/** @internal */
export function checkPart(factory: string, option: string, value: number): void {
  if (value > 0 && value < 1) return
  throw new RangeError(`${factory}: ${option} must be above 0 and below 1, got ${String(value)}`)
}
