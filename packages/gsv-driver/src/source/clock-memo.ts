import { type ClockMemory, SampleClock, type Scheduler } from '@messwerk/core/driver'
import { type Numbering, SAME_CLOCK, type Successor } from './last-read.ts'
import { ScanCounter } from './scan-counter.ts'

/** Changes when what is written changes its meaning. */
const VERSION = 1
/** Arrivals are written as whole numbers of this, ms. */
const STEP = 1e-4
/** How often it is written, ms. */
const EVERY = 1000

/** How scans were numbered when it was written. Times are those of the published times, ms since the Unix epoch. */
interface Memo {
  readonly version: number
  readonly serial: string | null
  readonly rate: number
  /** When it was written, on the wall clock and since the machine started, ms. */
  readonly wall: number
  readonly uptime: number | null
  /** Position of the scan that came next, and the number of the one before it, where the device sends one. */
  readonly next: number
  readonly number: number | null
  readonly isInStep: boolean
  /** The earliest arrivals: positions before `next` and times before `wall`, two numbers each. */
  readonly arrivals: readonly number[]
}

/**
 * Says once a second what another process would need to go on with the numbers of this one; at once where what was said is no
 * longer true.
 *
 * @internal
 */
export class Memos {
  readonly #scheduler: Scheduler
  #due = Number.NEGATIVE_INFINITY
  #beginnings = 0

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** The next, where it is due: text, empty where nothing is known. @param at - of the last arrival, ms */
  next(at: number, numbering: Numbering): string | undefined {
    const { beginnings } = numbering.clock
    if (at < this.#due && beginnings === this.#beginnings) return undefined
    this.#beginnings = beginnings
    this.#due = at + EVERY
    return memoOf(numbering, this.#scheduler)
  }
}

function memoOf({ serial, clock, anchor, next, firstPosition, counter }: Numbering, scheduler: Scheduler): string {
  const memory = clock.remember()
  if (!memory) return ''
  const now = scheduler.elapsed()
  const memo: Memo = {
    version: VERSION,
    serial: serial ?? null,
    rate: clock.rate,
    wall: Number(anchor) / 1e6 + now,
    uptime: scheduler.uptime?.() ?? null,
    next: firstPosition + memory.next,
    // what has arrived may not have been looked at
    number: counter ? numberOf(counter, memory.next - next) : null,
    isInStep: memory.isInStep,
    arrivals: memory.arrivals.flatMap(([scan, at]) => [memory.next - scan, Math.round((now - at) / STEP)])
  }
  return JSON.stringify(memo)
}

function numberOf({ last }: ScanCounter, ahead: number): number | null {
  return Number.isNaN(last) ? null : last + ahead
}

/** A reading that would go on with what another process has written. @internal */
export interface Heir extends Successor {
  readonly scheduler: Scheduler
  /** Position of the last scan that was handed over. */
  readonly after: number | undefined
}

/**
 * How another process has numbered scans, where this reading can go on with that; its clock is told so.
 *
 * Time that has passed is that of the machine since its start; of the wall clock where the machine was started again.
 *
 * @internal
 */
export function recalled(text: string | undefined, heir: Heir): Numbering | undefined {
  const memo = parsed(text)
  const { serial, rate, counter, after, scheduler } = heir
  if (!memo || after === undefined || memo.serial !== (serial ?? null) || memo.rate !== rate) return undefined
  if (counter && memo.number === null) return undefined
  const { anchor, written, setBy } = placeOf(memo, heir)
  const last = counter && (memo.number as number) + after - (memo.next - 1)
  const clock = new SampleClock({ rate, counted: counter !== undefined, memory: memoryOf(memo, after + 1, written) })
  if (!clock.interrupt() || written > scheduler.elapsed()) return undefined
  return {
    serial,
    clock,
    anchor,
    next: 0,
    firstPosition: after + 1,
    counter: counter && new ScanCounter(counter, rate, last),
    setBy
  }
}

/** The same arrivals, with the scan at position `first` as number 0. @param written - when, on the clock of the arrivals, ms */
function memoryOf({ arrivals, next, isInStep }: Memo, first: number, written: number): ClockMemory {
  const pairs = Array.from({ length: arrivals.length / 2 }, (_, i) => {
    return [next - (arrivals[2 * i] as number) - first, written - (arrivals[2 * i + 1] as number) * STEP] as const
  })
  return { next: 0, arrivals: pairs, isInStep }
}

/** When it was written, on the clock of the arrivals; which wall clock goes with that; and by how much that was set. */
function placeOf(memo: Memo, { anchor, scheduler }: Heir): { anchor: bigint; written: number; setBy: number } {
  const wall = memo.wall - Number(anchor) / 1e6
  const uptime = scheduler.uptime?.()
  if (uptime === undefined || memo.uptime === null || uptime < memo.uptime) return { anchor, written: wall, setBy: 0 }
  const written = scheduler.elapsed() - (uptime - memo.uptime)
  const setBy = Math.abs(wall - written)
  if (setBy * 1e6 > Number(SAME_CLOCK)) return { anchor, written, setBy }
  // read at two moments in two processes: the times of before go on
  return { anchor: BigInt(Math.round((memo.wall - written) * 1e3)) * 1000n, written, setBy: 0 }
}

function parsed(text: string | undefined): Memo | undefined {
  if (!text) return undefined
  try {
    const memo = JSON.parse(text) as Memo
    return memo.version === VERSION && memo.arrivals.length > 0 ? memo : undefined
  } catch {
    return undefined
  }
}
