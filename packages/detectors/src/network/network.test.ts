import { describe, expect, it } from 'vitest'
import { Random } from '../statistics/random.ts'
import { activations } from './activation.ts'
import { Adam } from './adam.ts'
import type { DenseLayer } from './dense-layer.ts'
import { DenseNetwork } from './dense-network.ts'
import { Gradients } from './gradients.ts'
import { initialNetwork } from './initial-network.ts'
import { naiveForward, naiveLoss } from './naive.ts'
import { Training } from './training.ts'

const random = new Random(5)
const numbers = (count: number, scale = 1) => Float64Array.from({ length: count }, () => scale * random.normal())

/** Sizes that are, and are not, whole blocks of four; biases that are not 0. */
function network(activation: DenseLayer['activation'], sizes: readonly number[], alpha?: number): DenseNetwork {
  const layers = sizes.slice(1).map((outputs, k): DenseLayer => {
    const inputs = sizes[k]!
    const layer = { inputs, outputs, weights: numbers(inputs * outputs, 0.6), bias: numbers(outputs, 0.3), activation }
    return alpha === undefined ? layer : Object.assign(layer, { alpha })
  })
  return new DenseNetwork(layers)
}
const shapes = [
  [3, 5, 2, 3],
  [8, 16, 4, 16, 8],
  [1, 1],
  [6, 4, 6]
].map((sizes) => ({ sizes }))
const alphas = [undefined, 0.3] as const

describe.each(activations)('a network of %s', (activation) => {
  it.each(shapes)('gives what the naive one gives: $sizes', ({ sizes }) => {
    for (const alpha of alphas) {
      const net = network(activation, sizes, alpha)
      const row = numbers(net.inputs)
      const out = new Float64Array(net.outputs)
      net.forward(row, out)
      naiveForward(net.layers, [...row]).forEach((y, o) => {
        expect(Math.abs(out[o]! - y)).toBeLessThan(1e-13)
      })
    }
  })

  it('gives the same bits for rows one by one, together, and in place', () => {
    const net = network(activation, [6, 9, 6])
    const rows = numbers(60)
    const all = new Float64Array(60)
    net.forwardBatch(rows, 10, all)
    for (let r = 0; r < 10; r += 1) {
      const row = rows.slice(6 * r, 6 * r + 6)
      net.forward(row, row)
      expect(row).toEqual(all.slice(6 * r, 6 * r + 6))
    }
  })

  describe.each(['mse', 'huber'] as const)('with loss %s', (loss) => {
    it.each(shapes)('has the slopes that differences show: $sizes', ({ sizes }) => {
      for (const alpha of alphas) expectSlopes(network(activation, sizes, alpha), loss)
    })
  })
})

/** Central differences of every weight and bias, some targets missing, some errors beyond the bend of Huber's loss. */
function expectSlopes(net: DenseNetwork, loss: 'mse' | 'huber'): void {
  const [inputs, targets] = [numbers(3 * net.inputs), numbers(3 * net.outputs, 2)]
  if (net.outputs > 1) targets[1] = Number.NaN
  const gradients = new Gradients(net, loss)
  const cut = (values: Float64Array, width: number) =>
    [0, 1, 2].map((r) => [...values.slice(r * width, (r + 1) * width)])
  const [rows, wanted] = [cut(inputs, net.inputs), cut(targets, net.outputs)]
  const total = () => naiveLoss(net.layers, loss, rows, wanted)
  for (let r = 0; r < 3; r += 1) gradients.add(inputs, r * net.inputs, targets, r * net.outputs)
  expect(gradients.targets).toBe(3 * net.outputs - Number(net.outputs > 1))
  expect(gradients.loss).toBeCloseTo(total(), 10)
  net.layers.forEach((layer, k) => {
    for (const part of ['weights', 'bias'] as const)
      layer[part].forEach((value, w) => {
        const lossAt = (by: number): number => {
          layer[part][w] = value + by
          const sum = total()
          layer[part][w] = value
          return sum
        }
        const slope = (lossAt(1e-6) - lossAt(-1e-6)) / 2e-6
        const own = gradients[part][k]![w]!
        expect(Math.abs(own - slope), `${part} ${w} of layer ${k}`).toBeLessThan(1e-6 * (1 + Math.abs(slope)))
      })
  })
}

