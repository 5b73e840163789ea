import { Quality } from '../model/quality.ts'

/**
 * Scans that become a block, as columns.
 *
 * @internal
 */
export class ScanColumns {
  length = 0
  readonly #width: number
  readonly #capacity: number
  readonly #values: Float64Array
  readonly #quality: Uint8Array

  constructor(width: number, capacity: number) {
    this.#width = width
    this.#capacity = capacity
    this.#values = new Float64Array(width * capacity)
    this.#quality = new Uint8Array(capacity)
  }

  get isFull(): boolean {
    return this.length === this.#capacity
  }

  add(values: ArrayLike<number>, quality: number): void {
    const at = this.length
    for (let c = 0; c < this.#width; c += 1) this.#values[c * this.#capacity + at] = values[c] ?? Number.NaN
    this.#quality[at] = quality
    this.length += 1
  }

  /** Takes the first `length` scans out, copied. */
  take(length: number): { readonly values: Float64Array; readonly quality: Uint8Array | undefined } {
    const values = new Float64Array(this.#width * length)
    for (let c = 0; c < this.#width; c += 1) {
      const from = c * this.#capacity
      values.set(this.#values.subarray(from, from + length), c * length)
      this.#values.copyWithin(from, from + length, from + this.length)
    }
    const quality = this.#qualityOf(values, length)
    this.#quality.copyWithin(0, length, this.length)
    this.length -= length
    return { values, quality }
  }

  /** A value that is not there is missing; what is bad has no value. */
  #qualityOf(values: Float64Array, length: number): Uint8Array | undefined {
    let quality: Uint8Array | undefined
    for (let at = 0; at < values.length; at += 1) {
      let of = this.#quality[at % length] as number
      if (Number.isNaN(values[at]) && of < Quality.bad) of = Quality.missing
      if (of === Quality.good) continue
      quality ??= new Uint8Array(values.length)
      quality[at] = of
      if (of >= Quality.bad) values[at] = Number.NaN
    }
    return quality
  }
}
