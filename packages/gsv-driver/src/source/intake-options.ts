import type { Scheduler } from '@messwerk/core/driver'
import type { Stream } from '@messwerk/core/model'
import type { ScanSession } from '../device/scan-session.ts'
import type { BlockQueue } from './block-queue.ts'
import type { LastScan, Numbering } from './last-read.ts'
import type { ScanCounterOptions } from './scan-counter.ts'
import type { ScanFaults } from './scan-faults.ts'

/** What takes scans in works with. @internal */
export interface IntakeOptions {
  readonly session: ScanSession
  /** Scans a second as the device states them, Hz. */
  readonly rate: number
  /** Of a measured frame. */
  readonly frameBytes: number
  readonly stream: Stream
  /** Position in the frame by channel of the stream, from 0. */
  readonly columns: readonly number[]
  readonly queue: BlockQueue
  readonly faults: ScanFaults
  readonly scheduler: Scheduler
  /** Longest time that a scan waits for its block to fill, ms. */
  readonly ageMs: number
  /** Position to go on after; undefined at the first reading. */
  readonly after: number | undefined
  /** What was handed over before, where that is known. */
  readonly lastScan: LastScan | undefined
  /** What an earlier reading wanted to know again, where somebody kept it. */
  readonly memo: string | undefined
  /** Where the device sends the number of each scan. */
  readonly counter: ScanCounterOptions | undefined
  /** Told at the end how scans were numbered. */
  readonly keep: (numbering: Numbering) => void
}
