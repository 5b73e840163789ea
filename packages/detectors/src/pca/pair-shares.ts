/** Fewer directions are explained by any two channels. */
const LEAST_DIRECTIONS = 3

/**
 * Shares of a squared residual by the two channels that explain most of it.
 *
 * The residual of one faulty channel shows in all that it is tied to; with two faults the largest square is often in a channel that is
 * sound. So what moves of any two channels would account for is taken out first: the two that account for most have it, what is left
 * is shared by squares.
 *
 * @internal
 */
export class PairShares {
  readonly #live: number
  /** What the channels do to the residual: `root[k * live + u]`. */
  readonly #root: Float64Array
  /** Products of the columns of the root. */
  readonly #gram: Float64Array
  readonly #products: Float64Array

  private constructor(root: Float64Array, live: number) {
    this.#live = live
    this.#root = root
    this.#gram = gramOf(root, live)
    this.#products = new Float64Array(live)
  }

  /** @param directions - that residuals have @returns undefined where they are too few to tell two channels apart */
  static of(root: Float64Array, live: number, directions: number): PairShares | undefined {
    return directions < LEAST_DIRECTIONS ? undefined : new PairShares(root, live)
  }

  /** @param residual - its first `live` values; they become the parts of the channels, which sum to its square */
  take(residual: Float64Array): void {
    const root = this.#root
    const live = this.#live
    this.#products.fill(0)
    for (let k = 0, at = 0; k < live; k += 1)
      for (let u = 0; u < live; u += 1, at += 1) this.#products[u] = this.#products[u]! + root[at]! * residual[k]!
    const { a, b, ofA, ofB } = this.#best()
    for (let k = 0; k < live; k += 1) {
      const rest = residual[k]! - root[k * live + a]! * ofA - root[k * live + b]! * ofB
      residual[k] = rest * rest
    }
    residual[a] = residual[a]! + Math.max(0, ofA * this.#products[a]!)
    residual[b] = residual[b]! + Math.max(0, ofB * this.#products[b]!)
  }

  /** The two channels, and by how much each would have to have moved. */
  #best(): { a: number; b: number; ofA: number; ofB: number } {
    const [gram, products, live] = [this.#gram, this.#products, this.#live]
    const best = { a: 0, b: 0, ofA: 0, ofB: 0 }
    let most = 0
    for (let a = 0; a < live; a += 1) {
      for (let b = a + 1; b < live; b += 1) {
        const [aa, bb, ab] = [gram[a * live + a]!, gram[b * live + b]!, gram[a * live + b]!]
        const apart = aa * bb - ab * ab
        if (!(apart > 1e-6 * aa * bb)) continue
        const ofA = (bb * products[a]! - ab * products[b]!) / apart
        const ofB = (aa * products[b]! - ab * products[a]!) / apart
        const explained = ofA * products[a]! + ofB * products[b]!
        if (!(explained > most)) continue
        most = explained
        Object.assign(best, { a, b, ofA, ofB })
      }
    }
    return best
  }
}

function gramOf(root: Float64Array, live: number): Float64Array {
  const gram = new Float64Array(live * live)
  for (let k = 0; k < live; k += 1)
    for (let u = 0; u < live; u += 1)
      for (let v = 0; v < live; v += 1) gram[u * live + v]! += root[k * live + u]! * root[k * live + v]!
  return gram
}
