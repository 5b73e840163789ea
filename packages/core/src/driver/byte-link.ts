/**
 * What a {@link ByteLink} delivers to.
 *
 * @example
 * ```ts
 * import type { ByteReceiver } from '@messwerk/core/driver'
 *
 * let count = 0
 * const receiver: ByteReceiver = { data: (bytes) => { count += bytes.length }, closed() {} }
 * receiver.data(Uint8Array.of(1, 2, 3), 0)
 * count // => 3
 * ```
 */
export interface ByteReceiver {
  /**
   * Bytes arrived.
   *
   * @param bytes - only valid during the call
   * @param at - when they arrived, ms on the clock of `Scheduler.elapsed`
   */
  data(bytes: Uint8Array, at: number): void
  /** Nothing more will come: with an error when the link was lost, without one at its end. Called once. */
  closed(error?: Error): void
}

/**
 * Bytes to and from a device: a serial port, a TCP connection, a simulator in the same process.
 *
 * A link keeps nothing: what arrives is delivered at once, so that responses are seen and arrival times are true. The
 * receiver bounds what it holds and declares what it drops.
 *
 * @example
 * ```ts
 * import type { ByteLink } from '@messwerk/core/driver'
 *
 * const echo: ByteLink = {
 *   url: 'echo:',
 *   start(receiver) { receiver.data(Uint8Array.of(42), 0) },
 *   async write() {},
 *   async close() {},
 * }
 * echo.url // => 'echo:'
 * ```
 */
export interface ByteLink {
  /** For messages; without credentials. */
  readonly url: string
  /** Begins delivery; called once. What arrived before is delivered first. */
  start(receiver: ByteReceiver): void
  /** Resolves when the bytes were handed to the operating system. */
  write(bytes: Uint8Array): Promise<void>
  /** Ends the link without `closed` being called; may be called twice. */
  close(): Promise<void>
  /**
   * Holds delivery back until `resume`. Only there where that loses nothing (a simulator, a recording); a device
   * measures on, so its link has neither.
   */
  pause?(): void
  /** Delivers again. */
  resume?(): void
}
