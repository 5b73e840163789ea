import type { ByteLink, Scheduler } from '@messwerk/core/driver'
import { GsvParser, type IntegerEncoding, type ScanBuffer } from '../codec/index.ts'

/** What a session reports of the measured frames. @internal */
export interface ScanReceiver {
  /** Bytes have arrived and are about to be parsed. */
  arriving(bytes: number, at: number): void
  full(scans: ScanBuffer): void
  skipped(bytes: number): void
  /** The bytes of this arrival are parsed: so many scans were in them. */
  arrived(scans: number, at: number): void
  closed(error: Error | undefined): void
}

/** What a {@link Wire} works with. @internal */
export interface WireOptions {
  readonly link: ByteLink
  readonly scheduler: Scheduler
  /** Scans in a block. */
  readonly capacity: number
  readonly response: (status: number, data: Uint8Array) => void
  /** Scans were decoded and still lie in the parser's buffer. */
  readonly scans: () => void
  readonly closed: (error: Error | undefined) => void
}

/** How long a partial frame may wait for its rest, ms. */
const STUCK = 1000

/**
 * One link and its parser: tells measured frames from responses. Frames that nobody receives are thrown away.
 *
 * @internal
 */
export class Wire {
  readonly parser: GsvParser
  receiver: ScanReceiver | undefined
  /** Arrived so far. */
  bytes = 0
  answers = 0
  readonly #o: WireOptions
  /** Time of the last arrival as the link gives it, and on the clock of the scheduler. */
  #arrivedAt = 0
  #lastSeen = 0
  #cancelIdle: (() => void) | undefined
  #closed = false

  constructor(options: WireOptions) {
    const { link, capacity, response } = options
    this.#o = options
    this.parser = new GsvParser(
      {
        full: (scans) => this.receiver?.full(scans),
        skipped: (bytes) => this.receiver?.skipped(bytes),
        response: (status, data) => {
          this.answers += 1
          response(status, data)
        }
      },
      { capacity }
    )
    link.start({ data: (bytes, at) => this.#data(bytes, at), closed: (error) => this.#lost(error) })
  }

  receive(
    receiver: ScanReceiver,
    encoding: IntegerEncoding,
    scale: readonly number[],
    offset: readonly number[]
  ): void {
    this.parser.scale(scale, offset, encoding)
    this.parser.scans.length = 0
    this.receiver = receiver
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#o.link.write(bytes)
  }

  /** What waits for the rest of its frame will not get it. */
  giveUpWaiting(): void {
    const before = this.parser.decoded
    this.parser.idle()
    this.receiver?.arrived(this.parser.decoded - before, this.#arrivedAt)
  }

  async close(error: Error): Promise<void> {
    this.#closed = true
    this.#cancelIdle?.()
    const { receiver } = this
    this.receiver = undefined
    receiver?.closed(error)
    await this.#o.link.close()
  }

  #data(bytes: Uint8Array, at: number): void {
    const { parser } = this
    this.bytes += bytes.length
    this.#arrivedAt = at
    this.#lastSeen = this.#o.scheduler.elapsed()
    this.receiver?.arriving(bytes.length, at)
    const before = parser.decoded
    parser.push(bytes)
    const scans = parser.decoded - before
    if (scans > 0) this.#o.scans()
    if (this.receiver) this.receiver.arrived(scans, at)
    else parser.scans.length = 0
    if (parser.pending > 0 && !this.#cancelIdle) this.#watchIdle(STUCK)
  }

  /** A false prefix must not wait for ever for the rest of its frame. */
  #watchIdle(ms: number): void {
    const { scheduler } = this.#o
    this.#cancelIdle = scheduler.after(ms, () => {
      this.#cancelIdle = undefined
      if (this.#closed || this.parser.pending === 0) return
      const quiet = scheduler.elapsed() - this.#lastSeen
      if (quiet < STUCK) return this.#watchIdle(STUCK - quiet)
      this.giveUpWaiting()
    })
  }

  #lost(error: Error | undefined): void {
    this.#cancelIdle?.()
    this.#o.closed(error)
    this.receiver?.closed(error)
  }
}
