import type { Random } from '../statistics/random.ts'
import type { Activation } from './activation.ts'
import type { DenseLayer } from './dense-layer.ts'
import { DenseNetwork } from './dense-network.ts'

/**
 * Weights to begin with, even between -limit and limit: X. Glorot's sqrt(6 / (inputs + outputs)), K. He's sqrt(6 / inputs) before a kind
 * of ReLU. Biases are 0.
 *
 * @param sizes - of the input, of each hidden layer and of the output
 *
 * @internal
 */
export function initialNetwork(
  sizes: readonly number[],
  hidden: Activation,
  output: Activation,
  random: Random
): DenseNetwork {
  const layers = sizes.slice(1).map((outputs, k): DenseLayer => {
    const inputs = sizes[k]!
    const activation = k === sizes.length - 2 ? output : hidden
    const isBounded = activation === 'linear' || activation === 'tanh' || activation === 'sigmoid'
    const limit = Math.sqrt(6 / (isBounded ? inputs + outputs : inputs))
    const weights = new Float64Array(inputs * outputs)
    for (let w = 0; w < weights.length; w += 1) weights[w] = limit * (2 * random.uniform() - 1)
    return { inputs, outputs, weights, bias: new Float64Array(outputs), activation }
  })
  return new DenseNetwork(layers)
}
