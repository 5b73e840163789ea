import type { Samples, Scaler } from '@messwerk/core/model'
import { checkSamples } from './channel-plan.ts'

/**
 * Samples as another detector sees them: some of their channels, in another order, scaled. Values that are not finite become NaN first, as
 * some scales would make numbers of them.
 *
 * @internal
 */
export class SampleView {
  /** Names of the channels that come in. */
  readonly names: readonly string[]
  readonly #factory: string
  readonly #inner: readonly string[]
  readonly #columns: Int32Array
  readonly #scaler: Scaler | undefined
  readonly #isPlain: boolean
  #buffer = new Float64Array(0)

  /**
   * @param inner - names that the other detector sees, those of the scaler where there is one
   * @throws RangeError when one of them does not come in
   */
  constructor(factory: string, names: readonly string[], inner: readonly string[], scaler?: Scaler) {
    this.names = names.slice()
    this.#factory = factory
    this.#inner = inner.slice()
    this.#columns = Int32Array.from(inner, (name) => {
      const at = names.indexOf(name)
      if (at < 0) throw new RangeError(`${factory}: there is no channel '${name}'; there are: ${names.join(', ')}`)
      return at
    })
    this.#scaler = scaler
    this.#isPlain =
      scaler === undefined && names.length === inner.length && this.#columns.every((column, c) => column === c)
  }

  /** Another one with a buffer of its own. */
  copy(): SampleView {
    return new SampleView(this.#factory, this.names, this.#inner, this.#scaler)
  }

  /** What it returns is valid until the next call. */
  of(samples: Samples): Samples {
    checkSamples(this.#factory, this.names, samples)
    if (this.#isPlain) return samples
    const { length, seconds } = samples
    const size = this.#columns.length * length
    if (this.#buffer.length < size) this.#buffer = new Float64Array(size)
    const values = this.#buffer.subarray(0, size)
    for (let c = 0; c < this.#columns.length; c += 1) {
      const from = this.#columns[c]! * length
      for (let i = 0; i < length; i += 1) {
        const x = samples.values[from + i]!
        values[c * length + i] = x - x === 0 ? x : Number.NaN
      }
    }
    this.#scaler?.transform(values, length, values)
    return { channels: this.#inner, length, values, seconds }
  }

  /** From the channels that the other detector sees to those that come in; `rest` where it sees none. */
  spread(inner: Float64Array, out: Float64Array, rest: number): Float64Array {
    if (this.#isPlain) {
      out.set(inner.subarray(0, this.names.length))
      return out
    }
    out.fill(rest, 0, this.names.length)
    for (let c = 0; c < this.#columns.length; c += 1) out[this.#columns[c]!] = inner[c]!
    return out
  }

  /** Whether a band can be taken back to the unit of the channels. */
  get hasInverse(): boolean {
    return this.#scaler === undefined || this.#scaler.inverse !== undefined
  }

  /** Takes a band back: lower ends of all channels, then upper ends. */
  band(inner: Float64Array, out: Float64Array): Float64Array {
    const [width, count] = [this.names.length, this.#columns.length]
    const ends = new Float64Array(2 * count)
    for (let c = 0; c < count; c += 1) {
      ends[2 * c] = inner[c]!
      ends[2 * c + 1] = inner[count + c]!
    }
    this.#scaler?.inverse?.(ends, 2, ends)
    out.fill(Number.NaN, 0, 2 * width)
    for (let c = 0; c < count; c += 1) {
      // a scale may point downwards
      const isTurned = inner[c]! <= inner[count + c]! && ends[2 * c]! > ends[2 * c + 1]!
      out[this.#columns[c]!] = ends[2 * c + (isTurned ? 1 : 0)]!
      out[width + this.#columns[c]!] = ends[2 * c + (isTurned ? 0 : 1)]!
    }
    return out
  }
}
