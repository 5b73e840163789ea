import type { Block } from '../model/block.ts'
import { Quality } from '../model/quality.ts'

const FIRST_CAPACITY = 64

/** @internal */
export interface AlignScansState {
  readonly times: Float64Array
  readonly values: Float64Array
  readonly quality: Uint8Array
  readonly torn: Uint8Array
}

/** Scans in order, taken from the front: one after the other, so that the line between two of them is near. @internal */
export class AlignScans {
  /** The value of channel `c` of scan `i` is `values[i * width + c]`. */
  values: Float64Array
  quality: Uint8Array
  times = new Float64Array(FIRST_CAPACITY)
  /** Why scans are missing before each; 0 = none are. */
  torn = new Uint8Array(FIRST_CAPACITY)
  head = 0
  end = 0
  readonly width: number

  constructor(width: number) {
    this.width = width
    this.values = new Float64Array(width * FIRST_CAPACITY)
    this.quality = new Uint8Array(width * FIRST_CAPACITY)
  }

  /** Adds a scan of a block; there must be room. */
  put({ length, values, quality }: Block, columns: readonly number[], scan: number, time: number, torn: number): void {
    const { end, width } = this
    this.times[end] = time
    this.torn[end] = torn
    for (let c = 0; c < width; c += 1) {
      const from = (columns[c] as number) * length + scan
      this.values[end * width + c] = values[from] as number
      this.quality[end * width + c] = quality === undefined ? Quality.good : (quality[from] as number)
    }
    this.end = end + 1
  }

  /** Makes room behind the last. */
  reserve(scans: number): void {
    let size = this.times.length
    if (this.end + scans <= size) return
    const { head, end, width } = this
    const live = end - head
    while (size < 2 * (live + scans)) size *= 2
    this.times = moved(this.times, head, live, size)
    this.torn = moved(this.torn, head, live, size)
    this.values = moved(this.values, head * width, live * width, size * width)
    this.quality = moved(this.quality, head * width, live * width, size * width)
    this.head = 0
    this.end = live
  }

  /** Moves all times. */
  shift(by: number): void {
    for (let i = this.head; i < this.end; i += 1) this.times[i] = (this.times[i] as number) - by
  }

  snapshot(): AlignScansState {
    const { head, end, width } = this
    return {
      times: this.times.slice(head, end),
      values: this.values.slice(head * width, end * width),
      quality: this.quality.slice(head * width, end * width),
      torn: this.torn.slice(head, end)
    }
  }

  restore({ times, values, quality, torn }: AlignScansState): void {
    this.head = this.end = 0
    this.reserve(times.length)
    this.times.set(times)
    this.values.set(values)
    this.quality.set(quality)
    this.torn.set(torn)
    this.end = times.length
  }
}

/** In place where the size is the same. */
function moved<T extends Float64Array | Uint8Array>(from: T, at: number, count: number, size: number): T {
  const to = size === from.length ? from : (new (from.constructor as new (size: number) => T)(size) as T)
  if (to === from) from.copyWithin(0, at, at + count)
  else to.set(from.subarray(at, at + count))
  return to
}
