import { ChunkWindow } from '../chunk-window.ts'
import { FrameFlag } from '../measured.ts'
import { ScanBuffer } from '../scan-buffer.ts'
import { gsv4AnswerLength } from './legacy-answer.ts'
import { ANSWER, type LegacyFrame, type LegacyLayout, type LegacyModel, LF, legacyFrame } from './legacy-layout.ts'
import { runOf } from './legacy-run.ts'
import { isSign, LONGEST_TEXT, textUnit, textValue } from './text-frame.ts'

/** Bytes that are parsed at once; what waits is always less. */
const STEP = 1024

/**
 * What a `LegacyParser` reports to, in the order of the wire.
 *
 * @example
 * ```ts
 * import { LegacyParser, type LegacyReceiver } from '@messwerk/gsv-driver/codec'
 *
 * const answers: unknown[] = []
 * const receiver: LegacyReceiver = { full() {}, skipped() {}, answer: (data) => void answers.push([...data]) }
 * const parser = new LegacyParser(receiver, { model: 'gsv-3' })
 * parser.expectAnswer(3)
 * parser.push(Uint8Array.of(0x3b, 0x06, 0xfc, 0xf3))
 * answers // => [[0x06, 0xfc, 0xf3]]
 * ```
 */
export interface LegacyReceiver {
  /** Take the scans now, they are overwritten afterwards: the buffer is full. */
  full(scans: ScanBuffer): void
  /** An answer, `command` is what it answers, from a GSV-4 only; `data` is only valid during the call. */
  answer(data: Uint8Array, command: number | undefined): void
  /** That many bytes were skipped before what follows. */
  skipped(bytes: number): void
}

/**
 * How a `LegacyParser` decodes.
 *
 * @example
 * ```ts
 * import type { LegacyParserOptions } from '@messwerk/gsv-driver/codec'
 *
 * const options: LegacyParserOptions = { model: 'gsv-4', capacity: 64 }
 * options.capacity // => 64
 * ```
 */
export interface LegacyParserOptions extends LegacyLayout {
  /** Scans in the buffer. @defaultValue 256 */
  readonly capacity?: number
}

/**
 * Takes bytes of a GSV-2, GSV-3 or GSV-4 in any cutting, decodes measured frames straight into columns and passes
 * answers on.
 *
 * These frames have no length and hardly a mark, which occurs inside of values too: where a frame begins is believed
 * after it fits several times in a row (two frames of a GSV-4, four of the others, up to 32 where more than one
 * beginning fits), or at once behind {@link LegacyParser.start}. Values are parts of the nominal range until
 * {@link LegacyParser.scale} says more, and the shown number for text frames. A raw value at its limit sets
 * `FrameFlag.saturated`; the status of a GSV-2 is in the flags too.
 *
 * @example
 * ```ts
 * import { LegacyParser } from '@messwerk/gsv-driver/codec'
 *
 * const parser = new LegacyParser({ full() {}, answer() {}, skipped() {} }, { model: 'gsv-4', capacity: 2 })
 * parser.start()
 * parser.push(Uint8Array.of(0xa5, 0x80, 0x00, 0xc0, 0x00, 0x40, 0x00, 0xa0, 0x00, 0x0d, 0x0a))
 * parser.scans.values // => Float64Array.of(0, 0, 0.5, 0, -0.5, 0, 0.25, 0)
 * ```
 */
export class LegacyParser {
  /** Where scans are decoded to. Set its `length` to 0 after they were taken. */
  readonly scans: ScanBuffer
  /** Scans decoded so far. */
  decoded = 0
  /** Bytes skipped so far. */
  skippedBytes = 0
  /** Unit behind the number of text frames; empty before the first. */
  unit = ''
  readonly #receiver: LegacyReceiver
  #frame: LegacyFrame
  readonly #model: LegacyModel
  readonly #gsv4: boolean
  #given: readonly [ArrayLike<number>, ArrayLike<number>] = [[], []]
  readonly #factor = new Float64Array(4)
  readonly #add = new Float64Array(4)
  readonly #window = new ChunkWindow(4 * STEP)
  #expected = -1
  #synced = false
  #pendingSkip = 0
  #final = false

