/** Bytes that are filled from the beginning, seen as every kind of number. @internal */
export class ChunkBuffer {
  at = 0
  /** Position of the last batch in it; 0 when there is none. */
  last = 0
  bytes!: Uint8Array<ArrayBuffer>
  view!: DataView
  f64!: Float64Array
  f32!: Float32Array
  i32!: Int32Array
  i16!: Int16Array

  constructor(size: number) {
    this.#over(new ArrayBuffer(Math.ceil(size / 8) * 8))
  }

  get filled(): Uint8Array {
    return this.bytes.subarray(0, this.at)
  }

  /** Makes sure that `size` more bytes fit. */
  reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return
    const filled = this.filled
    this.#over(new ArrayBuffer(Math.ceil(Math.max(this.at + size, 2 * this.at) / 8) * 8))
    this.bytes.set(filled)
  }

  /** Zeros up to a multiple of `size`. */
  align(size: number): void {
    while (this.at % size !== 0) {
      this.bytes[this.at] = 0
      this.at += 1
    }
  }

  #over(buffer: ArrayBuffer): void {
    this.bytes = new Uint8Array(buffer)
    this.view = new DataView(buffer)
    this.f64 = new Float64Array(buffer)
    this.f32 = new Float32Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.i16 = new Int16Array(buffer)
  }
}
