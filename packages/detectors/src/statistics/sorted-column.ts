/**
 * Values in ascending order, with insertion and removal by moving what lies between.
 *
 * No NaN and no -0, so that equal values are equal bits.
 *
 * @internal
 */
export class SortedColumn {
  #values = new Float64Array(16)
  #length = 0

  /** Ascending, in as many places as values are held. */
  get values(): Float64Array {
    return this.#values
  }

  clear(): void {
    this.#length = 0
  }

  add(value: number): void {
    if (this.#length === this.#values.length) this.#grow()
    const at = this.#firstNotBelow(value)
    this.#values.copyWithin(at + 1, at, this.#length)
    this.#values[at] = value
    this.#length += 1
  }

  /** @param value - one of those held */
  remove(value: number): void {
    const at = this.#firstNotBelow(value)
    this.#values.copyWithin(at, at + 1, this.#length)
    this.#length -= 1
  }

  /** `remove` and `add` in one move. */
  replace(old: number, value: number): void {
    const from = this.#firstNotBelow(old)
    const to = this.#firstNotBelow(value)
    if (to > from) {
      this.#values.copyWithin(from, from + 1, to)
      this.#values[to - 1] = value
    } else {
      this.#values.copyWithin(to + 1, to, from)
      this.#values[to] = value
    }
  }

  #firstNotBelow(value: number): number {
    const values = this.#values
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >> 1
      if (values[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }

  #grow(): void {
    const larger = new Float64Array(this.#values.length * 2)
    larger.set(this.#values)
    this.#values = larger
  }
}
