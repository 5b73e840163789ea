import type { DenseLayer } from './dense-layer.ts'

/** Each rule as it is written in books, value by value: what the network must equal. @internal */
export function naiveForward(layers: readonly DenseLayer[], row: readonly number[]): number[] {
  return layers.reduce<number[]>(
    (before, { inputs, outputs, weights, bias, activation, alpha }) =>
      Array.from({ length: outputs }, (_, o) => {
        const sum = before.reduce((total, x, i) => total + weights[o * inputs + i]! * x, bias[o]!)
        return naiveActivation(activation, sum, alpha)
      }),
    [...row]
  )
}

function naiveActivation(activation: DenseLayer['activation'], x: number, alpha?: number): number {
  const rules = {
    linear: x,
    relu: Math.max(0, x),
    tanh: Math.tanh(x),
    sigmoid: 1 / (1 + Math.exp(-x)),
    'leaky-relu': x > 0 ? x : (alpha ?? 0.01) * x,
    elu: x > 0 ? x : (alpha ?? 1) * (Math.exp(x) - 1)
  }
  return rules[activation]
}

/** Sum of the loss of all rows; targets of NaN have none. @internal */
export function naiveLoss(
  layers: readonly DenseLayer[],
  loss: 'mse' | 'huber',
  rows: readonly (readonly number[])[],
  targets: readonly (readonly number[])[]
): number {
  const errors = rows.flatMap((row, r) => naiveForward(layers, row).map((y, o) => Math.abs(y - targets[r]![o]!)))
  return errors
    .filter((error) => !Number.isNaN(error))
    .reduce((sum, e) => sum + (loss === 'mse' ? e ** 2 : e <= 1 ? e ** 2 / 2 : e - 0.5), 0)
}
