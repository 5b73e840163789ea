import type { Block } from '../model/block.ts'
import type { Gap } from '../model/gap.ts'
import { originOf } from '../model/origin.ts'
import { Quality } from '../model/quality.ts'
import type { Stream } from '../model/stream.ts'
import type { TimeAxis } from '../model/time-axis.ts'

/** Windows completed by one block, until they leave as blocks. Reused; grows only. @internal */
export class WindowResults {
  count = 0
  /** The row being filled, one value an output channel. */
  readonly row: Float64Array
  readonly rowQuality: Uint8Array
  #values: Float64Array
  #quality: Uint8Array
  #ends = new Float64Array(4)
  #positions = new Float64Array(4)
  #breaks: number[] = []
  #gaps: (Gap | undefined)[] = []
  readonly #output: Stream

  constructor(output: Stream) {
    const width = output.channels.length
    this.#output = output
    this.row = new Float64Array(width)
    this.rowQuality = new Uint8Array(width)
    this.#values = new Float64Array(4 * width)
    this.#quality = new Uint8Array(4 * width)
  }

  /**
   * Keeps the row as the result of one window.
   *
   * @param end - ns from the base that {@link take} is given
   * @param follows - whether it directly follows the window before
   * @param gap - what is missing before it, where that is known
   */
  push(end: number, position: number, follows: boolean, gap: Gap | undefined): void {
    const width = this.row.length
    if (this.count === this.#ends.length) this.#grow()
    if (this.count === 0) this.#gaps = [gap]
    else if (!follows) {
      this.#breaks.push(this.count)
      this.#gaps.push(gap)
    }
    this.#values.set(this.row, this.count * width)
    this.#quality.set(this.rowQuality, this.count * width)
    this.#ends[this.count] = end
    this.#positions[this.count] = position
    this.count += 1
  }

  /**
   * The windows as blocks, split where one is missing.
   *
   * @param base - time that the ends count from, ns since the Unix epoch
   * @param period - ns from window to window; undefined gives each an offset of its own
   */
  take(input: Block, base: bigint, period: number | undefined): Block | readonly Block[] | undefined {
    const { count } = this
    if (count === 0) return undefined
    this.count = 0
    if (this.#breaks.length === 0) return this.#block(0, count, 0, input, base, period)
    const edges = [0].concat(this.#breaks, count)
    this.#breaks = []
    return edges.slice(1).map((to, i) => this.#block(edges[i] as number, to, i, input, base, period))
  }

  #block(from: number, to: number, part: number, input: Block, base: bigint, period: number | undefined): Block {
    const width = this.row.length
    const length = to - from
    const values = new Float64Array(width * length)
    const quality = this.#isGood(from * width, to * width) ? undefined : new Uint8Array(width * length)
    for (let w = 0; w < length; w += 1) {
      const at = (from + w) * width
      for (let c = 0; c < width; c += 1) {
        values[c * length + w] = this.#values[at + c] as number
        if (quality) quality[c * length + w] = this.#quality[at + c] as number
      }
    }
    return {
      stream: this.#output,
      length,
      values,
      time: this.#axis(from, length, input, base, period),
      quality,
      gap: this.#gaps[part],
      origin: this.#origin(from, to, input)
    }
  }

  #isGood(from: number, to: number): boolean {
    for (let i = from; i < to; i += 1) if (this.#quality[i] !== Quality.good) return false
    return true
  }

  #axis(from: number, length: number, input: Block, base: bigint, period: number | undefined): TimeAxis {
    const { clock, uncertainty } = input.time
    const first = this.#ends[from] as number
    const whole = Math.floor(first)
    const start = base + BigInt(whole)
    if (period !== undefined) return { start, clock, uncertainty, period, phase: first - whole }
    const offsets = new Float64Array(length)
    for (let w = 0; w < length; w += 1) offsets[w] = (this.#ends[from + w] as number) - whole
    return { start, clock, uncertainty, offsets }
  }

  #origin(from: number, to: number, { origin }: Block): Block['origin'] {
    const position = this.#positions[to - 1] as number
    const { split, historical } = origin
    for (let w = from; w < to; w += 1) {
      if (this.#positions[w] === position) continue
      return originOf(split, position, this.#positions.slice(from, to), historical)
    }
    return originOf(split, position, undefined, historical)
  }

  #grow(): void {
    const size = 2 * this.#ends.length
    const { row } = this
    const [values, quality, ends, positions] = [this.#values, this.#quality, this.#ends, this.#positions]
    this.#values = new Float64Array(size * row.length)
    this.#values.set(values)
    this.#quality = new Uint8Array(size * row.length)
    this.#quality.set(quality)
    this.#ends = new Float64Array(size)
    this.#ends.set(ends)
    this.#positions = new Float64Array(size)
    this.#positions.set(positions)
  }
}
