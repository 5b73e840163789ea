import type { Block } from '../model/block.ts'
import type { Channel, ChannelRole } from '../model/channel.ts'
import type { ModelRef } from '../model/model-ref.ts'
import { defineStream, extendStream, type Stream } from '../model/stream.ts'

/** Which channels are added, and in which order: score, limit, flag, shares, lower ends, upper ends, deviations, version. @internal */
export interface PageLayout {
  readonly stream: Stream
  readonly as: string
  readonly used: readonly Channel[]
  readonly hasLimit: boolean
  readonly hasShares: boolean
  readonly hasBand: boolean
  readonly hasDeviations: boolean
  /** The model that scores; its version is a channel, its name a tag. */
  readonly model?: ModelRef | undefined
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
  deviations = 0
  readonly #layout: PageLayout
  readonly #input: number
  readonly #width: number

  constructor(layout: PageLayout) {
    this.#layout = layout
    this.#input = layout.stream.channels.length
    const extended = extendStream(layout.stream, addedChannels(layout), 'detect')
    this.output = layout.model === undefined ? extended : withModel(extended, layout.as, layout.model.name)
    this.#width = this.output.channels.length
  }

  /** A new page for this block: its columns copied; limits, shares, bands and deviations NaN, the rest 0. */
  open(block: Block): void {
    const { length } = block
    const { hasLimit, used, model } = this.#layout
    const values = new Float64Array(this.#width * length)
    values.set(block.values)
    this.values = values
    this.length = length
    this.score = this.#input * length
    this.limit = this.score + length
    this.flag = this.limit + length
    this.shares = hasLimit ? this.flag + length : this.limit
    const end = model === undefined ? values.length : values.length - length
    this.deviations = end - used.length * length
    if (hasLimit) values.fill(Number.NaN, this.limit, this.flag)
    if (this.shares < end) values.fill(Number.NaN, this.shares, end)
    if (model !== undefined) values.fill(model.version, end)
  }

  /** Column of scores, as a view from scan `from` on. */
  scores(from: number): Float64Array {
    return this.values.subarray(this.score + from, this.limit)
  }

  writeShares(scan: number, shares: Float64Array): void {
    this.#write(this.shares, scan, shares, this.#layout.used.length)
  }

  /** @param ends - lower ends of all used channels, then upper ends */
  writeBand(scan: number, ends: Float64Array): void {
    const width = this.#layout.used.length
    this.#write(this.shares + width * this.length, scan, ends, 2 * width)
  }

  /** They are the last columns but for the version, where there are any. */
  writeDeviations(scan: number, deviations: Float64Array): void {
    this.#write(this.deviations, scan, deviations, this.#layout.used.length)
  }

  close({ length, time, quality, gap, origin }: Block): Block {
    const { output, values } = this
    return { stream: output, length, values, time, quality: withGood(quality, values.length), gap, origin }
  }

  #write(first: number, scan: number, of: Float64Array, count: number): void {
    for (let c = 0; c < count; c += 1) this.values[first + c * this.length + scan] = of[c]!
  }
}

/** Quality of a block with columns added. They are good: where there is no answer NaN says so, whatever block the scan stands in. @internal */
export function withGood(quality: Uint8Array | undefined, length: number): Uint8Array | undefined {
  if (quality === undefined) return undefined
  const wide = new Uint8Array(length)
  wide.set(quality)
  return wide
}

/** The name of the model goes with the stream, as its version is a number and a name is none. @internal */
export function withModel({ id, channels, rate, tags }: Stream, as: string, name: string): Stream {
  const entries = Object.entries(tags).filter(([tag]) => tag !== `${as}.model`)
  entries.push([`${as}.model`, name])
  return defineStream({ id, channels, rate, tags: Object.fromEntries(entries) })
}

function addedChannels({ as, used, hasLimit, hasShares, hasBand, hasDeviations, model }: PageLayout): Channel[] {
  const added: Channel[] = [{ name: as, unit: '1', role: 'score' }]
  if (hasLimit) {
    added.push({ name: `${as}.limit`, unit: '1', role: 'limit' }, { name: `${as}.flag`, unit: '1', role: 'flag' })
  }
  const forEach = (what: string, role: ChannelRole): void => {
    added.push(
      ...used.map(
        ({ name, unit }): Channel => ({ name: `${as}.${what}.${name}`, unit: role === 'limit' ? unit : '1', role })
      )
    )
  }
  if (hasShares) forEach('by', 'contribution')
  if (hasBand) {
    forEach('lower', 'limit')
    forEach('upper', 'limit')
  }
  if (hasDeviations) forEach('z', 'score')
  if (model !== undefined) added.push({ name: `${as}.version`, unit: '1', role: 'flag' })
  return added
}
