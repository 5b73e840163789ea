// Losses and weights of an independent program in numpy, from the same weights and orders.
import { describe, expect, it } from 'vitest'
import type { Activation } from '../network/activation.ts'
import type { DenseLayer } from '../network/dense-layer.ts'
import { DenseNetwork } from '../network/dense-network.ts'
import type { Loss } from '../network/gradients.ts'
import { Training } from '../network/training.ts'
import reference from './fixtures/reference.json' with { type: 'json' }

describe('training equals numpy', () => {
  it.each(reference.cases)('$name', ({ sizes, activations, options, targets, first, orders, losses, last }) => {
    const layers = activations.map(
      (activation, k): DenseLayer => ({
        inputs: sizes[k]!,
        outputs: sizes[k + 1]!,
        weights: Float64Array.from(first[2 * k]!),
        bias: Float64Array.from(first[2 * k + 1]!),
        activation: activation as Activation
      })
    )
    const wanted = Float64Array.from(targets.flat(), (x) => x ?? Number.NaN)
    const rows = { inputs: wanted.map((x) => (Number.isNaN(x) ? 0 : x)), targets: wanted, stride: sizes[0]! }
    const { loss, rate, decay, batch } = options
    const training = new Training(new DenseNetwork(layers), rows, { loss: loss as Loss, rate, decay, batch })
    orders.forEach((order, epoch) => {
      for (let at = 0; at < order.length; ) at = training.step(Int32Array.from(order), at)
      expect(Math.abs(training.takeLoss() / losses[epoch]! - 1), `epoch ${epoch}`).toBeLessThan(1e-9)
    })
    layers.forEach(({ weights, bias }, k) => {
      for (const [own, theirs] of [
        [weights, last[2 * k]!],
        [bias, last[2 * k + 1]!]
      ] as const)
        theirs.forEach((value, w) => {
          expect(Math.abs(own[w]! - value)).toBeLessThan(1e-8)
        })
    })
  })
})
