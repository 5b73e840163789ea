import type { SampleClock } from '@messwerk/core/driver'
import { type Batch, timeNs } from '@messwerk/core/model'
import type { ScanCounter, ScanCounterOptions } from './scan-counter.ts'

/** The last scan that was handed over. @internal */
export interface LastScan {
  readonly position: number
  /** When the one behind it is due, ns since the Unix epoch. */
  readonly due: bigint
  /** What its reading knew when it ended. */
  readonly numbering: Numbering | undefined
}

/** What a reading knows of a device, for the next one to go on with. @internal */
export interface Numbering {
  readonly serial: string | undefined
  readonly clock: SampleClock
  /** ns since the Unix epoch at elapsed time 0. */
  readonly anchor: bigint
  /** Number of the next scan, missing ones counted. */
  readonly next: number
  /** Position of scan 0. */
  readonly firstPosition: number
  readonly counter: ScanCounter | undefined
  /** By how much the system clock was set in between, ms: the times on both sides are so far apart. */
  readonly setBy?: number
}

/** By how much the system clock may have been moved between two readings that share their times, ns. @internal */
export const SAME_CLOCK = 20_000_000n

/** A reading that would go on with another's numbers. @internal */
export interface Successor extends Pick<Numbering, 'serial' | 'anchor'> {
  readonly rate: number
  readonly counter: ScanCounterOptions | undefined
}

/**
 * How the reading before has numbered scans, where another can go on with that; its clock is told so.
 *
 * @internal
 */
export function continued(
  lastScan: LastScan | undefined,
  { serial, anchor, rate, counter }: Successor
): Numbering | undefined {
  const before = lastScan?.numbering
  if (!lastScan || !before || before.serial !== serial || before.clock.rate !== rate) return undefined
  // something with these numbers must have been handed over, or it is not known what was missing before them
  const isKnown =
    lastScan.position >= before.firstPosition && (before.counter !== undefined) === (counter !== undefined)
  const moved = anchor - before.anchor
  if (!isKnown || moved > SAME_CLOCK || moved < -SAME_CLOCK) return undefined
  return before.clock.interrupt() ? before : undefined
}

/**
 * Where the last reading of a source ended, so that the next one can count what it missed.
 *
 * @internal
 */
export class LastRead {
  #position: number | undefined
  #scan: Omit<LastScan, 'numbering'> | undefined
  #numbering: Numbering | undefined

  /** Remembers a batch that is handed over. */
  note({ blocks, position }: Batch): void {
    this.#position = position
    const last = blocks.at(-1)
    // what a notice says is missing at the end lies in front of the next block, too, and is counted with it
    if (!last) return
    const period = BigInt(Math.round(last.time.period as number))
    this.#scan = { position, due: timeNs(last, last.length - 1) + period }
  }

  /** Remembers how a reading that has ended has numbered scans. */
  keep(numbering: Numbering): void {
    this.#numbering = numbering
  }

  /** The last scan before a position; undefined when the last reading ended elsewhere. */
  before(position: number | undefined): LastScan | undefined {
    if (position === undefined || position !== this.#position || !this.#scan) return undefined
    return { ...this.#scan, numbering: this.#numbering }
  }
}
