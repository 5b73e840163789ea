/**
 * How frames of a protocol are told from other bytes. {@link lengthFrames} and {@link delimitedFrames} make the usual
 * ones.
 *
 * @example
 * ```ts
 * import type { FrameShape } from '@messwerk/core/driver'
 *
 * const pairs: FrameShape = { maxBytes: 2, measure: (_bytes, from, to) => (to - from < 2 ? 0 : 2) }
 * pairs.measure(Uint8Array.of(1, 2, 3), 0, 3) // => 2
 * ```
 */
export interface FrameShape {
  /** Length of the longest frame, bytes. */
  readonly maxBytes: number
  /**
   * What begins at `from`: the length of a whole and undamaged frame; 0 when more bytes are needed to tell; below 0 when
   * no frame begins here, as the negative number of bytes that belong to none.
   *
   * @param to - where the bytes that have arrived end
   */
  measure(bytes: Uint8Array, from: number, to: number): number
}

/**
 * Options of {@link lengthFrames}.
 *
 * @example
 * ```ts
 * import type { LengthFramesOptions } from '@messwerk/core/driver'
 *
 * const options: LengthFramesOptions = { header: 2, maxBytes: 34, length: (bytes, at) => 3 + (bytes[at + 1] ?? 0) }
 * options.length(Uint8Array.of(0x7e, 4), 0) // => 7
 * ```
 */
export interface LengthFramesOptions {
  /** Bytes that tell the length. */
  readonly header: number
  /** Length of the longest frame, bytes. */
  readonly maxBytes: number
  /** Length of the whole frame by its header; 0 when this is no header. */
  readonly length: (bytes: Uint8Array, at: number) => number
  /** Whether the frame is undamaged: its checksum, its last byte. @defaultValue it is */
  readonly check?: (bytes: Uint8Array, from: number, to: number) => boolean
}

/**
 * Frames whose header says how long they are, or that are all equally long.
 *
 * After a damaged frame the search goes on at its second byte: a length that is wrong costs no frame behind it.
 *
 * @throws RangeError when `header` is below 1 or above `maxBytes`
 *
 * @example
 * ```ts
 * import { lengthFrames } from '@messwerk/core/driver'
 *
 * const shape = lengthFrames({ header: 2, maxBytes: 8, length: (b, at) => (b[at] === 0x7e ? 2 + (b[at + 1] ?? 0) : 0) })
 * const bytes = Uint8Array.of(0x7e, 3, 1, 2, 3, 9)
 * ;[shape.measure(bytes, 0, 6), shape.measure(bytes, 0, 4), shape.measure(bytes, 5, 6), shape.measure(bytes, 2, 6)] // => [5, 0, 0, -1]
 * ```
 */
export function lengthFrames({ header, maxBytes, length, check }: LengthFramesOptions): FrameShape {
  if (!(header >= 1 && header <= maxBytes)) {
    throw new RangeError(`lengthFrames: header must be from 1 to maxBytes (${maxBytes}), got ${header}`)
  }
  return {
    maxBytes,
    measure(bytes, from, to) {
      if (to - from < header) return 0
      const size = length(bytes, from)
      if (!(size >= header && size <= maxBytes)) return -1
      if (to - from < size) return 0
      return check === undefined || check(bytes, from, from + size) ? size : -1
    }
  }
}

/**
 * Options of {@link delimitedFrames}.
 *
 * @example
 * ```ts
 * import type { DelimitedFramesOptions } from '@messwerk/core/driver'
 *
 * const nmea: DelimitedFramesOptions = { start: 0x24, end: 0x0a, maxBytes: 82 }
 * nmea.maxBytes // => 82
 * ```
 */
export interface DelimitedFramesOptions {
  /** Byte that a frame begins with and that is nowhere else in it. Without it, garbage costs the frame behind it. */
  readonly start?: number
  /** Byte that a frame ends with. */
  readonly end: number
  /** Length of the longest frame, bytes, both delimiters counted. */
  readonly maxBytes: number
  /** Whether the frame is undamaged. @defaultValue it is */
  readonly check?: (bytes: Uint8Array, from: number, to: number) => boolean
}

/**
 * Frames that end with a byte that is nowhere else in them: lines of text, NMEA sentences, SLIP.
 *
 * @throws RangeError when `maxBytes` is below 1
 *
 * @example
 * ```ts
 * import { delimitedFrames } from '@messwerk/core/driver'
 *
 * const lines = delimitedFrames({ end: 0x0a, maxBytes: 80 })
 * const text = new TextEncoder().encode('12.5\n13')
 * ;[lines.measure(text, 0, 7), lines.measure(text, 5, 7)] // => [5, 0]
 * ```
 */
export function delimitedFrames({ start, end, maxBytes, check }: DelimitedFramesOptions): FrameShape {
  if (!(maxBytes >= 1)) throw new RangeError(`delimitedFrames: maxBytes must be at least 1, got ${maxBytes}`)
  return {
    maxBytes,
    measure(bytes, from, to) {
      if (start !== undefined && bytes[from] !== start) return -1
      const most = Math.min(to, from + maxBytes)
      for (let at = start === undefined ? from : from + 1; at < most; at += 1) {
        if (bytes[at] === end) return check === undefined || check(bytes, from, at + 1) ? at + 1 - from : from - at - 1
        if (bytes[at] === start) return from - at
      }
      return most - from < maxBytes ? 0 : -maxBytes
    }
  }
}
