import type { Ledger } from './ledger.ts'
import type { RecordPlan } from './records.ts'
import type { Stored } from './stored.ts'
import type { Verdict } from './verdict.ts'

export const FAULTS = [
  'kill',
  'cut',
  'half-open',
  'slow',
  'broker-restart',
  'broker-kill',
  'leader',
  'rebalance',
  'disk-full'
] as const
export type Fault = (typeof FAULTS)[number]

/** Where the records come from: it keeps the ledger. */
export interface Feed {
  readonly plan: RecordPlan
  readonly ledger: Ledger
  /** What the process under test connects to or reads. */
  readonly address: string
  /** Where the process under test is to note the uncertainties of its clock. */
  readonly journal?: string
  /** Whether the source ends by itself. */
  readonly dataEnds: boolean
  /** The peer cannot be told to fall silent: the trial ends while it sends. */
  readonly goesOn?: boolean
  /** All but the last records are sent and acknowledged. */
  readonly isSent: boolean
  /** Begins to send; called when the process under test is ready for the first time. */
  start(): void
  /** Falls silent for good: what comes from now on was taken before. */
  silence?(): Promise<void>
  /** Sends the last records: one of each machine, behind which no hole can hide. */
  finish(): Promise<void>
  /** Whether rows of these times show that all has arrived. */
  isComplete(newest: ReadonlyMap<string, number>): boolean
  /** Most time between two faults and from being ready to a kill, ms, where a new connection takes its time. */
  readonly restMs?: number
  /** What can go wrong here; lasts until the promise is fulfilled. */
  readonly faults: Partial<Record<Fault, (ms: number) => Promise<void>>>
  /** Reads what the process under test has written, where that is kept by the peer. */
  readOutput?(feature: string): Promise<Stored>
  /** Where the rows do not follow from {@link plan} and {@link ledger} alone. */
  judge?(stored: Stored, rule: string): Verdict
  close(): Promise<void>
}
