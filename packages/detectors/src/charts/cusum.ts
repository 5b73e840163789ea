import type { Sign } from '../deviation/side.ts'
import type { Chart } from './chart.ts'

/**
 * Sums of what exceeds the slack upwards and downwards (Page).
 *
 * Memory, four numbers a channel: upper sum, lower sum, and both before the last scan.
 *
 * @internal
 */
export class CusumChart implements Chart {
  readonly memory: Float64Array
  readonly #slack: number
  readonly #largest: number
  readonly #sign: Sign

  constructor(width: number, slack: number, largest: number, sign: Sign) {
    this.#slack = slack
    this.#largest = largest
    this.#sign = sign
    this.memory = new Float64Array(4 * width)
  }

  reset(): void {
    this.memory.fill(0)
  }

  step(deviations: Float64Array, scores: Float64Array): void {
    const { memory } = this
    for (let u = 0; u < deviations.length; u += 1) {
      const at = 4 * u
      memory[at + 2] = memory[at]!
      memory[at + 3] = memory[at + 1]!
      if (this.#sign >= 0) memory[at] = this.#sum(memory[at]!, deviations[u]!)
      if (this.#sign <= 0) memory[at + 1] = this.#sum(memory[at + 1]!, -deviations[u]!)
      scores[u] = Math.max(memory[at]!, memory[at + 1]!)
    }
  }

  bounds(limit: number, lower: Float64Array, upper: Float64Array): void {
    for (let u = 0; u < lower.length; u += 1) {
      upper[u] = this.#sign >= 0 ? limit + this.#slack - this.memory[4 * u + 2]! : Number.NaN
      lower[u] = this.#sign <= 0 ? this.memory[4 * u + 3]! - limit - this.#slack : Number.NaN
    }
  }

  #sum(sum: number, deviation: number): number {
    return Math.min(this.#largest, Math.max(0, sum + deviation - this.#slack))
  }
}
