import { Quality } from '@messwerk/core/model'

/** Last value and quality of each channel. @internal */
export interface Held {
  readonly channels: readonly string[]
  readonly values: Float64Array
  readonly quality: Uint8Array
}

/**
 * How far a stream has come, kept while the connection is made anew. Times are ns since `base`.
 *
 * @internal
 */
export class StreamMemory {
  /** ms since the Unix epoch, a whole number. */
  base: number
  /** Of the last row. */
  last = Number.NEGATIVE_INFINITY
  /** Of the last value of each node, by name. */
  readonly #nodes = new Map<string, number>()
  #held: Held | undefined

  constructor(now: number) {
    this.base = Math.floor(now)
  }

  lastOf(node: string): number {
    return this.#nodes.get(node) ?? Number.NEGATIVE_INFINITY
  }

  note(node: string, time: number): void {
    this.#nodes.set(node, time)
  }

  /** What is held of each channel, by name; what these had before, also in another order. */
  heldBy(channels: readonly string[]): Held {
    const before = this.#held
    const values = new Float64Array(channels.length).fill(Number.NaN)
    const quality = new Uint8Array(channels.length).fill(Quality.missing)
    for (const [i, channel] of channels.entries()) {
      const at = before?.channels.indexOf(channel) ?? -1
      if (!before || at < 0) continue
      values[i] = before.values[at] as number
      quality[i] = before.quality[at] as number
    }
    this.#held = { channels, values, quality }
    return this.#held
  }

  /** Counts from another time on, a whole number of ms: 100 days around it have ns that are whole numbers. */
  rebase(base: number): void {
    const shift = (base - this.base) * 1e6
    this.base = base
    this.last -= shift
    for (const [node, time] of this.#nodes) this.#nodes.set(node, time - shift)
  }
}
