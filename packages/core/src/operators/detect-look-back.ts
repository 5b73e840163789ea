import { SnapshotIncompatibleError } from '../model/errors.ts'
import type { Samples } from '../model/samples.ts'

interface LookBackState {
  /** Oldest first, channel by channel. */
  readonly rows: Float64Array
  readonly seconds: Float64Array
  readonly period: number
}

/**
 * The last scans of a stream, which a model with a window needs in front of the next ones.
 *
 * @internal
 */
export class DetectLookBack {
  readonly #size: number
  readonly #width: number
  readonly #rows: Float64Array
  readonly #seconds: Float64Array
  /** Seconds between them; NaN where they are not even. */
  #period = Number.NaN
  #count = 0
  #joined = new Float64Array(0)

  /** @param size - how many scans, @param width - how many channels */
  constructor(size: number, width: number) {
    this.#size = size
    this.#width = width
    this.#rows = new Float64Array(size * width)
    this.#seconds = new Float64Array(size)
  }

  get count(): number {
    return this.#count
  }

  clear(): void {
    this.#count = 0
  }

  /** These scans with those before them in front. Valid until the next call. @param secondsOf - time of a scan of them */
  join(samples: Samples, secondsOf: (scan: number) => number): Samples {
    const { channels, length, values, seconds } = samples
    const count = this.#count
    if (count === 0) return samples
    const total = count + length
    if (this.#joined.length < total * this.#width) this.#joined = new Float64Array(total * this.#width)
    const joined = this.#joined.subarray(0, total * this.#width)
    for (let c = 0; c < this.#width; c += 1) {
      joined.set(this.#rows.subarray(c * this.#size, c * this.#size + count), c * total)
      joined.set(values.subarray(c * length, (c + 1) * length), c * total + count)
    }
    return { channels, length: total, values: joined, seconds: this.#times(seconds, length, secondsOf) }
  }

  /** Of what was joined, keeps what the next scans need. */
  keep({ length, values, seconds }: Samples, secondsOf: (scan: number) => number): void {
    const before = this.#count
    const count = Math.min(this.#size, length)
    for (let i = 0; i < count; i += 1) {
      const at = length - count + i
      this.#seconds[i] = at < before ? this.#seconds[at]! : secondsOf(at - before)
    }
    for (let c = 0; c < this.#width; c += 1) {
      const end = (c + 1) * length
      this.#rows.set(values.subarray(end - count, end), c * this.#size)
    }
    this.#period = typeof seconds === 'number' ? seconds : Number.NaN
    this.#count = count
  }

  snapshot(): unknown {
    const rows = new Float64Array(this.#count * this.#width)
    for (let c = 0; c < this.#width; c += 1) {
      rows.set(this.#rows.subarray(c * this.#size, c * this.#size + this.#count), c * this.#count)
    }
    const state: LookBackState = { rows, seconds: this.#seconds.slice(0, this.#count), period: this.#period }
    return state
  }

  /** Takes as many of the last scans as it keeps, which may be of a model that looks back further. */
  restore(state: unknown): void {
    this.clear()
    if (state === undefined) return
    const { rows, seconds, period } = state as LookBackState
    const given = seconds.length
    if (rows.length !== given * this.#width) {
      throw new SnapshotIncompatibleError('detect', `the last scans are not of ${this.#width} channels`)
    }
    const count = Math.min(this.#size, given)
    for (let c = 0; c < this.#width; c += 1) {
      this.#rows.set(rows.subarray((c + 1) * given - count, (c + 1) * given), c * this.#size)
    }
    this.#seconds.set(seconds.subarray(given - count))
    this.#period = period
    this.#count = count
  }

  #times(seconds: Samples['seconds'], length: number, secondsOf: (scan: number) => number): Samples['seconds'] {
    if (typeof seconds === 'number' && seconds === this.#period) return seconds
    const times = new Float64Array(this.#count + length)
    times.set(this.#seconds.subarray(0, this.#count))
    for (let i = 0; i < length; i += 1) times[this.#count + i] = secondsOf(i)
    return times
  }
}
