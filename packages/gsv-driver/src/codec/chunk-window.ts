/**
 * The bytes that a parser looks at: what waits of earlier chunks, with new ones behind it. Small chunks are parsed here,
 * so that no view is made for each.
 *
 * @internal
 */
export class ChunkWindow {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** What waits lies from here, */
  from = 0
  /** to here. */
  to = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Bytes that wait. */
  get pending(): number {
    return this.to - this.from
  }

  /** Puts bytes `start` to `end` of a chunk behind what waits; there must be room for both. */
  append(chunk: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (this.to + length > this.bytes.length) {
      this.bytes.copyWithin(0, this.from, this.to)
      this.to -= this.from
      this.from = 0
    }
    // A loop beats `set` and its `subarray` for what a serial port hands over at once.
    if (length <= 64) for (let i = 0; i < length; i += 1) this.bytes[this.to + i] = chunk[start + i] as number
    else this.bytes.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.to)
    this.to += length
  }

  /** What lies before `at` is done with. */
  consume(at: number): void {
    this.from = at
    if (at >= this.to) this.clear()
  }

  clear(): void {
    this.from = 0
    this.to = 0
  }
}