  /** @throws RangeError when the layout is none or the capacity no positive whole number */
  constructor(receiver: LegacyReceiver, options: LegacyParserOptions) {
    const { capacity = 256, model } = options
    if (!(Number.isInteger(capacity) && capacity > 0)) {
      throw new RangeError(`LegacyParser: capacity must be a positive whole number of scans, got ${capacity}`)
    }
    this.#receiver = receiver
    this.#frame = legacyFrame(options, 'LegacyParser')
    this.#model = model
    this.#gsv4 = model === 'gsv-4'
    this.scans = new ScanBuffer(this.#frame.objects, capacity)
    this.scale([], [])
  }

  /** Bytes that wait for the rest of their frame, or for the frames that prove its beginning. */
  get pending(): number {
    return this.#window.pending
  }

  /**
   * Frames look like this from now on: a GSV-2 can be set to send others.
   *
   * @throws RangeError when it is the layout of another model, or none
   */
  expect(layout: LegacyLayout): void {
    if (layout.model !== this.#model) {
      throw new RangeError(`LegacyParser: expect takes layouts of a ${this.#model}, got one of a ${layout.model}`)
    }
    this.#frame = legacyFrame(layout, 'LegacyParser')
    this.unit = ''
    this.reset()
    this.scale(...this.#given)
  }

  /** Values become `part of nominal range * scale + offset`, by channel. */
  scale(scale: ArrayLike<number>, offset: ArrayLike<number>): void {
    this.#given = [scale, offset]
    const { steps, overload } = this.#frame.scaling
    for (let c = 0; c < this.#frame.objects; c += 1) {
      this.#factor[c] = (overload / steps) * (scale[c] ?? 1)
      this.#add[c] = offset[c] ?? 0
    }
  }

  /** The next byte begins a frame: transmission was stopped, what came was flushed, and now it is started. */
  start(): void {
    this.reset()
    this.#synced = true
  }

  /** A command is under way that a GSV-2 or GSV-3 answers with that many bytes, 1 to 8; a GSV-4 says so itself. */
  expectAnswer(bytes: number): void {
    if (!(Number.isInteger(bytes) && bytes >= 1 && bytes <= 8)) {
      throw new RangeError(`LegacyParser: an answer has 1 to 8 bytes, got ${bytes}`)
    }
    this.#expected = bytes
  }

  /** Takes the next bytes; they are not kept. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += STEP) {
      this.#window.append(chunk, at, Math.min(at + STEP, chunk.length))
      this.#parse()
    }
  }

  /** No bytes came for clearly longer than a frame takes: what waits is decoded where it can be, and skipped otherwise. */
  idle(): void {
    this.#final = true
    this.#parse()
    while (this.#window.pending > 0) {
      this.#skip()
      this.#parse()
    }
    this.#final = false
    this.#reportSkipped()
  }

  /** Forgets what waits and the answer that is expected; for a new connection, or after a flush. */
  reset(): void {
    this.#window.clear()
    this.#pendingSkip = 0
    this.#expected = -1
    this.#synced = false
  }

  #parse(): void {
    const window = this.#window
    while (window.pending > 0) {
      const { bytes, from, to } = window
      const length = this.#take(bytes, from, to)
      if (length === 0) return
      if (length > 0) window.consume(from + length)
      else this.#skip()
    }
  }

  #skip(): void {
    this.#synced = false
    this.#pendingSkip += 1
    this.skippedBytes += 1
    this.#window.consume(this.#window.from + 1)
  }

  /** Length of what was found at `at`, 0 when more bytes are needed, -1 when there is nothing. */
  #take(bytes: Uint8Array, at: number, end: number): number {
    if (bytes[at] === ANSWER && (this.#gsv4 || this.#expected > 0)) return this.#answer(bytes, at, end)
    return this.#frame.stride === 0 ? this.#text(bytes, at, end) : this.#measured(bytes, at, end)
  }

  #answer(bytes: Uint8Array, at: number, end: number): number {
    const length = this.#gsv4 ? gsv4AnswerLength(bytes, at, end) : end - at > this.#expected ? 1 + this.#expected : 0
    if (length <= 0) return length
    this.#expected = -1
    this.#synced = true
    this.#reportSkipped()
    if (this.#gsv4) this.#receiver.answer(bytes.subarray(at + 8, at + length - 2), bytes[at + 1])
    else this.#receiver.answer(bytes.subarray(at + 1, at + length), undefined)
    return length
  }

  #measured(bytes: Uint8Array, at: number, end: number): number {
    const frames = runOf(this.#frame, bytes, at, end, this.#synced, this.#final)
    if (frames <= 0) return frames
    this.#reportSkipped()
    this.#synced = true
    for (let i = 0; i < frames; i += 1) this.#decode(bytes, at + i * this.#frame.stride)
    return frames * this.#frame.stride
  }

  #decode(bytes: Uint8Array, at: number): void {
    const { head, objects, scaling } = this.#frame
    const { scans } = this
    const most = 2 ** scaling.bits - 1
    let flags = head === 2 ? (bytes[at + 1] as number) : 0
    let from = at + head
    for (let c = 0; c < objects; c += 1) {
      let raw = 0
      for (let bit = 0; bit < scaling.bits; bit += 8) raw = (raw << 8) | (bytes[from++] as number)
      if (raw === most || (raw === 0 && scaling.zero > 0)) flags |= FrameFlag.saturated
      const value = (raw - scaling.zero) * (this.#factor[c] as number) + (this.#add[c] as number)
      scans.values[c * scans.capacity + scans.length] = value
    }
    this.#scanned(flags)
  }

  #text(bytes: Uint8Array, at: number, end: number): number {
    if (!isSign(bytes[at])) return -1
    const line = bytes.indexOf(LF, at)
    if (line < 0 || line >= end) return end - at < LONGEST_TEXT ? 0 : -1
    const value = textValue(bytes, at, line)
    if (Number.isNaN(value)) return -1
    this.#reportSkipped()
    if (this.unit === '') this.unit = textUnit(bytes, at, line)
    this.scans.values[this.scans.length] = value
    this.#scanned(0)
    return line + 1 - at
  }

  #scanned(flags: number): void {
    const { scans } = this
    scans.flags[scans.length] = flags
    scans.length += 1
    this.decoded += 1
    if (scans.length < scans.capacity) return
    this.#receiver.full(scans)
    scans.length = 0
  }

  #reportSkipped(): void {
    const skipped = this.#pendingSkip
    this.#pendingSkip = 0
    if (skipped > 0) this.#receiver.skipped(skipped)
  }
}
