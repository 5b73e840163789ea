const VARINT = 0
const COUNTED = 2
const FOUR_BYTES = 5
/** Most bytes of a length. */
const LENGTH_BYTES = 5
const FIRST_BYTES = 4096
const encoder = new TextEncoder()

/**
 * Writes protobuf messages field by field into a buffer that grows: the same calls, the same bytes.
 *
 * @internal
 */
export class ProtoWriter {
  #bytes = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  /** A whole number, also below 0, as `int64`, `int32` or `enum`. */
  int(field: number, value: number): void {
    this.#varint(field * 8 + VARINT)
    this.#varint(value)
  }

  float(field: number, value: number): void {
    this.#varint(field * 8 + FOUR_BYTES)
    this.#reserve(4)
    this.#view.setFloat32(this.#length, value, true)
    this.#length += 4
  }

  text(field: number, value: string): void {
    this.#varint(field * 8 + COUNTED)
    // In UTF-8 a UTF-16 unit takes three bytes at most.
    this.#reserve(LENGTH_BYTES + 3 * value.length)
    this.#counted(() => {
      this.#length += encoder.encodeInto(value, this.#bytes.subarray(this.#length)).written
    })
  }

  /** What `content` writes, with its length before it. */
  message(field: number, content: () => void): void {
    this.#varint(field * 8 + COUNTED)
    this.#counted(content)
  }

  packedInts(field: number, values: ArrayLike<number>): void {
    this.message(field, () => {
      for (let i = 0; i < values.length; i += 1) this.#varint(values[i]!)
    })
  }

  packedFloats(field: number, values: ArrayLike<number>): void {
    this.#row(field, values, 4, (at, value) => this.#view.setFloat32(at, value, true))
  }

  /** The bytes of float64 values, as `double` or raw data. */
  packedDoubles(field: number, values: ArrayLike<number>): void {
    this.#row(field, values, 8, (at, value) => this.#view.setFloat64(at, value, true))
  }

  /** The bytes of int64 values that are whole numbers up to 2^53: raw data. */
  rawInts(field: number, values: ArrayLike<number>): void {
    this.#row(field, values, 8, (at, value) => this.#view.setBigInt64(at, BigInt(value), true))
  }

  #row(field: number, values: ArrayLike<number>, size: number, set: (at: number, value: number) => void): void {
    this.#varint(field * 8 + COUNTED)
    this.#varint(values.length * size)
    this.#reserve(values.length * size)
    for (let i = 0; i < values.length; i += 1) set(this.#length + i * size, values[i]!)
    this.#length += values.length * size
  }

  /** The length is known only afterwards, and how many bytes it takes with it: the content is moved up to it. */
  #counted(content: () => void): void {
    this.#reserve(LENGTH_BYTES)
    const at = this.#length
    this.#length += LENGTH_BYTES
    content()
    const end = this.#length
    this.#length = at
    this.#varint(end - at - LENGTH_BYTES)
    this.#bytes.copyWithin(this.#length, at + LENGTH_BYTES, end)
    this.#length += end - at - LENGTH_BYTES
  }

  #varint(value: number): void {
    this.#reserve(10)
    if (value < 0) return this.#negative(value)
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#byte((rest % 128) + 128)
    this.#byte(rest)
  }

  /** In two's complement of 64 bits. */
  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 127n; rest >>= 7n) this.#byte(Number(rest & 127n) + 128)
    this.#byte(Number(rest))
  }

  #byte(value: number): void {
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
