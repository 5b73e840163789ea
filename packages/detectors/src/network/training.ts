import { Adam, type AdamOptions } from './adam.ts'
import type { DenseNetwork } from './dense-network.ts'
import { Gradients, type Loss } from './gradients.ts'

/**
 * Rows that a network learns to give back: row `r` has its inputs from `inputs[r * stride]` on and its targets from
 * `targets[r * stride]` on; a stride shorter than a row makes them overlap, as windows of a signal do.
 *
 * @internal
 */
export interface TrainingRows {
  readonly inputs: Float64Array
  /** NaN where there is nothing to be learned. */
  readonly targets: Float64Array
  readonly stride: number
}

/** @internal */
export interface TrainingOptions extends AdamOptions {
  readonly loss: Loss
  readonly batch: number
}

/** Mini-batches over rows, one step of Adam each. @internal */
export class Training {
  readonly #rows: TrainingRows
  readonly #batch: number
  readonly #gradients: Gradients
  readonly #adam: Adam
  /** Of the epoch so far. */
  #loss = 0
  #targets = 0

  constructor(network: DenseNetwork, rows: TrainingRows, options: TrainingOptions) {
    this.#rows = rows
    this.#batch = options.batch
    this.#gradients = new Gradients(network, options.loss)
    this.#adam = new Adam(network, options)
  }

  /** The batch that begins at a place of the order; returns where the next begins. */
  step(order: Int32Array, from: number): number {
    const { inputs, targets, stride } = this.#rows
    const gradients = this.#gradients
    const to = Math.min(from + this.#batch, order.length)
    gradients.clear()
    for (let k = from; k < to; k += 1) gradients.add(inputs, order[k]! * stride, targets, order[k]! * stride)
    this.#loss += gradients.loss
    this.#targets += gradients.targets
    this.#adam.step(gradients)
    return to
  }

  /** Mean loss of the targets since it was asked last, each taken before the step it was in; NaN without any. */
  takeLoss(): number {
    const loss = this.#loss / this.#targets
    this.#loss = 0
    this.#targets = 0
    return loss
  }

  /** Mean loss of rows as the network is now. */
  lossOf(order: Int32Array): number {
    const { inputs, targets, stride } = this.#rows
    this.#gradients.clear()
    for (const row of order) this.#gradients.addLoss(inputs, row * stride, targets, row * stride)
    return this.#gradients.loss / this.#gradients.targets
  }
}
