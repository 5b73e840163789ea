import type { Block } from '../model/block.ts'
import type { Channel } from '../model/channel.ts'
import { extendStream, type Stream } from '../model/stream.ts'

/** Which channels are added, and in which order: score, limit, flag, shares, lower ends, upper ends. @internal */
export interface PageLayout {
  readonly stream: Stream
  readonly as: string
  readonly used: readonly Channel[]
  readonly hasLimit: boolean
  readonly hasShares: boolean
  readonly hasBand: boolean
}

/**
 * The block that `detect` is writing: the columns of its input, and those that are added.
 *
 * @internal
 */
export class DetectPage {
  readonly output: Stream
  values = new Float64Array(0)
  length = 0
  /** Where columns begin; they move with the length of the block. */
  score = 0
  limit = 0
  flag = 0
  /** Begin of the shares; those of the bands are `used` and twice `used` columns behind it. */
  shares = 0
  readonly #layout: PageLayout
  readonly #input: number
  readonly #width: number

  constructor(layout: PageLayout) {
    this.#layout = layout
    this.#input = layout.stream.channels.length
    this.output = extendStream(layout.stream, addedChannels(layout), 'detect')
    this.#width = this.output.channels.length
  }

  /** A new page for this block: its columns copied, shares and bands NaN, the rest 0. */
  open(block: Block): void {
    const { length } = block
    const values = new Float64Array(this.#width * length)
    values.set(block.values)
    this.values = values
    this.length = length
    this.score = this.#input * length
    this.limit = this.score + length
    this.flag = this.limit + length
    this.shares = this.#layout.hasLimit ? this.flag + length : this.limit
    if (this.shares < values.length) values.fill(Number.NaN, this.shares)
  }

  /** Column of scores, as a view from scan `from` on. */
  scores(from: number): Float64Array {
    return this.values.subarray(this.score + from, this.limit)
  }

  writeShares(scan: number, shares: Float64Array): void {
    for (let c = 0; c < this.#layout.used.length; c += 1) this.values[this.shares + c * this.length + scan] = shares[c]!
  }

  /** @param ends - lower ends of all used channels, then upper ends */
  writeBand(scan: number, ends: Float64Array): void {
    const width = this.#layout.used.length
    const first = this.shares + width * this.length + scan
    for (let c = 0; c < 2 * width; c += 1) this.values[first + c * this.length] = ends[c]!
  }

  close({ length, time, quality, gap, origin }: Block): Block {
    const { output, values } = this
    return { stream: output, length, values, time, quality: quality && this.#extended(quality), gap, origin }
  }

  /** Added values are good: where there is no answer NaN says so, whatever block the scan stands in. */
  #extended(quality: Uint8Array): Uint8Array {
    const extended = new Uint8Array(this.values.length)
    extended.set(quality)
    return extended
  }
}

function addedChannels({ as, used, hasLimit, hasShares, hasBand }: PageLayout): Channel[] {
  const added: Channel[] = [{ name: as, unit: '1', role: 'score' }]
  if (hasLimit) {
    added.push({ name: `${as}.limit`, unit: '1', role: 'limit' }, { name: `${as}.flag`, unit: '1', role: 'flag' })
  }
  if (hasShares)
    added.push(...used.map(({ name }): Channel => ({ name: `${as}.by.${name}`, unit: '1', role: 'contribution' })))
  if (!hasBand) return added
  for (const end of ['lower', 'upper']) {
    added.push(...used.map(({ name, unit }): Channel => ({ name: `${as}.${end}.${name}`, unit, role: 'limit' })))
  }
  return added
}
