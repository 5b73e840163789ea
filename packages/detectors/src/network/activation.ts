import { tanh } from './tanh.ts'

/**
 * What a layer makes of its sums. `leaky-relu` and `elu` have a factor `alpha` for sums below 0 (0.01 and 1 unless told).
 *
 * @internal
 */
export type Activation = 'linear' | 'relu' | 'tanh' | 'sigmoid' | 'leaky-relu' | 'elu'

/** @internal */
export const activations: readonly Activation[] = ['linear', 'relu', 'tanh', 'sigmoid', 'leaky-relu', 'elu']

/** The factor below 0 of a layer that names none. @internal */
export function alphaOf(activation: Activation): number {
  return activation === 'elu' ? 1 : 0.01
}

/** Replaces sums by activations, `values[from]` up to `values[to - 1]`. @internal */
export function activate(activation: Activation, alpha: number, values: Float64Array, from: number, to: number): void {
  if (activation === 'relu') {
    for (let k = from; k < to; k += 1) if (values[k]! < 0) values[k] = 0
  } else if (activation === 'tanh') {
    for (let k = from; k < to; k += 1) values[k] = tanh(values[k]!)
  } else if (activation === 'sigmoid') {
    for (let k = from; k < to; k += 1) values[k] = 1 / (1 + Math.exp(-values[k]!))
  } else if (activation === 'leaky-relu') {
    for (let k = from; k < to; k += 1) if (values[k]! < 0) values[k] = alpha * values[k]!
  } else if (activation === 'elu') {
    for (let k = from; k < to; k += 1) if (values[k]! < 0) values[k] = alpha * (Math.exp(values[k]!) - 1)
  }
}

/** Multiplies `deltas[k]` by the slope where the activation was `outputs[k]`, for the first `count`. @internal */
export function applySlopes(
  activation: Activation,
  alpha: number,
  outputs: Float64Array,
  deltas: Float64Array,
  count: number
): void {
  if (activation === 'relu') {
    for (let k = 0; k < count; k += 1) if (!(outputs[k]! > 0)) deltas[k] = 0
  } else if (activation === 'tanh') {
    for (let k = 0; k < count; k += 1) deltas[k] = deltas[k]! * (1 - outputs[k]! ** 2)
  } else if (activation === 'sigmoid') {
    for (let k = 0; k < count; k += 1) deltas[k] = deltas[k]! * outputs[k]! * (1 - outputs[k]!)
  } else if (activation === 'leaky-relu') {
    for (let k = 0; k < count; k += 1) if (!(outputs[k]! > 0)) deltas[k] = deltas[k]! * alpha
  } else if (activation === 'elu') {
    for (let k = 0; k < count; k += 1) if (!(outputs[k]! > 0)) deltas[k] = deltas[k]! * (outputs[k]! + alpha)
  }
}
