import { operator } from '@messwerk/core'
import { type Block, durationMs, extendStream, type Kernel, type Span, type Stream, timeOf } from '@messwerk/core/model'

/**
 * Adds `<channel>.smooth`: a mean that forgets, in which a value counts half after `half`. A missing value gives no
 * answer and changes nothing.
 *
 * @throws TypeError, RangeError for wrong options
 */
export function smooth<const K extends string>({
  channel,
  half
}: {
  readonly channel: K
  readonly half: Exclude<Span, object>
}) {
  const halfMs = durationMs(half, 'smooth: half')
  if (!(halfMs > 0)) throw new RangeError(`smooth: half must be longer than 0, got '${half}'`)
  return operator<K, `${K}.smooth`>({
    id: 'smooth',
    needs: [channel],
    adds: [`${channel}.smooth`],
    settings: { channel, half },
    version: 2,
    // version 1 kept the time in seconds
    migrate: (state) => {
      const { mean, seconds } = state as { readonly mean: number; readonly seconds: number }
      return { mean, at: seconds * 1000 } satisfies State
    },
    kernel: (stream) => new Smooth(stream, channel, halfMs)
  })
}

interface State {
  readonly mean: number
  /** ms since the Unix epoch. */
  readonly at: number
}

class Smooth implements Kernel {
  readonly output: Stream
  readonly #channel: number
  readonly #halfMs: number
  #mean = Number.NaN
  #at = 0

  constructor(stream: Stream, channel: string, halfMs: number) {
    this.#channel = stream.index(channel)
    this.#halfMs = halfMs
    const { unit } = stream.channels[this.#channel] as Stream['channels'][number]
    this.output = extendStream(stream, [{ name: `${channel}.smooth`, unit, role: 'feature' }], 'smooth')
  }

  process(block: Block): Block {
    const { length, values, time, quality, gap, origin } = block
    const out = new Float64Array(values.length + length)
    out.set(values)
    for (let i = 0; i < length; i += 1) {
      out[values.length + i] = this.#next(values[this.#channel * length + i] as number, timeOf(block, i))
    }
    const marks = quality && new Uint8Array(out.length)
    if (quality) marks?.set(quality)
    return { stream: this.output, length, values: out, time, quality: marks, gap, origin }
  }

  snapshot(): State {
    return { mean: this.#mean, at: this.#at }
  }

  restore(state: unknown): void {
    const { mean, at } = state as State
    this.#mean = mean
    this.#at = at
  }

  #next(value: number, at: number): number {
    if (Number.isNaN(value)) return Number.NaN
    const share = Number.isNaN(this.#mean) ? 1 : 1 - Math.exp((-Math.LN2 * (at - this.#at)) / this.#halfMs)
    this.#mean = Number.isNaN(this.#mean) ? value : this.#mean + share * (value - this.#mean)
    this.#at = at
    return this.#mean
  }
}
