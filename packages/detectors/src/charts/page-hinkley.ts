import type { Sign } from '../deviation/side.ts'
import type { Chart } from './chart.ts'
import { fallenBy, PAGE_HINKLEY_MEMORY, type PageHinkleyRates, risenBy, stepPageHinkley } from './page-hinkley-sums.ts'

/** What a channel remembers: its sums, and those before the last scan. */
const MEMORY = 2 * PAGE_HINKLEY_MEMORY

/** How a test decides. @internal */
export interface PageHinkleyRules extends PageHinkleyRates {
  /** Values that a test needs before it says anything. */
  readonly minScans: number
  /** Score above which a channel begins anew at the next scan. */
  readonly threshold: number
}

/** The Page-Hinkley test of each channel, against its own mean since it began. @internal */
export class PageHinkleyChart implements Chart {
  readonly memory: Float64Array
  readonly #rules: PageHinkleyRules
  readonly #sign: Sign

  constructor(width: number, rules: PageHinkleyRules, sign: Sign) {
    this.#rules = rules
    this.#sign = sign
    this.memory = new Float64Array(MEMORY * width)
  }

  reset(): void {
    this.memory.fill(0)
  }

  step(deviations: Float64Array, scores: Float64Array): void {
    const { memory } = this
    for (let u = 0; u < deviations.length; u += 1) {
      const at = u * MEMORY
      if (this.#scoreAt(at) > this.#rules.threshold) memory.fill(0, at, at + PAGE_HINKLEY_MEMORY)
      for (let k = 0; k < PAGE_HINKLEY_MEMORY; k += 1) memory[at + PAGE_HINKLEY_MEMORY + k] = memory[at + k]!
      stepPageHinkley(memory, at, deviations[u]!, this.#rules)
      scores[u] = this.#scoreAt(at)
    }
  }

  bounds(limit: number, lower: Float64Array, upper: Float64Array): void {
    const { alpha, delta } = this.#rules
    for (let u = 0; u < lower.length; u += 1) {
      const [count, mean, rising, falling, least, largest] = this.#before(u)
      // The mean moves along with the value: of the way from it to the value count / (count + 1) is left.
      const part = count === 0 || count + 1 < this.#rules.minScans ? Number.NaN : (count + 1) / count
      upper[u] = this.#sign >= 0 ? mean + (limit + least + delta - alpha * rising) * part : Number.NaN
      lower[u] = this.#sign <= 0 ? mean + (largest - limit - delta - alpha * falling) * part : Number.NaN
    }
  }

  #scoreAt(at: number): number {
    if (this.memory[at]! < this.#rules.minScans) return 0
    const risen = this.#sign >= 0 ? risenBy(this.memory, at) : 0
    return Math.max(risen, this.#sign <= 0 ? fallenBy(this.memory, at) : 0)
  }

  #before(u: number): [number, number, number, number, number, number] {
    const at = u * MEMORY + PAGE_HINKLEY_MEMORY
    return [...this.memory.subarray(at, at + PAGE_HINKLEY_MEMORY)] as [number, number, number, number, number, number]
  }
}
