import type { SnapshotReader } from '../detector/snapshot-reader.ts'

/**
 * The last scans without a hole, each channel one behind the other in time, so that a window of it is one piece of memory.
 *
 * @internal
 */
export class TrailingScans {
  readonly length: number
  readonly #width: number
  /** Twice as long as needed: each value is written twice. */
  readonly #values: Float64Array
  #next = 0
  #filled = 0
  #marked: { values: Float64Array; next: number; filled: number } | undefined

  constructor(width: number, length: number) {
    this.length = length
    this.#width = width
    this.#values = new Float64Array(2 * length * width)
  }

  static restored(reader: SnapshotReader, width: number, length: number): TrailingScans {
    const trailing = new TrailingScans(width, length)
    const values = reader.floats('trailing')
    const scans = values.length / width
    if (!Number.isInteger(scans) || scans > length) reader.refuse(`its trailing must hold at most ${length} scans`)
    for (let i = 0; i < scans; i += 1) trailing.push(values.subarray(i * width, (i + 1) * width))
    return trailing
  }

  /** Whether there are as many as fit. */
  get isFull(): boolean {
    return this.#filled === this.length
  }

  /** Where all values are: those of channel `u` begin at `from(u)`, oldest first, once it is full. */
  get values(): Float64Array {
    return this.#values
  }

  from(u: number): number {
    return 2 * this.length * u + this.#next
  }

  push(row: Float64Array): void {
    for (let u = 0; u < this.#width; u += 1) {
      const at = 2 * this.length * u + this.#next
      this.#values[at] = row[u]!
      this.#values[at + this.length] = row[u]!
    }
    this.#next = this.#next + 1 === this.length ? 0 : this.#next + 1
    this.#filled = Math.min(this.#filled + 1, this.length)
  }

  clear(): void {
    this.#next = 0
    this.#filled = 0
  }

  mark(): void {
    this.#marked = { values: this.#values.slice(), next: this.#next, filled: this.#filled }
  }

  back(): void {
    if (this.#marked === undefined) return
    this.#values.set(this.#marked.values)
    this.#next = this.#marked.next
    this.#filled = this.#marked.filled
    this.#marked = undefined
  }

  /** Rows, oldest first. */
  state(): Float64Array {
    const rows = new Float64Array(this.#filled * this.#width)
    for (let i = 0; i < this.#filled; i += 1) {
      const at = (this.#next - this.#filled + i + this.length) % this.length
      for (let u = 0; u < this.#width; u += 1) rows[i * this.#width + u] = this.#values[2 * this.length * u + at]!
    }
    return rows
  }
}
