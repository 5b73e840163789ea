import { type CellState, KernelCell } from '../../kernels/kernel-cell.ts'
import type { StepState } from '../../model/checkpoint.ts'
import { SnapshotIncompatibleError } from '../../model/errors.ts'
import type { Operator } from '../../rx/operator.ts'
import type { Lane } from '../lane.ts'

/** Counts a block that a step threw on; returns how many in a row that makes. @internal */
export function failed({ failures }: Lane, index: number): number {
  failures[index] = (failures[index] ?? 0) + 1
  return failures[index]
}

interface Versioned {
  readonly id: string
  readonly version?: number | undefined
  readonly settings?: unknown
  readonly migrate?: ((state: unknown, version: number) => unknown) | undefined
}

/** Place, id and settings: what must be the same for a state to fit. @internal */
export function keyOf({ id, settings }: Versioned, index: number): string {
  return settings === undefined ? `${index} ${id}` : `${index} ${id} ${JSON.stringify(settings)}`
}

/** @internal */
export function captureCell(step: string, operator: Operator, cell: KernelCell | undefined): StepState | undefined {
  return cell && { step, version: operator.version ?? 1, stream: cell.stream, state: cell.snapshot() }
}

/** @internal */
export function restoredCell(operator: Operator, { state, stream, version }: StepState): KernelCell {
  const { kernel, pending, pendingAt, lastIn, lastOut } = state as CellState
  const cell = new KernelCell(operator, stream)
  cell.restore({ kernel: migratedState(operator, kernel, version), pending, pendingAt, lastIn, lastOut })
  return cell
}

/** @throws SnapshotIncompatibleError @internal */
export function migratedState(operator: Versioned, state: unknown, version: number): unknown {
  const now = operator.version ?? 1
  if (version === now) return state
  if (operator.migrate && version < now) return operator.migrate(state, version)
  const how = version > now ? 'it is newer' : 'the operator has no migrate'
  throw new SnapshotIncompatibleError(
    `the state of ${operator.id}`,
    `it is of version ${version}, the operator of ${now}, and ${how}`
  )
}
