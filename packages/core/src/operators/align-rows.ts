import { Quality } from '../model/quality.ts'

/** Rows of the next block while it is being filled: the value of channel `c` in row `i` is `values[c * stride + i]`. @internal */
export class AlignRows {
  readonly stride: number
  readonly #values: Float64Array
  readonly #quality: Uint8Array
  readonly #width: number

  constructor(width: number, stride: number) {
    this.stride = stride
    this.#width = width
    this.#values = new Float64Array(width * stride)
    this.#quality = new Uint8Array(width * stride)
  }

  /** What is no number is missing, where it is not bad. */
  set(channel: number, row: number, value: number, quality: number): void {
    const at = channel * this.stride + row
    this.#values[at] = value
    this.#quality[at] = Number.isNaN(value) && quality < Quality.bad ? Quality.missing : quality
  }

  /** The first rows, laid out as in a block. */
  values(rows: number): Float64Array {
    return this.#packed(this.#values, new Float64Array(this.#width * rows), rows)
  }

  /** Undefined where all are good. */
  quality(rows: number): Uint8Array | undefined {
    const packed = this.#packed(this.#quality, new Uint8Array(this.#width * rows), rows)
    return packed.some((one) => one !== Quality.good) ? packed : undefined
  }

  #packed<T extends Float64Array | Uint8Array>(from: T, to: T, rows: number): T {
    for (let c = 0; c < this.#width; c += 1) {
      to.set(from.subarray(c * this.stride, c * this.stride + rows), c * rows)
    }
    return to
  }
}
