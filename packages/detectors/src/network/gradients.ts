import { alphaOf, applySlopes } from './activation.ts'
import type { DenseNetwork } from './dense-network.ts'

/** Mean of squared errors, or Huber's: half the square up to an error of 1, then straight on. @internal */
export type Loss = 'mse' | 'huber'

/** Loss of one value. */
function lossOf(loss: Loss, error: number): number {
  if (loss === 'mse') return error * error
  const size = Math.abs(error)
  return size <= 1 ? 0.5 * error * error : size - 0.5
}

function slopeOf(loss: Loss, error: number): number {
  if (loss === 'mse') return 2 * error
  return Math.max(-1, Math.min(error, 1))
}

/**
 * Loss and its slopes for every weight, summed over the rows added since `clear`. A target of NaN has no loss.
 *
 * @internal
 */
export class Gradients {
  /** As the layers of the network have them. */
  readonly weights: readonly Float64Array[]
  readonly bias: readonly Float64Array[]
  /** Sum of the loss of all targets since `clear`. */
  loss = 0
  /** Targets that had one. */
  targets = 0
  readonly #network: DenseNetwork
  readonly #loss: Loss
  readonly #out: Float64Array
  readonly #row: Float64Array
  /** Slopes at the outputs of each layer. */
  readonly #deltas: readonly Float64Array[]

  constructor(network: DenseNetwork, loss: Loss) {
    this.#network = network
    this.#loss = loss
    this.#out = new Float64Array(network.outputs)
    this.#row = new Float64Array(network.inputs)
    this.weights = network.layers.map(({ weights }) => new Float64Array(weights.length))
    this.bias = network.layers.map(({ outputs }) => new Float64Array(outputs))
    this.#deltas = network.layers.map(({ outputs }) => new Float64Array(outputs))
  }

  clear(): void {
    this.loss = 0
    this.targets = 0
    for (let k = 0; k < this.weights.length; k += 1) {
      this.weights[k]!.fill(0)
      this.bias[k]!.fill(0)
    }
  }

  /** Adds a row: inputs from `inputs[from]` on, targets from `targets[to]` on. */
  add(inputs: Float64Array, from: number, targets: Float64Array, to: number): void {
    this.#measure(inputs, from, targets, to)
    const { layers, activations } = this.#network
    for (let k = layers.length - 1; k >= 0; k -= 1) {
      const { activation, alpha = alphaOf(activation), outputs } = layers[k]!
      applySlopes(activation, alpha, activations[k]!, this.#deltas[k]!, outputs)
      if (k > 0) this.#back(k, activations[k - 1]!)
    }
    this.#first()
  }

  /** Only the loss of a row. */
  addLoss(inputs: Float64Array, from: number, targets: Float64Array, to: number): void {
    this.#measure(inputs, from, targets, to)
  }

  #measure(inputs: Float64Array, from: number, targets: Float64Array, to: number): void {
    for (let i = 0; i < this.#row.length; i += 1) this.#row[i] = inputs[from + i]!
    this.#network.forward(this.#row, this.#out)
    const deltas = this.#deltas[this.#deltas.length - 1]!
    for (let o = 0; o < deltas.length; o += 1) {
      const error = this.#out[o]! - targets[to + o]!
      const isTarget = !Number.isNaN(error)
      deltas[o] = isTarget ? slopeOf(this.#loss, error) : 0
      if (!isTarget) continue
      this.loss += lossOf(this.#loss, error)
      this.targets += 1
    }
  }

  /** Slopes of a layer from those at its outputs, and those at the outputs of the layer before. */
  #back(k: number, before: Float64Array): void {
    const { inputs, outputs, weights } = this.#network.layers[k]!
    const deltas = this.#deltas[k]!
    const slopes = this.weights[k]!
    const bias = this.bias[k]!
    const behind = this.#deltas[k - 1]!
    behind.fill(0)
    const blocks = outputs - (outputs % 4)
    for (let o = 0; o < blocks; o += 4) {
      const d0 = deltas[o]!
      const d1 = deltas[o + 1]!
      const d2 = deltas[o + 2]!
      const d3 = deltas[o + 3]!
      bias[o] = bias[o]! + d0
      bias[o + 1] = bias[o + 1]! + d1
      bias[o + 2] = bias[o + 2]! + d2
      bias[o + 3] = bias[o + 3]! + d3
      let w = o * inputs
      for (let i = 0; i < inputs; i += 1, w += 1) {
        const x = before[i]!
        const v = w + inputs
        const u = v + inputs
        const t = u + inputs
        slopes[w] = slopes[w]! + d0 * x
        slopes[v] = slopes[v]! + d1 * x
        slopes[u] = slopes[u]! + d2 * x
        slopes[t] = slopes[t]! + d3 * x
        behind[i] = behind[i]! + d0 * weights[w]! + d1 * weights[v]! + d2 * weights[u]! + d3 * weights[t]!
      }
    }
    for (let o = blocks; o < outputs; o += 1) {
      const d = deltas[o]!
      bias[o] = bias[o]! + d
      for (let i = 0, w = o * inputs; i < inputs; i += 1, w += 1) {
        slopes[w] = slopes[w]! + d * before[i]!
        behind[i] = behind[i]! + d * weights[w]!
      }
    }
  }

  /** Of the first layer: nothing lies before it. */
  #first(): void {
    const { inputs, outputs } = this.#network.layers[0]!
    const row = this.#row
    const deltas = this.#deltas[0]!
    const slopes = this.weights[0]!
    const bias = this.bias[0]!
    for (let o = 0; o < outputs; o += 1) {
      const d = deltas[o]!
      if (d === 0) continue
      bias[o] = bias[o]! + d
      for (let i = 0, w = o * inputs; i < inputs; i += 1, w += 1) slopes[w] = slopes[w]! + d * row[i]!
    }
  }
}
