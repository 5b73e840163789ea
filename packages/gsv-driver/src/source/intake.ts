// Over 200 lines: numbering, time, gaps and notices of scans share all of their state.
import { SampleClock } from '@messwerk/core/driver'
import { type Block, type Gap, joinGaps, type MeasurementEvent, type UniformAxis } from '@messwerk/core/model'
import type { ScanBuffer } from '../codec/index.ts'
import type { ScanReceiver } from '../device/wire.ts'
import { Memos, recalled } from './clock-memo.ts'
import { type Cut, columnsOf } from './cut.ts'
import type { IntakeOptions } from './intake-options.ts'
import { continued, type Numbering } from './last-read.ts'
import { qualityOf } from './quality-of.ts'
import { ScanCounter } from './scan-counter.ts'

/** Above this a link that can be held back is, bytes. @internal */
const ENOUGH = 1024 * 1024
/** Times are uncertain for so long by how much the system clock was set, ms. */
const SET_FOR = 20_000

/**
 * Makes blocks of decoded scans: numbers them, puts the fitted time on them and declares what is missing.
 *
 * While the sample clock cannot tell a stall from a loss, blocks are held back, 3 s at most; where the device numbers its
 * scans, they never are. A reading that goes on behind another of this source uses its clock and its numbers.
 *
 * @internal
 */
export class Intake implements ScanReceiver {
  readonly #o: IntakeOptions
  readonly #clock: SampleClock
  readonly #frameBytes: number
  /** ns since the Unix epoch at elapsed time 0: asked once, so that a step of the system clock moves nothing. */
  readonly #anchor: bigint
  /** Number of the next scan, missing ones counted. */
  #next = 0
  /** Position of scan 0. */
  #firstPosition: number
  #resumes: boolean
  /** Whether it goes on with the numbers of the reading before. */
  readonly #goesOn: boolean
  readonly #counter: ScanCounter | undefined
  #received = 0
  /** Skipped since the last scan, where the number of the next one tells what that was. */
  #skippedBytes = 0
  #gap: Gap | undefined
  #held: Cut[] = []
  /** By how much the system clock was set before this reading, ms, and up to which scan that is said. */
  readonly #setBy: number
  #setUntil = Number.POSITIVE_INFINITY
  readonly #memos: Memos
  /** Notices that stand behind the scans cut so far. */
  #notices: MeasurementEvent[] = []
  #arrivingAt = 0
  #arrivedAt: number
  #noticedAt = 0n
  #isHeld = false
  /** Bits of the values of a frame that are channels of the stream. */
  readonly #wanted: number
  #cancelAge: (() => void) | undefined
  #finished = false

  constructor(options: IntakeOptions) {
    const { rate, scheduler, after, counter, lastScan, memo } = options
    this.#o = options
    this.#frameBytes = options.frameBytes
    const anchor = BigInt(Math.round((scheduler.now() - scheduler.elapsed()) * 1e3)) * 1000n
    const heir = { serial: options.stream.tags.serial, rate, counter, anchor, scheduler, after }
    const before = continued(lastScan, heir) ?? recalled(memo, heir)
    this.#goesOn = before !== undefined
    this.#clock = before?.clock ?? new SampleClock({ rate, counted: counter !== undefined })
    this.#counter = before?.counter ?? (counter && new ScanCounter(counter, rate))
    this.#anchor = before?.anchor ?? anchor
    this.#setBy = before?.setBy ?? 0
    this.#memos = new Memos(scheduler)
    this.#next = before?.next ?? 0
    this.#firstPosition = before?.firstPosition ?? (after ?? -1) + 1
    this.#resumes = after !== undefined
    this.#arrivedAt = scheduler.elapsed()
    this.#wanted = options.columns.reduce((bits, column) => bits | (1 << column), 0)
  }

