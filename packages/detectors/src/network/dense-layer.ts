import { type Activation, activations } from './activation.ts'

/**
 * `activation(weights x input + bias)`.
 *
 * @internal
 */
export interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  /** Row-major: `weights[output * inputs + input]`. */
  readonly weights: Float64Array
  /** One an output. */
  readonly bias: Float64Array
  readonly activation: Activation
  /** Factor below 0 of `leaky-relu` and `elu`; 0.01 and 1 unless given. */
  readonly alpha?: number
}

/** @throws RangeError when sizes do not fit together @internal */
export function checkLayers(layers: readonly DenseLayer[]): void {
  if (layers.length === 0) throw new RangeError('DenseNetwork: layers must hold at least one layer, got none')
  layers.forEach(({ inputs, outputs, weights, bias, activation }, k) => {
    const before = layers[k - 1]?.outputs ?? inputs
    const refuse = (rule: string, value: unknown): never => {
      throw new RangeError(`DenseNetwork: layer ${k} must ${rule}, got ${value}`)
    }
    if (!(Number.isSafeInteger(inputs) && inputs >= 1)) refuse('have at least one input', inputs)
    if (!(Number.isSafeInteger(outputs) && outputs >= 1)) refuse('have at least one output', outputs)
    if (inputs !== before) refuse(`have the ${before} inputs that the layer before gives`, inputs)
    if (weights.length !== inputs * outputs) refuse(`hold ${inputs * outputs} weights`, weights.length)
    if (bias.length !== outputs) refuse(`hold ${outputs} values of bias`, bias.length)
    if (!activations.includes(activation)) refuse(`have an activation among ${activations.join(', ')}`, activation)
  })
}
