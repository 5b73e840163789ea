// Over 200 lines: numbering, time, gaps and notices of scans share all of their state.
import { SampleClock, type Scheduler } from '@messwerk/core/driver'
import {
  type Block,
  type Gap,
  joinGaps,
  type MeasurementEvent,
  Quality,
  type Stream,
  type UniformAxis
} from '@messwerk/core/model'
import { frameBytes, type ScanBuffer } from '../codec/index.ts'
import type { GsvSession } from '../device/gsv-session.ts'
import type { GsvDevice } from '../device/probe.ts'
import type { ScanReceiver } from '../device/wire.ts'
import type { BlockQueue } from './block-queue.ts'
import type { FaultWatch } from './fault-watch.ts'
import type { LastScan } from './last-read.ts'

/** What an {@link Intake} works with. @internal */
export interface IntakeOptions {
  readonly session: GsvSession
  readonly device: GsvDevice
  readonly stream: Stream
  /** Position in the frame by channel of the stream, from 0. */
  readonly columns: readonly number[]
  readonly queue: BlockQueue
  readonly faults: FaultWatch
  readonly scheduler: Scheduler
  /** Longest time that a scan waits for its block to fill, ms. */
  readonly ageMs: number
  /** Position to go on after; undefined at the first reading. */
  readonly after: number | undefined
  /** What was handed over before, where that is known. */
  readonly lastScan: LastScan | undefined
}

/** Above this a link that can be held back is, bytes. @internal */
const ENOUGH = 1024 * 1024

/** Scans taken out of the parser, before it is known whether some are missing in front of them. */
interface Cut {
  first: number
  gap: Gap | undefined
  readonly length: number
  readonly values: Float64Array
  readonly quality: Uint8Array | undefined
}

/**
 * Makes blocks of decoded scans: numbers them, puts the fitted time on them and declares what is missing.
 *
 * While the sample clock cannot tell a stall from a loss, blocks are held back, 3 s at most.
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
  #received = 0
  #gap: Gap | undefined
  #held: Cut[] = []
  /** Scans taken for lost when the link ended: the delay may as well have been a stall. */
  #guessed = 0
  /** Notices that stand behind the scans cut so far. */
  #notices: MeasurementEvent[] = []
  #arrivedAt: number
  #noticedAt = 0n
  #isHeld = false
  /** Bits of the values of a frame that are channels of the stream. */
  readonly #wanted: number
  #cancelAge: (() => void) | undefined
  #finished = false

  constructor(options: IntakeOptions) {
    const { device, scheduler, after } = options
    this.#o = options
    this.#clock = new SampleClock({ rate: device.rate })
    this.#frameBytes = frameBytes(device.layout)
    this.#anchor = BigInt(Math.round((scheduler.now() - scheduler.elapsed()) * 1e3)) * 1000n
    this.#firstPosition = (after ?? -1) + 1
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
      this.#held.push(this.#cut(scans))
    }
    faults.taken()
    scans.length = 0
  }

  skipped(bytes: number): void {
    if (this.#finished) return
    if (this.#received === 0 && this.#o.session.parser.scans.length === 0) return
    this.full(this.#o.session.parser.scans)
    const scans = Math.ceil(bytes / this.#frameBytes)
    this.#clock.skip(scans)
    this.#miss({ scans, cause: 'resync' })
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
    this.#guessed = this.#clock.takeMissing()
    if (this.#guessed > 0) this.#lose(this.#guessed)
    this.#emit()
    // Before the first scan nothing is known to be missing.
    const gap = this.#received > 0 ? this.#gap : undefined
    this.#finished = true
    this.#o.queue.end(error, gap, this.#firstPosition + this.#next - 1)
  }

  #startAge(): () => void {
    return this.#o.scheduler.after(this.#o.ageMs, () => {
      this.#cancelAge = undefined
      this.full(this.#o.session.parser.scans)
      if (!this.#clock.unsettled) this.#emit()
    })
  }

  /** Scans that are missing before the ones held back, or before the next when none are. */
  #lose(scans: number): void {
    const gap = { scans, cause: 'lost' } as const
    const first = this.#held[0]
    if (!first) return this.#miss(gap)
    first.gap = joinGaps(first.gap, gap)
    for (const cut of this.#held) cut.first += scans
    this.#next += scans
  }

  #miss(gap: Gap & { readonly scans: number }): void {
    this.#gap = joinGaps(this.#gap, gap)
    this.#next += gap.scans
  }

  /** Copies the columns of the stream out of the parser's buffer. */
  #cut(scans: ScanBuffer): Cut {
    const { columns } = this.#o
    const { length, capacity } = scans
    const values = new Float64Array(columns.length * length)
    for (let c = 0; c < columns.length; c += 1) {
      const from = (columns[c] as number) * capacity
      values.set(scans.values.subarray(from, from + length), c * length)
    }
    const quality = qualityOf(scans, columns, this.#o.faults.masks, this.#wanted)
    const cut: Cut = { first: this.#next, gap: this.#gap, length, values, quality }
    this.#gap = undefined
    this.#next += length
    this.#received += length
    return cut
  }

  #emit(): void {
    const { queue, session } = this.#o
    for (const cut of this.#held) queue.push(this.#block(cut))
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
    const guessed = (this.#guessed * 1000) / this.#o.device.rate
    const whole = Math.floor(ns)
    const time: UniformAxis = {
      start: this.#anchor + BigInt(whole),
      clock: 'device',
      uncertainty: Math.ceil((uncertainty + guessed) * 1e6),
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
    const { lastScan } = this.#o
    const scans = lastScan ? Math.round(Number(start - lastScan.due) / period) : Number.NaN
    // the system clock was set back, or the last reading was another process's
    if (!lastScan || !(scans >= 0)) return { scans: 'unknown', cause: 'reconnect' }
    this.#firstPosition = Math.max(this.#firstPosition, lastScan.position + scans + 1) - first
    return { scans, cause: 'reconnect' }
  }
}

/** Channels of flagged scans that are uncertain, as far as that is known. */
function qualityOf(
  { flags, length }: ScanBuffer,
  columns: readonly number[],
  masks: Uint16Array,
  wanted: number
): Uint8Array | undefined {
  let quality: Uint8Array | undefined
  for (let i = 0; i < length; i += 1) {
    if (flags[i] === 0) continue
    const mask = (masks[i] as number) & wanted
    if (mask === 0) continue
    quality ??= new Uint8Array(columns.length * length)
    for (let c = 0; c < columns.length; c += 1) {
      if ((mask >> (columns[c] as number)) & 1) quality[c * length + i] = Quality.uncertain
    }
  }
  return quality
}
