import type { Ledger } from '../delivery/ledger.ts'
import type { RetryPolicy } from '../delivery/retry-policy.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch, Source } from '../model/source.ts'
import type { CommitHost } from './committer.ts'
import type { ComponentStatus } from './status.ts'
import type { Lane, Turn } from './steps.ts'

/** What an intake needs of its run. @internal */
export interface IntakeHost extends Turn, CommitHost {
  readonly id: string
  /** Most streams whose state is kept. */
  readonly streams: number
  readonly retry: RetryPolicy
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
  declared(stream: string, gap: Gap): void
  /** The settled prefix of a split grew. */
  advanced(): void
  /** Resolves when so many deliveries of a ledger are settled, or nothing of it counts any more. */
  settles(ledger: Ledger, count: number): Promise<void>
  /** Resolves when no asynchronous operator works on anything. */
  idle(): Promise<void>
  flushOutlets(): void
  evicted(lane: Lane): void
  component(id: string, kind: ComponentStatus['kind'], state: ComponentStatus['state'], why?: string): void
  /** A checkpoint is wanted soon. */
  hurry(): void
  /** Captures, saves and commits; resolves when that is done. */
  checkpoint(): Promise<void>
  /** A source that delivers again gives rows the time of their arrival. */
  repeatsRows(source: Source): void
}
