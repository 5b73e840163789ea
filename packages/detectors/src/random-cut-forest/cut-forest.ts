import { Random } from '../statistics/random.ts'
import { CutTree } from './cut-tree.ts'
import { WeightedReservoir } from './weighted-reservoir.ts'

/** @internal */
export interface CutForestSize {
  /** Values of a point. */
  readonly width: number
  readonly trees: number
  readonly sample: number
  readonly timeDecay: number
  readonly seed: number
}

/** Random cut trees, each with its own sample of what was added. @internal */
export class CutForest {
  readonly #trees: readonly CutTree[]
  readonly #reservoirs: readonly WeightedReservoir[]
  readonly #random: Random
  readonly #own: Float64Array
  /** Points added so far. */
  count = 0

  constructor({ width, trees, sample, timeDecay, seed }: CutForestSize) {
    this.#trees = Array.from({ length: trees }, () => new CutTree(width, sample))
    this.#reservoirs = Array.from({ length: trees }, () => new WeightedReservoir(sample, timeDecay))
    this.#random = new Random(seed)
    this.#own = new Float64Array(width)
  }

  add(point: Float64Array): void {
    for (let t = 0; t < this.#trees.length; t += 1) {
      const reservoir = this.#reservoirs[t]!
      const weight = reservoir.offer(this.count, this.#random)
      if (Number.isNaN(weight)) continue
      const tree = this.#trees[t]!
      if (!reservoir.isFull) reservoir.add(weight, tree.add(point, this.#random))
      else {
        tree.remove(reservoir.heaviest)
        reservoir.replace(weight, tree.add(point, this.#random))
      }
    }
    this.count += 1
  }

  score(point: Float64Array): number {
    let sum = 0
    for (let t = 0; t < this.#trees.length; t += 1) sum += this.#trees[t]!.score(point)
    return sum / this.#trees.length
  }

  /** The part of each value of the point in the score. */
  attribute(point: Float64Array, parts: Float64Array): void {
    parts.fill(0)
    for (const tree of this.#trees) tree.attribute(point, parts, this.#own)
    for (let u = 0; u < parts.length; u += 1) parts[u] = parts[u]! / this.#trees.length
  }

  /** Flat: tree by tree, its arrays, weights and leaves. */
  state(): { trees: Float64Array; count: number; random: Float64Array } {
    const parts = this.#trees.flatMap((tree, t) => {
      const { size, weights, leaves } = this.#reservoirs[t]!
      return [...tree.state(), Float64Array.of(size), weights, Float64Array.from(leaves)]
    })
    const trees = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      trees.set(part, at)
      at += part.length
    }
    return { trees, count: this.count, random: this.#random.state() }
  }

  /** Values of `state().trees`. */
  get stateLength(): number {
    const each = this.#trees[0]!.lengths.reduce((sum, length) => sum + length, 0)
    return this.#trees.length * (each + 1 + 2 * this.#reservoirs[0]!.weights.length)
  }

  /** @returns false where the state is not of trees as these */
  restore(trees: Float64Array, count: number, random: Float64Array): boolean {
    let at = 0
    const next = (length: number): Float64Array => {
      at += length
      return trees.slice(at - length, at)
    }
    this.count = count
    this.#random.restore(random)
    return this.#trees.every((tree, t) => {
      const isTree = tree.restore(tree.lengths.map(next))
      const reservoir = this.#reservoirs[t]!
      reservoir.size = next(1)[0]!
      reservoir.weights.set(next(reservoir.weights.length))
      reservoir.leaves.set(next(reservoir.leaves.length))
      return isTree && reservoir.size === tree.mass
    })
  }
}
