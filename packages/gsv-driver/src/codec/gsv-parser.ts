// Over 200 lines: one state machine, whose fast and slow paths share all of their state.
import { ChunkWindow } from './chunk-window.ts'
import { countRun } from './count-run.ts'
import { decodeRun, type IntegerScaling, rescale } from './decode-run.ts'
import { BAD_CRC, confirmation, LONGEST, MORE, measuredLength, REJECT, responseLength } from './frame-check.ts'
import {
  checkLayout,
  DATA_TYPES,
  type DataType,
  dataTypeCode,
  type FrameLayout,
  headerOf,
  type IntegerEncoding,
  PREFIX,
  scansPerFrame
} from './frame-layout.ts'
import type { ParserOptions, ParserReceiver } from './parser-options.ts'
import { ScanBuffer } from './scan-buffer.ts'

/** Chunks up to this size are copied behind what waits; larger ones are parsed where they are. */
const SMALL = 1024

/**
 * Takes bytes in any cutting, decodes measured frames straight into columns and passes responses on.
 *
 * No object is made and nothing allocated for a frame. Values are physical for float32; integers are parts of the
 * nominal range until {@link GsvParser.scale} says more. What cannot be a frame is skipped byte by byte and counted.
 * A frame without CRC is accepted when it has the known layout, or when a frame of the same layout or a response
 * follows it directly: prefix and suffix are common inside data.
 *
 * @example
 * ```ts
 * import { GsvParser } from '@messwerk/gsv-driver/codec'
 *
 * const parser = new GsvParser({ full() {}, response() {}, skipped() {} }, { capacity: 4 })
 * const frame = [0xaa, 0x10, 0xb0, 0x3f, 0x80, 0, 0, 0x85]
 * parser.push(Uint8Array.from([...frame, ...frame]))
 * parser.scans.values.subarray(0, 2) // => Float64Array.of(1, 1)
 * ```
 */
export class GsvParser {
  /** Where scans are decoded to. Set its `length` to 0 after they were taken. */
  scans: ScanBuffer
  /** Scans decoded so far. */
  decoded = 0
  /** Bytes skipped so far. */
  skippedBytes = 0
  /** Frames discarded for their checksum, where one of this kind was to be expected. */
  crcErrors = 0
  /** Whether a command is under way whose response may be a long one; otherwise they count only behind a good frame. */
  awaitsLong = false
  readonly #receiver: ParserReceiver
  readonly #capacity: number
  readonly #scaling: IntegerScaling
  readonly #window = new ChunkWindow(8 * SMALL)
  #scales: readonly [scale: ArrayLike<number>, offset: ArrayLike<number>] | undefined
  #channels: number | undefined
  /** Header and status of the layout that the device itself gave. */
  #stated = -1
  #header = -1
  #type = 0
  #stride = 0
  #perFrame = 1
  #synced = false
  #pendingSkip = 0
  #final = false

  /** @throws RangeError when the capacity, the layout or the number of channels is none */
  constructor(receiver: ParserReceiver, options: ParserOptions = {}) {
    const { capacity = 256, encoding = 'offset', layout, channels } = options
    if (!(Number.isInteger(capacity) && capacity > 0)) {
      throw new RangeError(`GsvParser: capacity must be a positive whole number of scans, got ${capacity}`)
    }
    this.#receiver = receiver
    this.#capacity = capacity
    this.scans = new ScanBuffer(0, capacity)
    this.#scaling = { signed: encoding === 'signed', factor: new Float64Array(16), add: new Float64Array(16) }
    if (channels !== undefined) this.channels = channels
    if (layout) this.expect(layout)
  }

  /** Bytes that wait for the rest of their frame. */
  get pending(): number {
    return this.#window.pending
  }

