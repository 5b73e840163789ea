import type { Random } from '../statistics/random.ts'

const OFFERS_A_BOUND = 100

/**
 * A sample of what comes, of fixed size, in which what came earlier is less likely by exp(-decay) a step: each gets a weight, and the
 * greatest goes (a heap). Entries are leaves of a tree.
 *
 * @internal
 */
export class WeightedReservoir {
  readonly #capacity: number
  readonly #decay: number
  readonly weights: Float64Array
  readonly leaves: Int32Array
  size = 0
  #bound = 1
  #boundFor = 0

  constructor(capacity: number, decay: number) {
    this.#capacity = capacity
    this.#decay = decay
    this.weights = new Float64Array(capacity)
    this.leaves = new Int32Array(capacity)
  }

  get isFull(): boolean {
    return this.size === this.#capacity
  }

  /** The weight of what comes as number `index`; NaN where it is not taken: in a full reservoir, if none is heavier. */
  offer(index: number, random: Random): number {
    const draw = random.uniform()
    if (!this.isFull) return this.#weight(draw, index)
    // -ln(1 - draw) is draw at least: most are seen to be too heavy without a logarithm.
    if (index >= this.#boundFor) this.#renewBound(index)
    if (draw > this.#bound) return Number.NaN
    const weight = this.#weight(draw, index)
    return weight < this.weights[0]! ? weight : Number.NaN
  }

  #weight(draw: number, index: number): number {
    return Math.log(-Math.log(1 - draw)) - this.#decay * index
  }

  /** The least draw that is too heavy for all of the next offers; the heaviest entry only becomes lighter. */
  #renewBound(index: number): void {
    this.#boundFor = index + OFFERS_A_BOUND
    const bound = Math.exp(this.weights[0]! + this.#decay * this.#boundFor)
    // Rounding must not make a difference.
    this.#bound = 1.000001 * bound
  }

  /** The entry that goes when another comes. */
  get heaviest(): number {
    return this.leaves[0]!
  }

  add(weight: number, leaf: number): void {
    let at = this.size
    this.size += 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.weights[parent]! >= weight) break
      this.#move(parent, at)
      at = parent
    }
    this.#set(at, weight, leaf)
  }

  /** In the place of the heaviest. */
  replace(weight: number, leaf: number): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.size) break
      if (child + 1 < this.size && this.weights[child + 1]! > this.weights[child]!) child += 1
      if (this.weights[child]! <= weight) break
      this.#move(child, at)
      at = child
    }
    this.#set(at, weight, leaf)
  }

  #move(from: number, to: number): void {
    this.#set(to, this.weights[from]!, this.leaves[from]!)
  }

  #set(at: number, weight: number, leaf: number): void {
    this.weights[at] = weight
    this.leaves[at] = leaf
  }
}
