import type { Chart } from './chart.ts'

/**
 * Exponentially weighted moving average of the deviations, in its own standard deviations (Roberts).
 *
 * Memory: the average of each channel, the average before the last scan of each, and (1 - weight)^(2 t).
 *
 * @internal
 */
export class EwmaChart implements Chart {
  readonly memory: Float64Array
  readonly #width: number
  readonly #weight: number

  constructor(width: number, weight: number) {
    this.#width = width
    this.#weight = weight
    this.memory = new Float64Array(2 * width + 1)
  }

  reset(): void {
    this.memory.fill(0)
    this.memory[2 * this.#width] = 1
  }

  step(deviations: Float64Array, scores: Float64Array): void {
    const { memory } = this
    const [width, weight] = [this.#width, this.#weight]
    memory[2 * width] = memory[2 * width]! * (1 - weight) * (1 - weight)
    const sigma = this.#sigma()
    for (let u = 0; u < width; u += 1) {
      const before = memory[u]!
      memory[width + u] = before
      memory[u] = weight * deviations[u]! + (1 - weight) * before
      scores[u] = Math.abs(memory[u]!) / sigma
    }
  }

  signed(out: Float64Array): void {
    const sigma = this.#sigma()
    for (let u = 0; u < this.#width; u += 1) out[u] = this.memory[u]! / sigma
  }

  bounds(limit: number, lower: Float64Array, upper: Float64Array): void {
    const [width, weight] = [this.#width, this.#weight]
    const reach = (limit * this.#sigma()) / weight
    for (let u = 0; u < width; u += 1) {
      const carried = ((1 - weight) / weight) * this.memory[width + u]!
      lower[u] = -reach - carried
      upper[u] = reach - carried
    }
  }

  /** Standard deviation of the average after as many scans. */
  #sigma(): number {
    return Math.sqrt((this.#weight / (2 - this.#weight)) * (1 - this.memory[2 * this.#width]!))
  }
}