  /** Layout of the frames that are being decoded, or undefined before the first. */
  get layout(): FrameLayout | undefined {
    if (this.#header < 0) return undefined
    const objects = (this.#header & 15) + 1
    const layout = { objects, dataType: DATA_TYPES[this.#type] as DataType, crc: (this.#header & 0x20) !== 0 }
    return this.#perFrame > 1 ? Object.assign(layout, { channels: objects / this.#perFrame }) : layout
  }

  /**
   * Channels of a scan, for a device that may use the high-speed mode: frames then hold one to eight scans, and others
   * are none. Undefined, which is the beginning: each frame is one scan, whatever its number of objects.
   */
  get channels(): number | undefined {
    return this.#channels
  }
  set channels(channels: number | undefined) {
    if (channels !== undefined && !(Number.isInteger(channels) && channels >= 1 && channels <= 16)) {
      throw new RangeError(`GsvParser: channels must be a whole number from 1 to 16, got ${channels}`)
    }
    this.#channels = channels
    if (this.#header < 0) return
    if (this.#scansOf(this.#header) > 0) this.#adopt(this.#header, this.#type)
    else this.#header = -1
  }

  /**
   * States the layout of the frames to come, as the device gave it.
   *
   * @throws RangeError when no frame has this layout
   */
  expect(layout: FrameLayout): void {
    checkLayout(layout, 'GsvParser')
    if (layout.channels !== undefined) this.#channels = layout.channels
    else if (this.#scansOf(headerOf(layout)) === 0) this.#channels = undefined
    this.#adopt(headerOf(layout), dataTypeCode(layout.dataType))
    this.#stated = (this.#header << 8) | this.#type
  }

  /** Integers become `value = part of nominal range * scale + offset`, by value object. */
  scale(scale: ArrayLike<number>, offset: ArrayLike<number>, encoding?: IntegerEncoding): void {
    this.#scales = [scale, offset]
    if (encoding) this.#scaling.signed = encoding === 'signed'
    this.#rescale()
  }

  /** Takes the next bytes; they are not kept. */
  push(chunk: Uint8Array): void {
    const { length } = chunk
    let at = 0
    if (length <= SMALL || this.#window.pending > 0) {
      const before = this.#window.pending
      // Nothing waits for more than a frame and the response behind it, so a larger chunk ends that wait in its beginning.
      const taken = length <= SMALL ? length : 2 * LONGEST
      this.#window.append(chunk, 0, taken)
      at = this.#parseWindow() - before
      if (taken === length) return
      this.#window.clear()
    }
    const rest = this.#parse(chunk, new DataView(chunk.buffer, chunk.byteOffset, length), at, length)
    if (rest < length) this.#window.append(chunk, rest, length)
  }

  /**
   * No bytes came for clearly longer than a frame takes, or none will: a complete frame that waits for confirmation is
   * accepted, what waits for the rest of its frame is given up and counts as skipped.
   */
  idle(): void {
    const window = this.#window
    this.#final = true
    this.#parseWindow()
    while (window.pending > 0) {
      window.consume(this.#skip(window.bytes, window.from, window.to))
      this.#parseWindow()
    }
    this.#final = false
    this.#reportSkipped()
  }

  /** Forgets what waits, and counts nothing of it as skipped; for a new connection. */
  reset(): void {
    this.#window.clear()
    this.#pendingSkip = 0
    this.#synced = false
  }

  /** Parses what waits; returns how many bytes that took. */
  #parseWindow(): number {
    const { bytes, view, from, to } = this.#window
    const rest = this.#parse(bytes, view, from, to)
    this.#window.consume(rest)
    return rest - from
  }

  /** Parses from `at`; returns where it needs more bytes than there are. */
  #parse(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    let p = at
    while (p < end) {
      if (this.#synced && this.#header >= 0) p = this.#runs(bytes, view, p, end)
      const length = this.#frame(bytes, view, p, end)
      if (length === MORE) return p
      p = length < 0 ? this.#skip(bytes, p, end) : p + length
    }
    return p
  }

  /** Drops one byte, and those up to the next prefix. */
  #skip(bytes: Uint8Array, at: number, end: number): number {
    let next = at + 1
    while (next < end && bytes[next] !== PREFIX) next += 1
    this.#synced = false
    this.#pendingSkip += next - at
    this.skippedBytes += next - at
    return next
  }

  /** The fast path: as many frames of the known layout as follow each other. */
  #runs(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    let p = at
    while (end - p >= this.#stride) {
      const room = (this.scans.capacity - this.scans.length) / this.#perFrame
      const most = Math.min(room, Math.floor((end - p) / this.#stride))
      const count = countRun(bytes, view, p, most, this.#header, this.#type, this.#stride, this.#perFrame, this.scans)
      if (count === 0) return p
      this.#decode(view, p, count)
      p += count * this.#stride
    }
    return p
  }

  /** Decodes frames that were found good; their flags are in place. */
  #decode(view: DataView, at: number, count: number): void {
    const perFrame = this.#perFrame
    decodeRun(view, at + 3, this.#stride, count, this.#type, perFrame, this.scans, this.#scaling)
    this.scans.length += count * perFrame
    this.decoded += count * perFrame
    if (this.scans.length === this.scans.capacity) this.#handOver()
  }

  #handOver(): void {
    this.#receiver.full(this.scans)
    this.scans.length = 0
  }

  /** Length of the frame at `at`, or MORE, or less for none. */
  #frame(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    if (at >= end) return MORE
    if (bytes[at] !== PREFIX) return REJECT
    if (end - at < 3) return MORE
    const header = bytes[at + 1] as number
    if ((header & 0x10) === 0 || header >= 0x80) return REJECT
    return header & 0x40 ? this.#response(bytes, at, end) : this.#measured(bytes, view, at, end)
  }

  #response(bytes: Uint8Array, at: number, end: number): number {
    const length = responseLength(bytes, at, end, this.#synced || this.awaitsLong)
    if (length === BAD_CRC && this.#synced) this.crcErrors += 1
    if (length <= 0) return length
    const long = ((bytes[at + 1] as number) & 15) === 15
    const crc = (bytes[at + 1] as number) & 0x20 ? 1 : 0
    this.#synced = true
    this.#reportSkipped()
    this.#receiver.response(long ? 0 : (bytes[at + 2] as number), bytes.subarray(at + 3, at + length - 1 - crc))
    return length
  }

  #measured(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    const header = bytes[at + 1] as number
    if (this.#scansOf(header) === 0) return REJECT
    const length = measuredLength(bytes, at, end, !this.#synced)
    if (length === BAD_CRC && header === this.#header) this.crcErrors += 1
    if (length <= 0) return length
    const status = bytes[at + 2] as number
    const type = (status >> 4) & 7
    if (header !== this.#header || type !== this.#type) {
      const trusted = header & 0x20 || ((header << 8) | type) === this.#stated
      const confirmed = trusted ? length : confirmation(bytes, at, length, end, this.awaitsLong, this.#final)
      if (confirmed <= 0) return confirmed
      this.#adopt(header, type)
    }
    this.#reportSkipped()
    this.#synced = true
    this.scans.flags.fill(status & 3, this.scans.length, this.scans.length + this.#perFrame)
    this.#decode(view, at, 1)
    return length
  }

  #reportSkipped(): void {
    const skipped = this.#pendingSkip
    this.#pendingSkip = 0
    if (skipped > 0) this.#receiver.skipped(skipped)
  }

  /** Scans in a frame with this header; 0 when it cannot be one. */
  #scansOf(header: number): number {
    return this.#channels === undefined ? 1 : scansPerFrame((header & 15) + 1, this.#channels)
  }

  #adopt(header: number, type: number): void {
    if (this.scans.length > 0) this.#handOver()
    const perFrame = this.#scansOf(header)
    const objects = ((header & 15) + 1) / perFrame
    this.#header = header
    this.#type = type
    this.#perFrame = perFrame
    this.#stride = 4 + objects * perFrame * (type + 1) + (header & 0x20 ? 2 : 0)
    const capacity = Math.max(1, Math.floor(this.#capacity / perFrame)) * perFrame
    if (objects !== this.scans.objects || capacity !== this.scans.capacity) {
      this.scans = new ScanBuffer(objects, capacity)
    }
    this.#rescale()
  }

  #rescale(): void {
    if (this.#type === 1 || this.#type === 2) rescale(this.#scaling, this.#type, this.#scales)
  }
}
