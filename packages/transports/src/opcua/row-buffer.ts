import { type Block, type Clock, type Gap, type Origin, Quality, type Stream } from '@messwerk/core/model'
import type { Held } from './stream-memory.ts'

/**
 * Rows that become one block.
 *
 * @internal
 */
export class RowBuffer {
  gap: Gap | undefined
  readonly #stream: Stream
  readonly #width: number
  /** Last value and quality of each channel, where they are held. */
  readonly #held: Float64Array | undefined
  readonly #heldQuality: Uint8Array | undefined
  /** Row in which a channel was written last. */
  readonly #written: Int32Array
  #capacity = 0
  #base = 0
  #origin: Origin = { split: '', position: 0 }
  #values = new Float64Array(0)
  #quality: Uint8Array | undefined
  #times = new Float64Array(0)
  #rows = 0
  #clock: Clock | undefined
  #uncertainty = 0

  /** @param held - what channels are in rows that have no value of theirs; undefined: missing */
  constructor(stream: Stream, held: Held | undefined) {
    this.#stream = stream
    this.#width = stream.channels.length
    this.#written = new Int32Array(this.#width).fill(-1)
    this.#held = held?.values
    this.#heldQuality = held?.quality
  }

  /** @param base - ms since the Unix epoch that times count from */
  begin(capacity: number, base: number, origin: Origin): void {
    this.#base = base
    this.#origin = origin
    this.#clock = undefined
    this.#reserve(capacity)
  }

  /** Times count from another instant on; the rows before are a block of their own. */
  rebase(blocks: Block[], base: number): void {
    this.flush(blocks, undefined)
    this.#base = base
  }

  isOpen(clock: Clock): boolean {
    return this.#clock === clock
  }

  /** Whether a channel has a value in the last row. */
  has(channel: number): boolean {
    return this.#written[channel] === this.#rows - 1
  }

  /** Opens a row. @param late - how far its time was moved, ns */
  row(time: number, late: number): void {
    const at = this.#rows
    this.#times[at] = time
    this.#rows = at + 1
    if (late > this.#uncertainty) this.#uncertainty = late
    if (this.#width === 1) return
    const held = this.#held
    const capacity = this.#capacity
    if (!held) {
      const quality = this.#qualities()
      for (let c = 0; c < this.#width; c += 1) {
        this.#values[c * capacity + at] = Number.NaN
        quality[c * capacity + at] = Quality.missing
      }
      return
    }
    for (let c = 0; c < this.#width; c += 1) {
      const quality = (this.#heldQuality as Uint8Array)[c] as number
      this.#values[c * capacity + at] = held[c] as number
      if (quality !== Quality.good || this.#quality) this.#qualities()[c * capacity + at] = quality
    }
  }

  /** A value of the last row. */
  write(channel: number, value: number, quality: number): void {
    const row = this.#rows - 1
    const at = channel * this.#capacity + row
    this.#values[at] = value
    this.#written[channel] = row
    if (quality !== Quality.good || this.#quality) this.#qualities()[at] = quality
    if (!this.#held) return
    this.#held[channel] = value
    ;(this.#heldQuality as Uint8Array)[channel] = quality
  }

  /** Closes the block, if there are rows. @param clock - of the next one */
  flush(blocks: Block[], clock: Clock | undefined): void {
    const rows = this.#rows
    if (rows > 0) blocks.push(this.#block(rows))
    this.#clock = clock
    if (rows === 0) return
    if (rows < this.#capacity) this.#reserve(this.#capacity - rows)
    this.#rows = 0
  }

  #reserve(capacity: number): void {
    this.#capacity = capacity
    this.#values = new Float64Array(this.#width * capacity)
    this.#times = new Float64Array(capacity)
    this.#quality = undefined
    this.#rows = 0
    this.#uncertainty = 0
    if (this.#width > 1) this.#written.fill(-1)
  }

  #qualities(): Uint8Array {
    this.#quality ??= new Uint8Array(this.#width * this.#capacity)
    return this.#quality
  }

  #block(rows: number): Block {
    const first = this.#times[0] as number
    const offsets = rows === this.#capacity ? this.#times : this.#times.slice(0, rows)
    for (let i = 0; i < rows; i += 1) offsets[i] = (offsets[i] as number) - first
    const quality = this.#quality && trimmed(this.#quality, this.#width, this.#capacity, rows)
    const { gap } = this
    this.gap = undefined
    return {
      stream: this.#stream,
      length: rows,
      values: trimmed(this.#values, this.#width, this.#capacity, rows),
      time: {
        start: BigInt(this.#base) * 1_000_000n + BigInt(first),
        clock: this.#clock as Clock,
        uncertainty: this.#uncertainty,
        offsets
      },
      quality: quality?.some((one) => one !== Quality.good) ? quality : undefined,
      gap,
      origin: this.#origin
    }
  }
}

function trimmed<T extends Float64Array | Uint8Array>(columns: T, width: number, capacity: number, rows: number): T {
  if (rows === capacity) return columns
  const cut = (columns instanceof Float64Array ? new Float64Array(width * rows) : new Uint8Array(width * rows)) as T
  for (let c = 0; c < width; c += 1) cut.set(columns.subarray(c * capacity, c * capacity + rows), c * rows)
  return cut
}
