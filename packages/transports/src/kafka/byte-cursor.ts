import type { Buffer } from 'node:buffer'

/** What is wrong with bytes; becomes an error of the SDK where it is known whose they are. @internal */
export class Damaged extends Error {
  override readonly name = 'Damaged'
}

const TWO_32 = 2 ** 32
const MOST_VARINT = 5
const MOST_VARLONG = 10

/**
 * Reads numbers of Kafka's protocol, one after the other. Beyond the end it throws, or gives numbers that mean nothing: whoever reads
 * fields of a known length looks at the end whether `at` stands there.
 *
 * @internal
 */
export class ByteCursor {
  readonly bytes: Buffer
  at: number

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  int8(): number {
    this.at += 1
    return this.bytes.readInt8(this.at - 1)
  }

  int16(): number {
    this.at += 2
    return this.bytes.readInt16BE(this.at - 2)
  }

  int32(): number {
    this.at += 4
    return this.bytes.readInt32BE(this.at - 4)
  }

  /** As a double: exact up to 2^53. */
  int64(): number {
    this.at += 8
    return this.bytes.readInt32BE(this.at - 8) * TWO_32 + this.bytes.readUInt32BE(this.at - 4)
  }

  /** Zigzag, 32 bits. */
  varint(): number {
    const { bytes, at } = this
    const first = bytes[at] as number
    this.at = at + 1
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let raw = first & 0x7f
    for (let i = 1; i < MOST_VARINT; i += 1) {
      const byte = bytes[at + i] as number
      raw |= (byte & 0x7f) << (7 * i)
      if (byte < 0x80) {
        this.at = at + i + 1
        return (raw >>> 1) ^ -(raw & 1)
      }
    }
    throw new Damaged('a number has too many bytes')
  }

  /** Zigzag, 64 bits, as a double: exact up to 2^52. */
  varlong(): number {
    const { bytes, at } = this
    const first = bytes[at] as number
    if (first < 0x80 || (bytes[at + 1] as number) < 0x80 || (bytes[at + 2] as number) < 0x80) return this.varint()
    let raw = first & 0x7f
    let factor = 0x80
    for (let i = 1; i < MOST_VARLONG; i += 1) {
      const byte = bytes[at + i] as number
      raw += (byte & 0x7f) * factor
      if (byte < 0x80) {
        this.at = at + i + 1
        return first & 1 ? -(raw + 1) / 2 : raw / 2
      }
      factor *= 0x80
    }
    throw new Damaged('a number has too many bytes')
  }

  /** Goes over bytes behind their length; returns the length, -1 for null. */
  skip(length: number): number {
    if (length < -1) throw new Damaged(`a length is ${length}`)
    if (length > 0) this.at += length
    return length
  }

  /** How many items follow, each of which has some bytes at least. */
  count(length: number, itemBytes: number): number {
    if (length < 0 || length * itemBytes > this.bytes.length - this.at)
      throw new Damaged(`a number of items is ${length}`)
    return length
  }
}
