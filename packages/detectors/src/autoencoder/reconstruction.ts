import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import type { DenseLayer } from '../network/dense-layer.ts'
import { DenseNetwork } from '../network/dense-network.ts'
import { joined } from '../statistics/joined.ts'
import { RowScaler } from './row-scaler.ts'
import type { SettledOptions } from './settled-options.ts'

/**
 * A network that gives back what it was trained on, with the scale of its inputs: how far is what it gives back?
 *
 * @internal
 */
export class Reconstruction {
  readonly scaler: RowScaler
  readonly network: DenseNetwork
  /** Scans that go in at once: 1 without a window. */
  readonly scans: number
  readonly #width: number
  readonly #given: Float64Array
  readonly #back: Float64Array
  /** Squared errors of each channel in what was looked at last, and their sum. */
  readonly #squares: Float64Array
  #sum = 0

  constructor(scaler: RowScaler, network: DenseNetwork) {
    this.scaler = scaler
    this.network = network
    this.#width = scaler.shift.length
    this.scans = network.inputs / this.#width
    this.#given = new Float64Array(network.inputs)
    this.#back = new Float64Array(network.inputs)
    this.#squares = new Float64Array(this.#width)
  }

  /** Root of the mean squared error of the scans from `rows[from]` on, in units of the scaler. */
  distance(rows: Float64Array, from: number): number {
    const given = this.#given
    const back = this.#back
    const width = this.#width
    this.scaler.apply(rows, from, given, 0, given.length)
    this.network.forward(given, back)
    this.#squares.fill(0)
    this.#sum = 0
    for (let k = 0, u = 0; k < given.length; k += 1) {
      const error = given[k]! - back[k]!
      this.#squares[u] = this.#squares[u]! + error * error
      this.#sum += error * error
      u = u + 1 === width ? 0 : u + 1
    }
    return Math.sqrt(this.#sum / given.length)
  }

  /** The part of each channel in the distance asked for last: in proportion to its squared errors. */
  shares(score: number, shares: Float64Array): void {
    for (let u = 0; u < this.#width; u += 1) shares[u] = this.#sum > 0 ? score * (this.#squares[u]! / this.#sum) : 0
  }

  state(): Record<string, unknown> {
    const { layers } = this.network
    return {
      shift: this.scaler.shift.slice(),
      scale: this.scaler.scale.slice(),
      sizes: Float64Array.from(layers, ({ outputs }) => outputs),
      weights: joined(layers.map(({ weights }) => weights)),
      bias: joined(layers.map(({ bias }) => bias))
    }
  }

  static restored(reader: SnapshotReader, width: number, inputs: number, options: SettledOptions): Reconstruction {
    const sizes = reader.floats('sizes')
    const areSizes = sizes.length > 0 && sizes.every((size) => Number.isSafeInteger(size) && size >= 1 && size < 65_536)
    if (!areSizes || sizes[sizes.length - 1] !== inputs) reader.refuse('its sizes are not those of its layers')
    const before = (k: number): number => (k === 0 ? inputs : sizes[k - 1]!)
    const weights = reader.floats(
      'weights',
      sizes.reduce((sum, size, k) => sum + size * before(k), 0)
    )
    const bias = reader.floats(
      'bias',
      sizes.reduce((sum, size) => sum + size, 0)
    )
    let [w, b] = [0, 0]
    const layers = Array.from(sizes, (outputs, k): DenseLayer => {
      const from = { w, b }
      w += outputs * before(k)
      b += outputs
      const activation = k === sizes.length - 1 ? options.output : options.activation
      return { inputs: before(k), outputs, weights: weights.slice(from.w, w), bias: bias.slice(from.b, b), activation }
    })
    return new Reconstruction(RowScaler.restored(reader, width), new DenseNetwork(layers))
  }
}
