import type { ByteLink, Scheduler } from '@messwerk/core/driver'
import { isSdkError, NotConnectedError } from '@messwerk/core/model'
import type { ScanBuffer } from '../codec/index.ts'
import type { ScanParser } from './scan-session.ts'

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

/** What a parser tells its wire. @internal */
export interface WireReceiver {
  full(scans: ScanBuffer): void
  skipped(bytes: number): void
}

/** What a {@link Wire} works with. @internal */
export interface WireOptions<P extends ScanParser> {
  readonly link: ByteLink
  readonly scheduler: Scheduler
  /** Makes the parser; answers go elsewhere. */
  readonly parser: (receiver: WireReceiver) => P
  /** Scans were decoded and still lie in the parser's buffer. */
  readonly scans: () => void
  readonly closed: (error: Error | undefined) => void
}

/** How long a partial frame may wait for its rest, ms. */
const STUCK = 1000
/** First bytes that are kept, to tell what sent them. */
const HEARD = 1024

/**
 * One link and its parser: tells measured frames from responses. Frames that nobody receives are thrown away.
 *
 * @internal
 */
export class Wire<P extends ScanParser> {
  readonly parser: P
  receiver: ScanReceiver | undefined
  /** Arrived so far. */
  bytes = 0
  /** The first bytes that arrived. */
  heard: Uint8Array = new Uint8Array()
  readonly #o: WireOptions<P>
  /** Time of the last arrival as the link gives it, and on the clock of the scheduler. */
  #arrivedAt = 0
  #lastSeen = 0
  #cancelIdle: (() => void) | undefined
  #closed = false

  constructor(options: WireOptions<P>) {
    const { link, parser } = options
    this.#o = options
    this.parser = parser({
      full: (scans) => this.receiver?.full(scans),
      skipped: (bytes) => this.receiver?.skipped(bytes)
    })
    link.start({ data: (bytes, at) => this.#data(bytes, at), closed: (error) => this.#lost(typed(error, link.url)) })
  }

  receive(receiver: ScanReceiver): void {
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
    if (this.bytes < HEARD) this.heard = joined(this.heard, bytes)
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

function joined(first: Uint8Array, more: Uint8Array): Uint8Array {
  const all = new Uint8Array(Math.min(HEARD, first.length + more.length))
  all.set(first)
  all.set(more.subarray(0, all.length - first.length), first.length)
  return all
}

/** Links of one's own end with errors of their own. */
function typed(error: Error | undefined, url: string): Error | undefined {
  return error === undefined || isSdkError(error) ? error : new NotConnectedError(url, error.message, { cause: error })
}
