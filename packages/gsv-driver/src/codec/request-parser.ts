import { ChunkWindow } from './chunk-window.ts'
import { crc8 } from './crc.ts'
import { PREFIX, SUFFIX } from './frame-layout.ts'

/** Longest a request can be. */
const LONGEST_REQUEST = 3 + 15 + 2

/**
 * What a {@link RequestParser} reports to, in the order of the wire.
 *
 * @example
 * ```ts
 * import { RequestParser, type RequestReceiver } from '@messwerk/gsv-driver/codec'
 *
 * const refused: number[] = []
 * const receiver: RequestReceiver = { request() {}, skipped() {}, refused: (status) => void refused.push(status) }
 * new RequestParser(receiver).push(Uint8Array.of(0xaa, 0xb0, 0x23, 0x00, 0x85))
 * refused // => [0x43]
 * ```
 */
export interface RequestReceiver {
  /** A request; `parameters` is only valid during the call. The response carries a CRC-8 when the request did. */
  request(command: number, parameters: Uint8Array, crc: boolean): void
  /**
   * What looked like a request and is none, with the status that a device answers: 0x42 wrong suffix, 0x43 wrong CRC-8,
   * 0x5a parameters incomplete.
   */
  refused(status: 0x42 | 0x43 | 0x5a, crc: boolean): void
  /** That many bytes belonged to no request. */
  skipped(bytes: number): void
}

/**
 * The device's side of the line: takes bytes in any cutting and finds the requests in them.
 *
 * @example
 * ```ts
 * import { encodeRequestFrame, RequestParser } from '@messwerk/gsv-driver/codec'
 *
 * const seen: unknown[] = []
 * const parser = new RequestParser({
 *   request: (command, parameters, crc) => void seen.push([command, [...parameters], crc]),
 *   refused() {},
 *   skipped() {}
 * })
 * parser.push(encodeRequestFrame(0x0c, [3], true))
 * seen // => [[0x0c, [3], true]]
 * ```
 */
export class RequestParser {
  /** Bytes that belonged to no request so far. */
  skippedBytes = 0
  readonly #receiver: RequestReceiver
  readonly #window = new ChunkWindow(16 * LONGEST_REQUEST)

  constructor(receiver: RequestReceiver) {
    this.#receiver = receiver
  }

  /** Bytes that wait for the rest of their request. */
  get pending(): number {
    return this.#window.pending
  }

  /** Takes the next bytes; they are not kept. */
  push(chunk: Uint8Array): void {
    const step = 8 * LONGEST_REQUEST
    for (let at = 0; at < chunk.length; at += step) {
      this.#window.append(chunk, at, Math.min(at + step, chunk.length))
      this.#parse()
    }
  }

  /** Nothing came for longer than a request may take, which is 200 ms: what waits is refused with 0x5a. */
  idle(): void {
    const { bytes, from, pending } = this.#window
    if (pending === 0) return
    this.#window.clear()
    if (pending > 2) this.#receiver.refused(0x5a, ((bytes[from + 1] as number) & 0x20) !== 0)
    this.#skipped(pending)
  }

  /** Forgets what waits; for a new connection. */
  reset(): void {
    this.#window.clear()
  }

  #parse(): void {
    const window = this.#window
    while (window.pending > 0) {
      const length = this.#take(window.bytes, window.from, window.to)
      if (length === 0) return
      window.consume(window.from + length)
    }
  }

  /** Deals with what lies at `at`; returns how many bytes that were, 0 when more are needed. */
  #take(bytes: Uint8Array, at: number, end: number): number {
    if (bytes[at] !== PREFIX) return this.#skipped(1)
    if (end - at < 2) return 0
    const header = bytes[at + 1] as number
    if ((header & 0xd0) !== 0x90) return this.#skipped(1)
    const crc = (header & 0x20) !== 0
    const last = at + 3 + (header & 15) + (crc ? 1 : 0)
    if (last >= end) return 0
    if (bytes[last] !== SUFFIX) {
      this.#receiver.refused(0x42, crc)
      return this.#skipped(1)
    }
    if (crc && crc8(bytes, at + 1, last - 1) !== bytes[last - 1]) this.#receiver.refused(0x43, true)
    else this.#receiver.request(bytes[at + 2] as number, bytes.subarray(at + 3, last - (crc ? 1 : 0)), crc)
    return last + 1 - at
  }

  #skipped(bytes: number): number {
    this.skippedBytes += bytes
    this.#receiver.skipped(bytes)
    return bytes
  }
}
