import { type Block, type Gap, Quality, type Stream } from '@messwerk/core/model'
import type { ScanBuffer } from './scan-buffer.ts'
import type { LaneOptions } from './stream-lane.ts'

const FIRST_CAPACITY = 16

/**
 * The block of a stream that is being collected: its columns, with the time and place of each scan.
 *
 * @internal
 */
export class ScanColumns {
  length = 0
  readonly #stream: Stream
  readonly #options: LaneOptions
  readonly #width: number
  #capacity = FIRST_CAPACITY
  #columns: Float64Array<ArrayBuffer>
  #offsets = new Float64Array(FIRST_CAPACITY)
  #positions = new Float64Array(FIRST_CAPACITY)
  #hasMissing = false
  #startMs = 0
  #startNs = 0

  constructor(stream: Stream, options: LaneOptions) {
    this.#stream = stream
    this.#options = options
    this.#width = stream.channels.length
    this.#columns = new Float64Array(this.#width * FIRST_CAPACITY)
  }

  /** Adds one scan of a message. */
  add(scans: ScanBuffer, i: number, position: number): void {
    const at = this.length
    if (at === this.#capacity) this.#grow()
    const ms = scans.ms[i] as number
    const ns = scans.ns[i] as number
    if (at === 0) {
      this.#startMs = ms
      this.#startNs = ns
    }
    const from = i * this.#width
    for (let c = 0; c < this.#width; c += 1) {
      const value = scans.values[from + c] as number
      if (Number.isNaN(value)) this.#hasMissing = true
      this.#columns[c * this.#capacity + at] = value
    }
    this.#offsets[at] = (ms - this.#startMs) * 1e6 + (ns - this.#startNs)
    this.#positions[at] = position
    this.length = at + 1
  }

  /** What was collected as a block; begins anew. */
  cut(gap: Gap | undefined): Block {
    const { split, clock, uncertainty } = this.#options
    const length = this.length
    const values = new Float64Array(this.#width * length)
    for (let c = 0; c < this.#width; c += 1) {
      const from = c * this.#capacity
      values.set(this.#columns.subarray(from, from + length), c * length)
    }
    const positions = this.#positions.slice(0, length)
    const start = BigInt(this.#startMs) * 1_000_000n + BigInt(this.#startNs)
    const quality = this.#hasMissing ? qualityOf(values) : undefined
    this.#hasMissing = false
    this.length = 0
    return {
      stream: this.#stream,
      length,
      values,
      time: { start, clock, uncertainty, offsets: this.#offsets.slice(0, length) },
      quality,
      gap,
      origin: { split, position: positions[length - 1] as number, positions }
    }
  }

  #grow(): void {
    const before = this.#capacity
    const capacity = before * 4
    const columns = new Float64Array(this.#width * capacity)
    for (let c = 0; c < this.#width; c += 1) {
      columns.set(this.#columns.subarray(c * before, (c + 1) * before), c * capacity)
    }
    const larger = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(capacity)
      to.set(from)
      return to
    }
    this.#columns = columns
    this.#offsets = larger(this.#offsets)
    this.#positions = larger(this.#positions)
    this.#capacity = capacity
  }
}

function qualityOf(values: Float64Array): Uint8Array {
  const quality = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i += 1) if (Number.isNaN(values[i])) quality[i] = Quality.missing
  return quality
}
