import { activate, alphaOf } from './activation.ts'
import { checkLayers, type DenseLayer } from './dense-layer.ts'

/**
 * Dense layers one behind another. The layers are taken as they are, not copied: training changes their weights in place.
 *
 * @internal
 */
export class DenseNetwork {
  readonly layers: readonly DenseLayer[]
  /** Values that go in. */
  readonly inputs: number
  /** Values that come out. */
  readonly outputs: number
  /** Activations of each layer for the row that went through last. */
  readonly activations: readonly Float64Array[]

  /** @throws RangeError when the sizes of the layers do not fit together */
  constructor(layers: readonly DenseLayer[]) {
    checkLayers(layers)
    this.layers = layers
    this.inputs = layers[0]!.inputs
    this.outputs = layers[layers.length - 1]!.outputs
    this.activations = layers.map(({ outputs }) => new Float64Array(outputs))
  }

  /** One row of `inputs` values to `outputs` values; allocates nothing. `row` and `out` may be the same. */
  forward(row: Float64Array, out: Float64Array): void {
    this.#through(row, 0, out, 0)
  }

  /** As many rows, row-major: `values[row * inputs + i]` to `out[row * outputs + o]`, with the bits of `forward`. */
  forwardBatch(values: Float64Array, rows: number, out: Float64Array): void {
    for (let r = 0; r < rows; r += 1) this.#through(values, r * this.inputs, out, r * this.outputs)
  }

  #through(row: Float64Array, from: number, out: Float64Array, to: number): void {
    const { layers, activations } = this
    let before = row
    let at = from
    for (let k = 0; k < layers.length; k += 1) {
      forwardLayer(layers[k]!, before, at, activations[k]!)
      before = activations[k]!
      at = 0
    }
    for (let o = 0; o < before.length; o += 1) out[to + o] = before[o]!
  }
}

/** Four outputs at a time: each is summed from its bias on, input by input, so that the bits do not depend on the blocks. */
function forwardLayer(layer: DenseLayer, row: Float64Array, from: number, out: Float64Array): void {
  const { inputs, outputs, weights, bias, activation } = layer
  const blocks = outputs - (outputs % 4)
  for (let o = 0; o < blocks; o += 4) {
    const w0 = o * inputs
    const w1 = w0 + inputs
    const w2 = w1 + inputs
    const w3 = w2 + inputs
    let s0 = bias[o]!
    let s1 = bias[o + 1]!
    let s2 = bias[o + 2]!
    let s3 = bias[o + 3]!
    for (let i = 0; i < inputs; i += 1) {
      const x = row[from + i]!
      s0 += weights[w0 + i]! * x
      s1 += weights[w1 + i]! * x
      s2 += weights[w2 + i]! * x
      s3 += weights[w3 + i]! * x
    }
    out[o] = s0
    out[o + 1] = s1
    out[o + 2] = s2
    out[o + 3] = s3
  }
  for (let o = blocks; o < outputs; o += 1) {
    let sum = bias[o]!
    for (let i = 0; i < inputs; i += 1) sum += weights[o * inputs + i]! * row[from + i]!
    out[o] = sum
  }
  activate(activation, layer.alpha ?? alphaOf(activation), out, 0, outputs)
}
