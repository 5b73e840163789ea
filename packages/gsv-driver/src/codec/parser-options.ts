import type { FrameLayout, IntegerEncoding } from './frame-layout.ts'
import type { ScanBuffer } from './scan-buffer.ts'

/**
 * What a `GsvParser` reports to, in the order of the wire.
 *
 * @example
 * ```ts
 * import { GsvParser, type ParserReceiver } from '@messwerk/gsv-driver/codec'
 *
 * const seen: number[] = []
 * const receiver: ParserReceiver = { full() {}, skipped() {}, response: (status) => void seen.push(status) }
 * new GsvParser(receiver).push(Uint8Array.of(0xaa, 0x50, 0x52, 0x85))
 * seen // => [0x52]
 * ```
 */
export interface ParserReceiver {
  /**
   * Take the scans now, they are overwritten afterwards: the buffer is full, or the layout of the frames changes. To
   * keep the columns without copying them, put another buffer of the same size into the parser's `scans`.
   */
  full(scans: ScanBuffer): void
  /**
   * A response; `data` is only valid during the call. Status codes are passed on whatever they are.
   */
  response(status: number, data: Uint8Array): void
  /** That many bytes were skipped before what follows; what is in the buffer came before them. */
  skipped(bytes: number): void
}

/**
 * How a `GsvParser` decodes.
 *
 * @example
 * ```ts
 * import type { ParserOptions } from '@messwerk/gsv-driver/codec'
 *
 * const options: ParserOptions = { capacity: 256, encoding: 'offset', layout: { objects: 8, dataType: 'int16', crc: false } }
 * options.capacity // => 256
 * ```
 */
export interface ParserOptions {
  /** Scans in the buffer. @defaultValue 256 */
  readonly capacity?: number
  /** Of integers. @defaultValue 'offset' (GSV-8) */
  readonly encoding?: IntegerEncoding
  /** Layout of the measured frames where it is known; frames of another one then need confirmation. */
  readonly layout?: FrameLayout
  /** Channels of a scan where the device may use the high-speed mode, see `GsvParser.channels`. */
  readonly channels?: number
}
