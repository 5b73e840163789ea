import { decodeRun, type IntegerScaling } from './decode-run.ts'
import { LONGEST, MORE, measuredCrcOk, REJECT, responseLength } from './frame-check.ts'
import {
  DATA_TYPES,
  type DataType,
  dataTypeCode,
  type FrameLayout,
  fullScale,
  type IntegerEncoding,
  OVERLOAD,
  PREFIX,
  SUFFIX
} from './frame-layout.ts'
import type { ParserOptions, ParserReceiver } from './parser-options.ts'
import { ScanBuffer } from './scan-buffer.ts'

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
  /** Frames discarded for their checksum. */
  crcErrors = 0
  readonly #receiver: ParserReceiver
  readonly #capacity: number
  readonly #scaling: IntegerScaling
  #scales: readonly [scale: ArrayLike<number>, offset: ArrayLike<number>] | undefined
  #carry = new Uint8Array(8 * LONGEST)
  #carryView = new DataView(this.#carry.buffer)
  #carried = 0
  #header = -1
  #type = 0
  #stride = 0
  #synced = false
  #pendingSkip = 0
  #final = false

  constructor(receiver: ParserReceiver, options: ParserOptions = {}) {
    const { capacity = 256, encoding = 'offset', layout } = options
    if (!(Number.isInteger(capacity) && capacity > 0)) {
      throw new RangeError(`GsvParser: capacity must be a positive whole number of scans, got ${capacity}`)
    }
    this.#receiver = receiver
    this.#capacity = capacity
    this.scans = new ScanBuffer(0, capacity)
    this.#scaling = { signed: encoding === 'signed', factor: new Float64Array(16), add: new Float64Array(16) }
    if (layout) this.expect(layout)
  }

  /** Bytes that wait for the rest of their frame. */
  get pending(): number {
    return this.#carried
  }

  /** Layout of the frames that are being decoded, or undefined before the first. */
  get layout(): FrameLayout | undefined {
    if (this.#header < 0) return undefined
    return {
      objects: (this.#header & 15) + 1,
      dataType: DATA_TYPES[this.#type] as DataType,
      crc: (this.#header & 0x20) !== 0
    }
  }

  /** States the layout of the frames to come, as the device gave it. */
  expect({ objects, dataType, crc }: FrameLayout): void {
    this.#adopt((crc ? 0x30 : 0x10) + objects - 1, dataTypeCode(dataType))
  }

  /** Integers become `value = part of nominal range * scale + offset`, by value object. */
  scale(scale: ArrayLike<number>, offset: ArrayLike<number>, encoding?: IntegerEncoding): void {
    this.#scales = [scale, offset]
    if (encoding) this.#scaling.signed = encoding === 'signed'
    this.#rescale()
  }

  /** Takes the next bytes; they are not kept. */
  push(chunk: Uint8Array): void {
    let at = 0
    if (this.#carried > 0) at = this.#finishCarried(chunk)
    if (at >= chunk.length) return
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
    const rest = this.#parse(chunk, view, at, chunk.length)
    this.#carry.set(rest === 0 ? chunk : chunk.subarray(rest), 0)
    this.#carried = chunk.length - rest
  }

  /**
   * No bytes came for clearly longer than a frame takes, or none will: a complete frame that waits for confirmation is
   * accepted, what waits for the rest of its frame is given up and counts as skipped.
   */
  idle(): void {
    this.#final = true
    let rest = this.#parse(this.#carry, this.#carryView, 0, this.#carried)
    while (rest < this.#carried) {
      rest = this.#skip(this.#carry, rest, this.#carried)
      rest = this.#parse(this.#carry, this.#carryView, rest, this.#carried)
    }
    this.#carried = 0
    this.#final = false
    this.#reportSkipped()
  }

  /** Forgets what waits, and counts nothing of it as skipped; for a new connection. */
  reset(): void {
    this.#carried = 0
    this.#pendingSkip = 0
    this.#synced = false
  }

  /** Completes what was carried over with the beginning of a chunk; returns where to go on in the chunk. */
  #finishCarried(chunk: Uint8Array): number {
    const before = this.#carried
    const taken = Math.min(chunk.length, 2 * LONGEST)
    this.#carry.set(chunk.subarray(0, taken), before)
    const total = before + taken
    const rest = this.#parse(this.#carry, this.#carryView, 0, total)
    this.#carried = 0
    if (rest >= before) return rest - before
    // Nothing waits for more than two frames, so this was the whole chunk.
    this.#carry.copyWithin(0, rest, total)
    this.#carried = total - rest
    return chunk.length
  }

  /** Parses from `at`; returns where it needs more bytes than there are. */
  #parse(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    let p = at
    while (p < end) {
      if (this.#synced && this.#header >= 0) p = this.#runs(bytes, view, p, end)
      const length = this.#frame(bytes, view, p, end)
      if (length === MORE) return p
      p = length === REJECT ? this.#skip(bytes, p, end) : p + length
    }
    return p
  }

  /** Drops one byte, and those up to the next prefix. */
  #skip(bytes: Uint8Array, at: number, end: number): number {
    const found = bytes.indexOf(PREFIX, at + 1)
    const next = found < 0 || found > end ? end : found
    this.#synced = false
    this.#pendingSkip += next - at
    this.skippedBytes += next - at
    return next
  }

  /** The fast path: as many frames of the known layout as follow each other. */
  #runs(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    let p = at
    for (;;) {
      const room = this.scans.capacity - this.scans.length
      const count = this.#countRun(bytes, view, p, Math.min(room, Math.floor((end - p) / this.#stride)))
      if (count === 0) return p
      this.#decode(bytes, view, p, count)
      p += count * this.#stride
    }
  }

  /** How many frames of the known layout lie at `at`; keeps their flags. */
  #countRun(bytes: Uint8Array, view: DataView, at: number, most: number): number {
    const header = this.#header
    const stride = this.#stride
    const checked = (header & 0x20) !== 0
    // Prefix, header and the upper half of the status in one comparison.
    const begin = (PREFIX << 24) | (header << 16) | (0x80 << 8) | (this.#type << 12)
    const { flags, length } = this.scans
    let p = at
    for (let i = 0; i < most; i += 1, p += stride) {
      const word = view.getInt32(p)
      if ((word & ~0xfff) !== begin || bytes[p + stride - 1] !== SUFFIX) return i
      if (checked && !measuredCrcOk(bytes, p, stride)) return i
      flags[length + i] = (word >> 8) & 3
    }
    return most
  }

  /** Decodes frames that were found good; their flags are in place. */
  #decode(bytes: Uint8Array, view: DataView, at: number, count: number): void {
    decodeRun(bytes, view, at + 3, this.#stride, count, this.#type, this.scans, this.#scaling)
    this.scans.length += count
    this.decoded += count
    if (this.scans.length === this.scans.capacity) this.#handOver()
  }

  #handOver(): void {
    this.#receiver.full(this.scans)
    this.scans.length = 0
  }

  /** Length of the frame at `at`, or MORE, or REJECT. */
  #frame(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    if (at >= end) return MORE
    if (bytes[at] !== PREFIX) return REJECT
    if (end - at < 3) return MORE
    const header = bytes[at + 1] as number
    if ((header & 0x10) === 0 || header >= 0x80) return REJECT
    return header & 0x40 ? this.#response(bytes, at, end) : this.#measured(bytes, view, at, end)
  }

  #response(bytes: Uint8Array, at: number, end: number): number {
    const length = responseLength(bytes, at, end, this.#synced)
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
    const status = bytes[at + 2] as number
    const type = (status >> 4) & 7
    if (status < 0x80 || type < 1 || type > 3 || (!this.#synced && status & 0x0c)) return REJECT
    const crc = (header & 0x20) !== 0
    const length = 4 + ((header & 15) + 1) * (type + 1) + (crc ? 2 : 0)
    if (end - at < length) return MORE
    if (bytes[at + length - 1] !== SUFFIX) return REJECT
    if (crc && !measuredCrcOk(bytes, at, length)) {
      if (header === this.#header) this.crcErrors += 1
      return REJECT
    }
    if (header !== this.#header || type !== this.#type) {
      const confirmed = crc ? length : this.#confirmed(bytes, at, at + length, end)
      if (confirmed <= 0) return confirmed
      this.#adopt(header, type)
    }
    this.#accept(bytes, view, at, status)
    return length
  }

  #accept(bytes: Uint8Array, view: DataView, at: number, status: number): void {
    this.#reportSkipped()
    this.#synced = true
    this.scans.flags[this.scans.length] = status & 3
    this.#decode(bytes, view, at, 1)
  }

  #reportSkipped(): void {
    const skipped = this.#pendingSkip
    this.#pendingSkip = 0
    if (skipped > 0) this.#receiver.skipped(skipped)
  }

  /** Whether a frame of the same layout, or a response, lies at `next`. */
  #confirmed(bytes: Uint8Array, at: number, next: number, end: number): number {
    if (next === end && this.#final) return 1
    if (next < end && bytes[next] !== PREFIX) return REJECT
    if (end - next < 3) return MORE
    const header = bytes[next + 1] as number
    if ((header & 0xd0) === 0x50) return responseLength(bytes, next, end, false)
    const alike = header === bytes[at + 1] && (((bytes[next + 2] as number) ^ (bytes[at + 2] as number)) & 0xf0) === 0
    if (!alike) return REJECT
    const last = 2 * next - at - 1
    if (last >= end) return MORE
    return bytes[last] === SUFFIX ? 1 : REJECT
  }

  #adopt(header: number, type: number): void {
    const objects = (header & 15) + 1
    if (this.scans.length > 0) this.#handOver()
    this.#header = header
    this.#type = type
    this.#stride = 4 + objects * (type + 1) + (header & 0x20 ? 2 : 0)
    if (objects !== this.scans.objects) this.scans = new ScanBuffer(objects, this.#capacity)
    this.#rescale()
  }

  #rescale(): void {
    const { factor, add } = this.#scaling
    if (this.#type !== 1 && this.#type !== 2) return
    const unit = OVERLOAD / fullScale(DATA_TYPES[this.#type] as DataType)
    for (let c = 0; c < 16; c += 1) {
      factor[c] = unit * (this.#scales?.[0][c] ?? 1)
      add[c] = this.#scales?.[1][c] ?? 0
    }
  }
}
