import type { Delivery } from '../../delivery/ledger.ts'
import type { Block } from '../../model/block.ts'
import type { StepState } from '../../model/checkpoint.ts'
import type { MeasurementEvent } from '../../model/event.ts'
import type { Gap } from '../../model/gap.ts'
import type { Stream } from '../../model/stream.ts'
import type { OperatorHost } from '../../rx/operator-run.ts'
import type { Lane } from '../lane.ts'

/** What a step that joins streams needs of the others. */
interface Neighbours {
  /** The lane of another stream in the same split. */
  laneBeside(lane: Lane, stream: Stream): Lane
  /** Scans of a stream came too late for what was made of it. */
  late(lane: Lane, gap: Gap, atMs: number): void
}

/** What the steps of a run share. @internal */
export interface Turn {
  /** The account of the batch that is going through. */
  delivery: Delivery | undefined
  readonly signal: AbortSignal
  /** An operator threw on a block, on so many in a row by now. */
  reject(operator: string, inARow: number, block: Block, error: unknown): void
  /** A kernel keeps something between blocks, as it seems, and no checkpoint will have it. */
  forgets(operator: string): void
  /** A hole that no block could carry any more. */
  trailingGap(lane: Lane, gap: Gap, atMs: number): void
  readonly joins: Neighbours
  /** What an operator has to tell that stands in no block. */
  notice(event: MeasurementEvent): void
  /** For operators that live through the run. */
  readonly operatorHost: OperatorHost
  /** An asynchronous step may have room again. */
  settled(): void
}

/** One part of a running pipeline. @internal */
export interface Step {
  push(lane: Lane, block: Block): void
  /** End of data. */
  flush(lane: Lane): void
}

/** A step whose state is part of checkpoints. @internal */
export interface StatefulStep extends Step {
  /** Place, id and settings: what must be the same for a state to fit. */
  readonly key: string
  /** A copy of its state for a stream, if it has any. */
  capture(lane: Lane): StepState | undefined
  /** @throws SnapshotIncompatibleError */
  restore(lane: Lane, state: StepState): void
  /** The lane is kept no longer; only of steps that know more of it than is in it. */
  forget?(lane: Lane): void
}
