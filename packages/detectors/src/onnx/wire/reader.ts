import { ModelError } from '@messwerk/core/model'

/** Wire types of protobuf. @internal */
const VARINT = 0
/** @internal */
const FIXED64 = 1
/** @internal */
export const BYTES = 2
/** @internal */
const FIXED32 = 5

/** Of one file: each costs memory beyond its bytes. */
const MOST_TEXTS = 4_194_304
const MOST_MESSAGES = 524_288
/** Numbers of all lists and tensors, those in other files with them. */
const MOST_NUMBERS = 16_777_216
const MOST_DEPTH = 16
/** Texts up to this length are kept: a forest names its modes once a node. */
const KEPT_TEXT = 24
const MOST_KEPT = 1024
const TWO_TO_29 = 536_870_912
const TWO_TO_35 = 34_359_738_368

/** What the readers of one file share. */
interface File {
  readonly name: string
  readonly view: DataView
  readonly decoder: InstanceType<typeof TextDecoder>
  readonly texts: Map<string, string>
  textCount: number
  messages: number
  numbers: number
}

/**
 * Reads protobuf messages field by field. Every length is checked against what is left before it is used; nothing is copied but numbers and
 * texts.
 *
 * @internal
 */
export class WireReader {
  /** Of the field that `next` came to. */
  field = 0
  wire = 0
  readonly #bytes: Uint8Array
  readonly #file: File
  readonly #depth: number
  readonly #end: number
  #at: number

  private constructor(bytes: Uint8Array, file: File, depth: number, from: number, to: number) {
    this.#bytes = bytes
    this.#file = file
    this.#depth = depth
    this.#at = from
    this.#end = to
  }

  /** @param name - as in messages */
  static of(bytes: Uint8Array, name: string): WireReader {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const decoder = new TextDecoder('utf-8', { fatal: true })
    return new WireReader(
      bytes,
      { name, view, decoder, texts: new Map(), textCount: 0, messages: 0, numbers: 0 },
      0,
      0,
      bytes.length
    )
  }

  /** Moves to the next field; read or skip its value before the next call. */
  next(): boolean {
    if (this.#at === this.#end) return false
    const key = this.whole()
    this.field = Math.floor(key / 8)
    this.wire = key % 8
    if (this.field === 0 || key > 0xffffffff) this.refuse(`it has a field of number ${this.field}`)
    return true
  }

  /** An unsigned varint up to 2^53 - 1. */
  whole(): number {
    const value = this.#varint()
    return value <= Number.MAX_SAFE_INTEGER ? value : this.refuse(`it has a number of ${value}`)
  }

  /** An int32, int64 or enum: two's complement in 64 bits; digits beyond 2^53 are lost. */
  int(): number {
    this.#expect(VARINT)
    return this.#signed()
  }

  float(): number {
    this.#expect(FIXED32)
    return this.#file.view.getFloat32(this.#take(4), true)
  }

  bytes(): Uint8Array {
    this.#expect(BYTES)
    const length = this.whole()
    const from = this.#take(length)
    return this.#bytes.subarray(from, from + length)
  }

  text(): string {
    const bytes = this.bytes()
    this.#file.textCount += 1
    if (this.#file.textCount > MOST_TEXTS) this.#refuseSize(MOST_TEXTS, 'texts')
    if (bytes.length > KEPT_TEXT) return this.#decoded(bytes)
    const key = String.fromCharCode.apply(null, bytes as unknown as number[])
    const kept = this.#file.texts.get(key)
    if (kept !== undefined) return kept
    const text = this.#decoded(bytes)
    if (this.#file.texts.size < MOST_KEPT) this.#file.texts.set(key, text)
    return text
  }

  message(): WireReader {
    this.#file.messages += 1
    if (this.#file.messages > MOST_MESSAGES) this.#refuseSize(MOST_MESSAGES, 'messages')
    if (this.#depth === MOST_DEPTH) this.refuse('its messages are nested too deep')
    const { byteOffset, length } = this.bytes()
    const from = byteOffset - this.#bytes.byteOffset
    return new WireReader(this.#bytes, this.#file, this.#depth + 1, from, from + length)
  }

  /** The values of a repeated number, of which a packed field brings many: into `out`. */
  ints(out: number[]): void {
    if (this.wire === VARINT) out.push(this.int())
    else this.#packed((reader) => out.push(reader.#signed()))
  }

  floats(out: number[]): void {
    if (this.wire === FIXED32) out.push(this.float())
    else this.#packed((reader) => out.push(reader.#file.view.getFloat32(reader.#take(4), true)))
  }

  doubles(out: number[]): void {
    const read = (reader: WireReader): number => out.push(reader.#file.view.getFloat64(reader.#take(8), true))
    if (this.wire === FIXED64) read(this)
    else this.#packed(read)
  }

  /** Before so many numbers are made. @throws ModelError 'too-large' */
  expectNumbers(count: number): void {
    this.#file.numbers += count
    if (this.#file.numbers > MOST_NUMBERS) this.#refuseSize(MOST_NUMBERS, 'numbers')
  }

  skip(): void {
    if (this.wire === VARINT) this.#varint()
    else if (this.wire === FIXED64) this.#take(8)
    else if (this.wire === FIXED32) this.#take(4)
    else this.bytes()
  }

  refuse(why: string): never {
    throw new ModelError('malformed', `${this.#file.name} is not a readable ONNX file: ${why}, at byte ${this.#at}`)
  }

  #packed(read: (reader: WireReader) => void): void {
    const values = this.message()
    while (values.#at < values.#end) {
      this.expectNumbers(1)
      read(values)
    }
  }

  #decoded(bytes: Uint8Array): string {
    try {
      return this.#file.decoder.decode(bytes)
    } catch {
      return this.refuse('it has a text that is not UTF-8')
    }
  }

  #refuseSize(most: number, what: string): never {
    throw new ModelError('too-large', `${this.#file.name} holds more than ${most} ${what}; run it with onnxDetector`)
  }

  #expect(wire: number): void {
    if (this.wire !== wire) this.refuse(`field ${this.field} is of wire type ${this.wire}, not ${wire}`)
  }

  /** Where the next bytes begin; moves behind them. */
  #take(length: number): number {
    const from = this.#at
    if (length > this.#end - from) this.refuse(`a length of ${length} goes beyond its end`)
    this.#at = from + length
    return from
  }

  /** Seven bits a byte, the lowest first, at most ten bytes. */
  #varint(): number {
    let value = 0
    let unit = 1
    for (let k = 0; k < 10; k += 1) {
      const byte = this.#bytes[this.#take(1)]!
      value += (byte & 127) * unit
      if (byte < 128) return value
      unit *= 128
    }
    return this.refuse('a number is longer than ten bytes')
  }

  /** Ten bytes where it is below 0: their bits are counted in two halves, as one number does not hold them. */
  #signed(): number {
    const from = this.#at
    const value = this.#varint()
    if (this.#at - from < 10) return value
    let [low, high] = [0, 0]
    for (let k = 4; k >= 0; k -= 1) {
      low = low * 128 + (this.#bytes[from + k]! & 127)
      high = high * 128 + (this.#bytes[from + 5 + k]! & 127)
    }
    return ((high % TWO_TO_29) - TWO_TO_29) * TWO_TO_35 + low
  }
}
