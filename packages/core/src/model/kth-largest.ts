/**
 * The k-th largest of the last n values: it is at or over a limit exactly while k of the last n are.
 *
 * @internal
 */
export class KthLargest {
  readonly #k: number
  readonly #ring: Float64Array
  readonly #sorted: Float64Array
  #count = 0
  #next = 0

  constructor(k: number, n: number) {
    this.#k = k
    this.#ring = new Float64Array(n)
    this.#sorted = new Float64Array(n)
  }

  /** Takes a value, which is not NaN; returns the k-th largest, -Infinity before there are k. */
  push(value: number): number {
    if (this.#count === this.#ring.length) this.#remove(this.#ring[this.#next]!)
    this.#insert(value)
    this.#ring[this.#next] = value
    this.#next = (this.#next + 1) % this.#ring.length
    return this.#count < this.#k ? Number.NEGATIVE_INFINITY : this.#sorted[this.#count - this.#k]!
  }

  clear(): void {
    this.#count = 0
    this.#next = 0
  }

  /** The values it looks at, oldest first. */
  values(): Float64Array {
    const values = new Float64Array(this.#count)
    const size = this.#ring.length
    for (let i = 0; i < this.#count; i += 1) values[i] = this.#ring[(this.#next - this.#count + i + size) % size]!
    return values
  }

  #insert(value: number): void {
    let at = this.#count
    for (; at > 0 && this.#sorted[at - 1]! > value; at -= 1) this.#sorted[at] = this.#sorted[at - 1]!
    this.#sorted[at] = value
    this.#count += 1
  }

  #remove(value: number): void {
    let at = 0
    while (this.#sorted[at]! < value) at += 1
    this.#sorted.copyWithin(at, at + 1, this.#count)
    this.#count -= 1
  }
}