  /** Whether the link is held back. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Lets the link go on, where enough was taken from the queue. */
  resume(): void {
    if (this.#o.queue.bytes >= ENOUGH / 2) return
    this.#isHeld = false
    this.#o.session.resume()
  }

  /** Something was changed in the device: a notice says so, at the scan where it was confirmed. */
  notice(rule: string, data: unknown): void {
    if (this.#finished) return
    this.full(this.#o.session.parser.scans)
    const { id: stream } = this.#o.stream
    const now = this.#anchor + BigInt(Math.round(this.#arrivedAt * 1e6))
    const ns = now > this.#noticedAt ? now : this.#noticedAt + 1n
    this.#noticedAt = ns
    const start = Number(ns) / 1e6
    const origin = { split: stream, position: this.#firstPosition + this.#next - 1 }
    const id = `${stream}/${rule}/${ns}`
    this.#notices.push({ id, kind: 'notice', phase: 'end', stream, rule, start, end: start, origin, data })
  }

  arriving(bytes: number, at: number): void {
    this.#arrivingAt = at
    // What was held up is not to be in a block with what comes behind it.
    if (this.#clock.bursts) return this.full(this.#o.session.parser.scans)
    const scans = Math.floor(bytes / this.#frameBytes)
    if (this.#clock.unsettled || scans === 0 || !this.#clock.suspects(scans, at)) return
    // What came before a suspected loss is not to be held back with what comes after it.
    this.full(this.#o.session.parser.scans)
    this.#emit()
  }

  full(scans: ScanBuffer): void {
    const { faults } = this.#o
    if (scans.length > 0 && !this.#finished) {
      faults.examine(scans)
      this.#take(scans)
    }
    faults.taken()
    scans.length = 0
  }

  skipped(bytes: number): void {
    if (this.#finished) return
    if (this.#received === 0 && this.#o.session.parser.scans.length === 0) return
    this.full(this.#o.session.parser.scans)
    if (this.#counter) this.#skippedBytes += bytes
    else this.#skip({ scans: Math.ceil(bytes / this.#frameBytes), cause: 'resync' })
  }

  arrived(scans: number, at: number): void {
    if (this.#finished) return
    const { faults, session } = this.#o
    this.#arrivedAt = at
    faults.examine(session.parser.scans)
    faults.ask(at)
    this.#clock.arrive(scans, at)
    const lost = this.#clock.takeMissing()
    if (lost > 0) this.#lose(lost)
    if (!this.#clock.unsettled) this.#emit()
    if (session.parser.scans.length > 0) this.#cancelAge ??= this.#startAge()
  }

  closed(error: Error | undefined): void {
    this.finish(error)
  }

  /** Hands over all that was received, and ends the queue. */
  finish(error: Error | undefined): void {
    if (this.#finished) return
    this.#o.session.giveUpWaiting()
    this.#cancelAge?.()
    this.full(this.#o.session.parser.scans)
    this.#clock.settle()
    const lost = this.#clock.takeMissing()
    if (lost > 0) this.#lose(lost)
    if (this.#skippedBytes > 0) this.#skip({ scans: Math.ceil(this.#skippedBytes / this.#frameBytes), cause: 'resync' })
    this.#emit()
    // Before the first scan nothing is known to be missing.
    const gap = this.#received > 0 ? this.#gap : undefined
    this.#finished = true
    this.#o.queue.end(error, gap, this.#firstPosition + this.#next - 1)
    this.#o.keep({ ...this.#numbering, setBy: this.#setBy })
  }

  get #numbering(): Numbering {
    return {
      serial: this.#o.stream.tags.serial,
      clock: this.#clock,
      anchor: this.#anchor,
      next: this.#next,
      firstPosition: this.#firstPosition,
      counter: this.#counter
    }
  }

  #startAge(): () => void {
    return this.#o.scheduler.after(this.#o.ageMs, () => {
      this.#cancelAge = undefined
      this.full(this.#o.session.parser.scans)
      if (!this.#clock.unsettled) this.#emit()
    })
  }

  /** Scans that are missing before the ones held back, or behind those of them that had only been held up. */
  #lose(scans: number): void {
    const gap = { scans, cause: 'lost' } as const
    const { missingBefore } = this.#clock
    const later = this.#held.filter(({ first }) => !(first < missingBefore))
    const [first] = later
    if (!first) return this.#miss(gap)
    first.gap = joinGaps(first.gap, gap)
    for (const cut of later) cut.first += scans
    this.#next += scans
  }

  #miss(gap: Gap & { readonly scans: number }): void {
    this.#gap = joinGaps(this.#gap, gap)
    this.#next += gap.scans
  }

  /** Known to be missing before the next scan. */
  #skip(gap: Gap & { readonly scans: number }): void {
    this.#skippedBytes = 0
    this.#clock.skip(gap.scans)
    this.#miss(gap)
  }

  /** Takes scans, in pieces where their numbers say that some are missing between them. */
  #take(scans: ScanBuffer): void {
    const counter = this.#counter
    let from = 0
    while (counter && from < scans.length) {
      const late = this.#clock.due(this.#arrivingAt) - (this.#next + scans.length - 1 - from)
      const to = counter.find(scans, from, late)
      if (to > from) this.#held.push(this.#cut(scans, from, to))
      if (to < scans.length) {
        this.#skip({ scans: counter.missing, cause: this.#skippedBytes > 0 ? 'resync' : 'sequence' })
      }
      this.#skippedBytes = 0
      from = to
    }
    if (!counter) this.#held.push(this.#cut(scans, 0, scans.length))
  }

  /** Copies the columns of the stream out of the parser's buffer. */
  #cut(scans: ScanBuffer, start: number, end: number): Cut {
    const { columns } = this.#o
    const length = end - start
    const values = columnsOf(scans, start, end, columns)
    const quality = qualityOf(scans, start, end, columns, this.#o.faults.masks, this.#wanted)
    const cut: Cut = { first: this.#next, gap: this.#gap, length, values, quality }
    this.#gap = undefined
    this.#next += length
    this.#received += length
    return cut
  }

  #emit(): void {
    const { queue, session } = this.#o
    for (const cut of this.#held) queue.push(this.#block(cut))
    const memo = this.#held.length > 0 ? this.#memos.next(this.#arrivedAt, this.#numbering) : undefined
    if (memo !== undefined) queue.remember(memo)
    this.#held.length = 0
    if (this.#notices.length > 0) queue.note(this.#notices.splice(0))
    if (queue.bytes <= ENOUGH) return
    this.#isHeld = true
    session.pause()
  }

  #block({ first, gap, length, values, quality }: Cut): Block {
    const { stream } = this.#o
    const { start, period, uncertainty } = this.#clock.times(first, length)
    const ns = start * 1e6
    const setBy = first < this.#setUntil ? this.#setBy : 0
    const whole = Math.floor(ns)
    const time: UniformAxis = {
      start: this.#anchor + BigInt(whole),
      clock: 'device',
      uncertainty: Math.ceil((uncertainty + setBy) * 1e6),
      period: period * 1e6,
      phase: ns - whole
    }
    const declared = this.#resumes ? this.#resumed(time, first) : gap
    const position = this.#firstPosition + first + length - 1
    return {
      stream,
      length,
      values,
      time,
      quality,
      gap: declared,
      origin: { split: stream.id, position, positions: undefined }
    }
  }

  /** What is missing since the last reading, by the clock: all before the first block, whatever else is known of it. */
  #resumed({ start, period }: UniformAxis, first: number): Gap {
    this.#resumes = false
    this.#setUntil = first + (SET_FOR * this.#o.rate) / 1000
    const { lastScan, after } = this.#o
    const scans = lastScan ? Math.round(Number(start - lastScan.due) / period) : Number.NaN
    // the system clock was set back, or the last reading was another process's
    if (this.#goesOn && Number.isFinite(this.#clock.missingWithin)) {
      return { scans: this.#firstPosition + first - (after as number) - 1, cause: 'reconnect' }
    }
    if (!lastScan || this.#goesOn || !(scans >= 0)) return { scans: 'unknown', cause: 'reconnect' }
    this.#firstPosition = Math.max(this.#firstPosition, lastScan.position + scans + 1) - first
    return { scans, cause: 'reconnect' }
  }
}
