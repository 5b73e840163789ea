import type { Block } from '../model/block.ts'
import type { Channel } from '../model/channel.ts'
import type { Samples } from '../model/samples.ts'
import { channelIndexes, type Stream } from '../model/stream.ts'
import type { DetectClock } from './detect-clock.ts'

/**
 * The channels of a stream that a detector uses, and blocks as it sees them.
 *
 * @internal
 */
export class DetectChannels {
  readonly names: readonly string[]
  readonly channels: readonly Channel[]
  readonly #indexes: readonly number[]
  /** Whether they lie side by side in a block, so that no copy is needed. */
  readonly #isRun: boolean
  #columns = new Float64Array(0)
  #seconds = new Float64Array(0)

  constructor(stream: Stream, names: readonly string[] | undefined) {
    this.#indexes = channelIndexes(stream, names)
    this.channels = this.#indexes.map((at) => stream.channels[at]!)
    this.names = this.channels.map((channel) => channel.name)
    this.#isRun = this.#indexes.every((at, c) => at === this.#indexes[0]! + c)
  }

  /** Whether every used value of a scan is finite. */
  isGood({ values, length }: Block, scan: number): boolean {
    for (let c = 0; c < this.#indexes.length; c += 1) {
      if (!Number.isFinite(values[this.#indexes[c]! * length + scan]!)) return false
    }
    return true
  }

  /** Copies the used values of a scan. */
  copyScan({ values, length }: Block, scan: number, to: Float64Array, at: number): void {
    for (let c = 0; c < this.#indexes.length; c += 1) to[at + c] = values[this.#indexes[c]! * length + scan]!
  }

  /** The scans from `from` on. What it returns is valid until the next call. */
  samples(block: Block, from: number, clock: DetectClock): Samples {
    const length = block.length - from
    const values = this.#isRun && from === 0 ? this.#run(block) : this.#copy(block, from)
    const { period } = block.time
    const seconds = period === undefined ? this.#secondsOf(length, from, clock) : period / 1e9
    return { channels: this.names, length, values, seconds }
  }

  #run({ values, length }: Block): Float64Array {
    const first = this.#indexes[0]! * length
    const size = this.#indexes.length * length
    return size === values.length ? values : values.subarray(first, first + size)
  }

  #copy({ values, length }: Block, from: number): Float64Array {
    const kept = length - from
    const size = this.#indexes.length * kept
    if (this.#columns.length < size) this.#columns = new Float64Array(size)
    for (let c = 0; c < this.#indexes.length; c += 1) {
      const at = this.#indexes[c]! * length
      this.#columns.set(values.subarray(at + from, at + length), c * kept)
    }
    return exactly(this.#columns, size)
  }

  #secondsOf(length: number, from: number, clock: DetectClock): Float64Array {
    if (this.#seconds.length < length) this.#seconds = new Float64Array(length)
    for (let i = 0; i < length; i += 1) this.#seconds[i] = clock.seconds(from + i)
    return exactly(this.#seconds, length)
  }
}

function exactly(values: Float64Array, length: number): Float64Array {
  return values.length === length ? values : values.subarray(0, length)
}
