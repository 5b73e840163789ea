import { type ByteLink, RequestQueue, type Scheduler, sleep } from '@messwerk/core/driver'
import { NotConnectedError, ProtocolError, TimeoutError } from '@messwerk/core/model'
import { encodeRequest, GsvParser, type IntegerEncoding, type ScanBuffer } from '../codec/index.ts'
import { commands, type GsvCommand } from './commands.ts'
import { refusal } from './status.ts'
import { pack, sizeOf, unpack } from './wire.ts'

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

/** Options of {@link GsvSession}. @internal */
export interface SessionOptions {
  readonly link: ByteLink
  readonly scheduler: Scheduler
  /** Longest wait for an answer, ms. */
  readonly timeoutMs: number
  /** Scans in a block. */
  readonly capacity: number
}

interface Answer {
  readonly status: number
  readonly data: Uint8Array
}

/** How long a partial frame may wait for its rest, ms. */
const STUCK = 1000

/**
 * One device on one link: one request in flight, a timeout on each, measured frames flow while commands run.
 *
 * A response does not say what it answers, so after a timeout the transmission is stopped and what comes late is thrown
 * away, before the next request is sent. Nothing is shared between sessions.
 *
 * @internal
 */
export class GsvSession {
  readonly url: string
  readonly parser: GsvParser
  readonly #link: ByteLink
  readonly #scheduler: Scheduler
  readonly #timeoutMs: number
  readonly #queue: RequestQueue<Uint8Array, Answer>
  #receiver: ScanReceiver | undefined
  #bytes = 0
  #answers = 0
  /** Time of the last arrival as the link gives it, and on the clock of the scheduler. */
  #arrivedAt = 0
  #lastSeen = 0
  #cancelIdle: (() => void) | undefined
  #closed = false

  constructor({ link, scheduler, timeoutMs, capacity }: SessionOptions) {
    this.url = link.url
    this.#link = link
    this.#scheduler = scheduler
    this.#timeoutMs = timeoutMs
    this.#queue = new RequestQueue({
      send: (request) => link.write(request),
      scheduler,
      timeoutMs,
      resync: () => this.#resync()
    })
    this.parser = new GsvParser(
      {
        full: (scans) => this.#receiver?.full(scans),
        skipped: (bytes) => this.#receiver?.skipped(bytes),
        response: (status, data) => this.#response(status, data)
      },
      { capacity }
    )
    link.start({ data: (bytes, at) => this.#data(bytes, at), closed: (error) => this.#lost(error) })
  }

  /** From now on measured frames go to this receiver; before, they are thrown away. */
  receive(
    receiver: ScanReceiver,
    encoding: IntegerEncoding,
    scale: readonly number[],
    offset: readonly number[]
  ): void {
    this.parser.scale(scale, offset, encoding)
    this.parser.scans.length = 0
    this.#receiver = receiver
  }

  /**
   * Sends a command and returns the values of its response.
   *
   * @throws DeviceError when the device refused it, TimeoutError when it did not answer, ProtocolError when the answer
   * cannot belong to it or when what arrives is no GSV protocol, NotConnectedError when the link is gone
   */
  async command(command: GsvCommand, ...parameters: number[]): Promise<number[]> {
    const request = encodeRequest(command.code, pack(command.parameters, parameters))
    const answer = await this.#queue.request(request, `answer to ${command.name} from ${this.url}`).catch((error) => {
      throw this.#explained(error, command)
    })
    if (answer.status > 1) throw refusal(command.name, answer.status)
    const expected = sizeOf(command.response)
    if (command.response[0] !== 'rest' && answer.data.length !== expected) {
      throw new ProtocolError(
        `${this.url} answered ${command.name} with ${answer.data.length} data bytes, expected ${expected}; does another program use the same port?`
      )
    }
    return unpack(command.response, answer.data)
  }

  /** Holds the link back, where that loses nothing. */
  pause(): void {
    this.#link.pause?.()
  }

  resume(): void {
    this.#link.resume?.()
  }

  /** Nothing more comes, or not for long: what waits for the rest of its frame will not get it. */
  giveUpWaiting(): void {
    const before = this.parser.decoded
    this.parser.idle()
    this.#receiver?.arrived(this.parser.decoded - before, this.#arrivedAt)
  }

  /** Ends the session; the device keeps its state. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelIdle?.()
    this.#receiver = undefined
    this.#queue.fail(new NotConnectedError(this.url, 'the session was closed'))
    await this.#link.close()
  }

  #data(bytes: Uint8Array, at: number): void {
    this.#bytes += bytes.length
    this.#arrivedAt = at
    this.#lastSeen = this.#scheduler.elapsed()
    this.#receiver?.arriving(bytes.length, at)
    const before = this.parser.decoded
    this.parser.push(bytes)
    if (this.#receiver) this.#receiver.arrived(this.parser.decoded - before, at)
    else this.parser.scans.length = 0
    if (this.parser.pending > 0 && !this.#cancelIdle) this.#watchIdle(STUCK)
  }

  /** A false prefix must not wait for ever for the rest of its frame. */
  #watchIdle(ms: number): void {
    this.#cancelIdle = this.#scheduler.after(ms, () => {
      this.#cancelIdle = undefined
      if (this.#closed || this.parser.pending === 0) return
      const quiet = this.#scheduler.elapsed() - this.#lastSeen
      if (quiet < STUCK) return this.#watchIdle(STUCK - quiet)
      this.giveUpWaiting()
    })
  }

  #response(status: number, data: Uint8Array): void {
    this.#answers += 1
    this.#queue.answer({ status, data: data.slice() })
  }

  #lost(error: Error | undefined): void {
    this.#cancelIdle?.()
    this.#queue.fail(error ?? new NotConnectedError(this.url, 'the link has ended'))
    this.#receiver?.closed(error)
  }

  /** After a timeout: whatever was under way must not be taken for the answer to the next request. */
  async #resync(): Promise<void> {
    await this.#link.write(encodeRequest(commands.StopTransmission.code))
    await sleep(Math.min(200, this.#timeoutMs), this.#scheduler)
    if (!this.#receiver) this.parser.reset()
  }

  /** Bytes that make no frame are another device or a wrong baud rate, not silence. */
  #explained(error: unknown, { name }: GsvCommand): unknown {
    const foreign = this.#bytes > 0 && this.#answers === 0 && this.parser.decoded === 0
    if (!(error instanceof TimeoutError && foreign)) return error
    return new ProtocolError(
      `${this.url} sent ${this.#bytes} bytes in answer to ${name}, but none of them are frames of a GSV-8 or GSV-6; is it another device, or the baud rate wrong?`,
      { cause: error }
    )
  }
}
