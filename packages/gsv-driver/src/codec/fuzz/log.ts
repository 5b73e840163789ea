/**
 * What a parser reported, as one row of numbers, so that two of them are compared without an object for each frame: a
 * scan as 1, flags and values, a response as 2, status and data, skipped bytes as 3 and their number.
 *
 * @internal
 */
export class Log {
  readonly numbers = new Float64Array(65_536)
  length = 0
  #skipAt = -1

  clear(): void {
    this.length = 0
    this.#skipAt = -1
  }

  scan(flags: number, values: Float64Array, first: number, step: number, objects: number): void {
    this.#begin(1, flags)
    for (let c = 0; c < objects; c += 1) this.numbers[this.length++] = values[first + c * step] as number
  }

  response(status: number, data: Uint8Array): void {
    this.#begin(2, status)
    for (let i = 0; i < data.length; i += 1) this.numbers[this.length++] = data[i] as number
  }

  /** Skips behind one another count as one. */
  skipped(bytes: number): void {
    if (this.#skipAt === this.length - 1 && this.length > 0) {
      this.numbers[this.#skipAt] = (this.numbers[this.#skipAt] as number) + bytes
      return
    }
    this.#begin(3, bytes)
    this.#skipAt = this.length - 1
  }

  /** Where the two differ, -1 when they do not. */
  differsAt(other: Log): number {
    const most = Math.max(this.length, other.length)
    for (let i = 0; i < most; i += 1) if (!Object.is(this.numbers[i], other.numbers[i])) return i
    return this.length === other.length ? -1 : most
  }

  #begin(kind: number, value: number): void {
    this.numbers[this.length++] = kind
    this.numbers[this.length++] = value
  }
}
