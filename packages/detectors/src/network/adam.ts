import type { DenseNetwork } from './dense-network.ts'
import type { Gradients } from './gradients.ts'

const FIRST = 0.9
const SECOND = 0.999
const EPSILON = 1e-8

/** @internal */
export interface AdamOptions {
  /** Step size. */
  readonly rate: number
  /** Decoupled: each step takes rate x decay of every weight, and nothing of a bias. */
  readonly decay: number
}

/**
 * Adam with decoupled weight decay (I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2).
 *
 * @internal
 */
export class Adam {
  readonly #network: DenseNetwork
  readonly #options: AdamOptions
  readonly #moments: readonly Moments[]
  /** 0.9 and 0.999 to the power of the steps made. */
  #first = 1
  #second = 1

  constructor(network: DenseNetwork, options: AdamOptions) {
    this.#network = network
    this.#options = options
    this.#moments = network.layers.flatMap(({ weights, bias }) => [momentsFor(weights), momentsFor(bias)])
  }

  /** One step against the mean slope of the targets added; none where there were none. */
  step({ weights, bias, targets }: Gradients): void {
    if (targets === 0) return
    this.#first *= FIRST
    this.#second *= SECOND
    const { rate, decay } = this.#options
    const { layers } = this.#network
    for (let k = 0; k < layers.length; k += 1) {
      this.#move(layers[k]!.weights, weights[k]!, this.#moments[2 * k]!, 1 / targets, rate * decay)
      this.#move(layers[k]!.bias, bias[k]!, this.#moments[2 * k + 1]!, 1 / targets, 0)
    }
  }

  #move(values: Float64Array, slopes: Float64Array, moments: Moments, scale: number, decay: number): void {
    const { mean, square } = moments
    const step = this.#options.rate / (1 - this.#first)
    const unbias = 1 / (1 - this.#second)
    for (let k = 0; k < values.length; k += 1) {
      const slope = slopes[k]! * scale
      const m = FIRST * mean[k]! + (1 - FIRST) * slope
      const v = SECOND * square[k]! + (1 - SECOND) * slope * slope
      mean[k] = m
      square[k] = v
      values[k] = values[k]! - decay * values[k]! - (step * m) / (Math.sqrt(v * unbias) + EPSILON)
    }
  }
}

interface Moments {
  readonly mean: Float64Array
  readonly square: Float64Array
}

function momentsFor({ length }: Float64Array): Moments {
  return { mean: new Float64Array(length), square: new Float64Array(length) }
}
