import type { DenseNetwork } from '../../network/dense-network.ts'

/** How the values of a window lie in what a network takes: N windows, T scans, C channels. @internal */
export type Layout = 'NTC' | 'NCT'

/**
 * How far a network is from what it was given: the mean of the squared differences, over all values of a row or window.
 *
 * @internal
 */
export class NetworkDistance {
  readonly network: DenseNetwork
  readonly width: number
  readonly scans: number
  /** What goes in; float32 values, as a runtime takes them. */
  readonly given: Float64Array
  readonly #drawn: Float64Array
  /** Steps in `given` from one channel, and one scan, to the next. */
  readonly #channelStep: number
  readonly #scanStep: number

  constructor(network: DenseNetwork, scans: number, layout: Layout) {
    this.network = network
    this.scans = scans
    this.width = network.inputs / scans
    this.given = new Float64Array(network.inputs)
    this.#drawn = new Float64Array(network.inputs)
    this.#channelStep = layout === 'NTC' ? 1 : scans
    this.#scanStep = layout === 'NTC' ? this.width : 1
  }

  /** The place of a value in `given`. */
  place(channel: number, scan: number): number {
    return channel * this.#channelStep + scan * this.#scanStep
  }

  /** Of what is in `given`. What is no number is as far off as can be. */
  score(): number {
    const given = this.given
    const drawn = this.#drawn
    this.network.forward(given, drawn)
    let sum = 0
    for (let k = 0; k < given.length; k += 1) sum += (given[k]! - drawn[k]!) ** 2
    const score = sum / given.length
    return Number.isNaN(score) ? Number.MAX_VALUE : score
  }

  /** What each channel adds to the score found last. */
  shares(score: number, shares: Float64Array): void {
    let sum = 0
    for (let c = 0; c < this.width; c += 1) {
      let squares = 0
      for (let t = 0; t < this.scans; t += 1) {
        const k = this.place(c, t)
        squares += (this.given[k]! - this.#drawn[k]!) ** 2
      }
      shares[c] = squares
      sum += squares
    }
    const isPlain = sum > 0 && sum <= Number.MAX_VALUE
    for (let c = 0; c < this.width; c += 1) shares[c] = isPlain ? score * (shares[c]! / sum) : score / this.width
  }
}
