import type { Ledger } from '../delivery/ledger.ts'
import type { RetryPolicy } from '../delivery/retry-policy.ts'
import type { Checkpoint, TakenSplit } from '../model/checkpoint.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch, Source } from '../model/source.ts'
import type { CommitHost } from './committer.ts'
import type { Joins } from './joins.ts'
import type { Lane } from './lane.ts'
import type { ComponentStatus } from './status.ts'
import type { StatefulStep, Turn } from './steps.ts'

/** What an intake needs of its run. @internal */
export interface IntakeHost extends Turn, CommitHost {
  readonly id: string
  /** Most streams whose state is kept. */
  readonly streams: number
  readonly retry: RetryPolicy
  /** The steps whose state is part of checkpoints, by their keys. */
  readonly stateful: ReadonlyMap<string, StatefulStep>
  /** Whether settling alone commits; else a checkpoint does. */
  readonly commitsOnSettle: boolean
  /** Undefined while turns may run; else resolves when they may. */
  readonly held: Promise<void> | undefined
  /** Whether the run gave up waiting. */
  readonly isOver: boolean
  /** Undefined while more may be taken; else resolves when it may. */
  room(): Promise<void> | undefined
  /** Bytes were taken from a source, and given back when they are settled. */
  took(bytes: number): void
  gave(bytes: number): void
  /** A batch enters the operators. */
  entered(batch: Batch, source: Source): void
  /** A hole was found that the source could not know of. */
  declared(source: string, stream: string, gap: Gap): void
  /** The settled prefix of a split grew. */
  advanced(): void
  /** Resolves when so many deliveries of a ledger are settled, or nothing of it counts any more. */
  settles(ledger: Ledger, count: number): Promise<void>
  /** Resolves when no asynchronous operator works on anything. */
  idle(): Promise<void>
  flushOutlets(): void
  evicted(lane: Lane): void
  readonly joins: Joins
  component(id: string, kind: ComponentStatus['kind'], state: ComponentStatus['state'], why?: string): void
  /** @throws FencedError when another process has taken over. */
  checkClaim(): Promise<void>
  /** Whether processes share the splits out: the state of one is taken over when it is assigned. */
  readonly sharesSplits: boolean
  take(source: string, split: string, fenced: () => void): Promise<TakenSplit>
  /** Puts lanes and accounts where this was taken. @throws SnapshotIncompatibleError */
  restore(checkpoint: Checkpoint): void
  /** No block will come to carry a hole of a stream any more. */
  leftOpen(source: string, stream: string, gap: Gap, at: MeasurementEvent['origin']): void
  /** A checkpoint is wanted soon. */
  hurry(): void
  /** Captures, saves and commits; resolves when that is done. */
  checkpoint(): Promise<void>
  /** A source that delivers again gives rows the time of their arrival. */
  repeatsRows(source: Source): void
}
