import type { Block } from './block.ts'
import type { Gap } from './gap.ts'
import { defineStream, type Stream } from './stream.ts'
import { type Clock, nsOfMs } from './time-axis.ts'

/**
 * How a {@link BlockBuilder} stamps its scans.
 *
 * @example
 * ```ts
 * import type { BuilderOptions } from '@messwerk/core/model'
 *
 * const options: BuilderOptions = { split: 'file', clock: 'source', capacity: 256 }
 * options.capacity // => 256
 * ```
 */
export interface BuilderOptions {
  readonly split: string
  readonly clock: Clock
  /** ± ns. @defaultValue 0 */
  readonly uncertainty?: number
  /** Scans in a full block. @defaultValue 256 */
  readonly capacity?: number
}

/**
 * Collects single scans into blocks with an offset for each scan.
 *
 * `add` takes a scan in channel order and says whether the block is full; `take` returns what has been collected.
 * The only allocation is the block itself.
 *
 * @example
 * ```ts
 * import { BlockBuilder, column, defineStream } from '@messwerk/core/model'
 *
 * const stream = defineStream({ id: 's', channels: [{ name: 'a', unit: 'V' }] })
 * const builder = new BlockBuilder(stream, { split: 's', clock: 'source' })
 * builder.add([1.5], 1_000n, 0)
 * column(builder.take()!, 'a') // => Float64Array.of(1.5)
 * ```
 */
export class BlockBuilder<C extends string = string> {
  readonly stream: Stream<C>
  readonly #options: Required<BuilderOptions>
  #columns: Float64Array
  #offsets: Float64Array
  #positions: Float64Array
  #start = 0n
  #gap: Gap | undefined
  #length = 0

  constructor(stream: Stream<C>, options: BuilderOptions) {
    const { split, clock, uncertainty = 0, capacity = 256 } = options
    if (!(Number.isInteger(capacity) && capacity > 0)) {
      throw new RangeError(`BlockBuilder: capacity must be a positive whole number of scans, got ${capacity}`)
    }
    this.stream = stream
    this.#options = { split, clock, uncertainty, capacity }
    this.#columns = new Float64Array(stream.channels.length * capacity)
    this.#offsets = new Float64Array(capacity)
    this.#positions = new Float64Array(capacity)
  }

  /** Scans collected so far. */
  get length(): number {
    return this.#length
  }

  /** Time of the first scan collected, ns since the Unix epoch. */
  get start(): bigint {
    return this.#start
  }

  /** Declares a hole before the next scan; what has been collected must have been taken. */
  declareGap(gap: Gap): void {
    if (this.#length > 0) throw new RangeError('BlockBuilder: take the collected scans before a gap is declared')
    this.#gap = gap
  }

  /**
   * Adds one scan.
   *
   * @param values - one value a channel, in channel order; NaN = no value
   * @param time - ns since the Unix epoch
   * @param position - position in the split, a safe integer
   * @returns whether the block is full and must be taken
   */
  add(values: ArrayLike<number>, time: bigint, position: number): boolean {
    const { capacity } = this.#options
    const at = this.#length
    if (at === capacity) throw new RangeError('BlockBuilder: the block is full; take it before more is added')
    if (at === 0) this.#start = time
    for (let c = 0; c < this.stream.channels.length; c += 1) this.#columns[c * capacity + at] = values[c] as number
    this.#offsets[at] = Number(time - this.#start)
    this.#positions[at] = position
    this.#length = at + 1
    return this.#length === capacity
  }

  /** The collected scans as a block, or undefined when there are none. Starts anew. */
  take(): Block<C> | undefined {
    const length = this.#length
    if (length === 0) return undefined
    const { split, clock, uncertainty, capacity } = this.#options
    const width = this.stream.channels.length
    const values = new Float64Array(width * length)
    for (let c = 0; c < width; c += 1) {
      values.set(this.#columns.subarray(c * capacity, c * capacity + length), c * length)
    }
    const positions = this.#positions.slice(0, length)
    const block: Block<C> = {
      stream: this.stream,
      length,
      values,
      time: { start: this.#start, clock, uncertainty, offsets: this.#offsets.slice(0, length) },
      quality: undefined,
      gap: this.#gap,
      origin: { split, position: positions[length - 1] as number, positions }
    }
    this.#gap = undefined
    this.#length = 0
    return block
  }
}

/**
 * What {@link blockOf} needs to know of a block.
 *
 * @example
 * ```ts
 * import type { BlockShape } from '@messwerk/core/model'
 *
 * const shape: BlockShape<'a'> = { stream: 's', channels: { a: 'V' }, rate: 100, start: 1_700_000_000_000 }
 * shape.rate // => 100
 * ```
 */
export interface BlockShape<C extends string> {
  readonly stream: string
  /** Unit (UCUM code) by channel name. */
  readonly channels: Readonly<Record<C, string>>
  /** Scans per second, Hz. */
  readonly rate: number
  /** Time of the first scan, ms since the Unix epoch. @defaultValue 0 */
  readonly start?: number
}

/**
 * One evenly spaced block from columns of numbers, for tests, batch work and examples.
 *
 * @throws RangeError when columns are empty or of unequal length
 *
 * @example
 * ```ts
 * import { blockOf } from '@messwerk/core/model'
 *
 * blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3] }).length // => 3
 * ```
 */
export function blockOf<const C extends string>(
  shape: BlockShape<C>,
  columns: Readonly<Record<C, ArrayLike<number>>>
): Block<C> {
  const names = Object.keys(shape.channels) as C[]
  const channels = names.map((name) => ({ name, unit: shape.channels[name] }))
  const stream = defineStream({ id: shape.stream, channels, rate: shape.rate })
  const length = names.length > 0 ? columns[names[0] as C].length : 0
  const values = new Float64Array(names.length * length)
  for (const [c, name] of names.entries()) {
    if (columns[name].length !== length || length === 0) {
      throw new RangeError(
        `blockOf: channel '${name}' has ${columns[name].length} values, expected ${Math.max(length, 1)}`
      )
    }
    values.set(Array.from(columns[name]), c * length)
  }
  return {
    stream,
    length,
    values,
    time: { start: nsOfMs(shape.start ?? 0), clock: 'source', uncertainty: 0, period: 1e9 / shape.rate },
    quality: undefined,
    gap: undefined,
    origin: { split: shape.stream, position: length - 1, positions: undefined }
  }
}