describe('Adam', () => {
  it('makes the steps of the paper, decay beside them', () => {
    const layer: DenseLayer = {
      inputs: 1,
      outputs: 1,
      weights: Float64Array.of(2),
      bias: Float64Array.of(1),
      activation: 'linear'
    }
    const net = new DenseNetwork([layer])
    const [gradients, adam] = [new Gradients(net, 'mse'), new Adam(net, { rate: 0.1, decay: 0.01 })]
    let [w, b] = [2, 1]
    const moments = { mw: 0, vw: 0, mb: 0, vb: 0 }
    for (let t = 1; t <= 20; t += 1) {
      const [x, y] = [Math.sin(t), 3 * Math.cos(t)]
      const slope = 2 * (w * x + b - y)
      moments.mw = 0.9 * moments.mw + 0.1 * slope * x
      moments.vw = 0.999 * moments.vw + 0.001 * (slope * x) ** 2
      moments.mb = 0.9 * moments.mb + 0.1 * slope
      moments.vb = 0.999 * moments.vb + 0.001 * slope ** 2
      const unbiased = (m: number, v: number) => m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8)
      w -= 0.1 * (unbiased(moments.mw, moments.vw) + 0.01 * w)
      b -= 0.1 * unbiased(moments.mb, moments.vb)
      gradients.clear()
      gradients.add(Float64Array.of(x), 0, Float64Array.of(y), 0)
      adam.step(gradients)
      expect(layer.weights[0]).toBeCloseTo(w, 10)
      expect(layer.bias[0]).toBeCloseTo(b, 10)
    }
  })

  it('makes no step where nothing has a target', () => {
    const net = network('tanh', [2, 2])
    const before = net.layers[0]!.weights.slice()
    const training = new Training(
      net,
      { inputs: numbers(2), targets: Float64Array.of(Number.NaN, Number.NaN), stride: 2 },
      { loss: 'mse', batch: 1, rate: 0.1, decay: 0.1 }
    )
    training.step(Int32Array.of(0), 0)
    expect(net.layers[0]!.weights).toEqual(before)
    expect(training.takeLoss()).toBeNaN()
  })
})

it('begins with weights within the limits of Glorot and of He, not 0', () => {
  const net = initialNetwork([40, 60, 20], 'relu', 'linear', new Random(1))
  net.layers.forEach(({ weights, bias }, k) => {
    const limit = k === 0 ? Math.sqrt(6 / 40) : Math.sqrt(6 / 80)
    const most = Math.max(...weights.map(Math.abs))
    expect(most).toBeLessThanOrEqual(limit)
    expect(most).toBeGreaterThan(0.95 * limit)
    expect(bias.every((b) => b === 0)).toBe(true)
  })
})

it('refuses layers that do not fit together', () => {
  const layer = (change: Partial<DenseLayer> = {}): DenseLayer =>
    Object.assign(
      { inputs: 2, outputs: 1, weights: numbers(2), bias: numbers(1), activation: 'relu' } satisfies DenseLayer,
      change
    )
  expect(() => new DenseNetwork([])).toThrow('DenseNetwork: layers must hold at least one layer, got none')
  expect(() => new DenseNetwork([layer(), layer()])).toThrow(/layer 1 must have the 1 inputs .* got 2/)
  expect(() => new DenseNetwork([layer({ weights: numbers(3) })])).toThrow(/layer 0 must hold 2 weights, got 3/)
  expect(() => new DenseNetwork([layer({ bias: numbers(3) })])).toThrow(/layer 0 must hold 1 values of bias, got 3/)
  expect(() => new DenseNetwork([layer({ inputs: 0 })])).toThrow(/layer 0 must have at least one input, got 0/)
  expect(() => new DenseNetwork([layer({ activation: 'gelu' as never })])).toThrow(/an activation among .* got gelu/)
})
