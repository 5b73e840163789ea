import type { LearnedScans } from '../detector/learned-scans.ts'
import type { Random } from '../statistics/random.ts'
import { depthOf, type Forest } from './forest.ts'

const LARGEST_FLOAT32 = 3.4028234663852886e38

/** @internal */
export interface Growth {
  readonly trees: number
  /** Rows a tree; all, where there are fewer. */
  readonly sample: number
  /** Channels a tree. */
  readonly features: number
  readonly random: Random
}

/** Grows a forest from rows of `width` values, each tree from its own sample without repeats. @internal */
export function grow({ rows, length }: LearnedScans, width: number, growth: Growth): Forest {
  const { trees, features, random } = growth
  const sample = Math.min(growth.sample, length)
  const grower = new Grower(width, sample, trees, random)
  const order = Int32Array.from({ length }, (_, i) => i)
  for (let tree = 0; tree < trees; tree += 1) {
    random.shuffle(order, sample)
    grower.take(rows, order)
    grower.plant(features)
  }
  return grower.forest()
}

class Grower {
  readonly #width: number
  readonly #sample: number
  readonly #trees: number
  readonly #random: Random
  /** The sample of a tree as float32, column by column. */
  readonly #columns: Float64Array
  /** Its rows, so ordered that those of a node lie together. */
  readonly #order: Int32Array
  /** Channels: those of the tree first; in a node those tried first. */
  readonly #features: Int32Array
  readonly #nodes: Float64Array
  readonly #thresholds: Float64Array
  #nodeCount = 0
  #splitCount = 0
  #featureCount = 0
  #least = 0
  #greatest = 0

  constructor(width: number, sample: number, trees: number, random: Random) {
    this.#width = width
    this.#sample = sample
    this.#trees = trees
    this.#random = random
    this.#columns = new Float64Array(width * sample)
    this.#order = new Int32Array(sample)
    this.#features = Int32Array.from({ length: width }, (_, u) => u)
    this.#nodes = new Float64Array(trees * (2 * sample - 1))
    this.#thresholds = new Float64Array(trees * (sample - 1))
  }

  take(rows: Float64Array, order: Int32Array): void {
    const [width, sample] = [this.#width, this.#sample]
    for (let i = 0; i < sample; i += 1) {
      const from = order[i]! * width
      for (let u = 0; u < width; u += 1) {
        const x = Math.fround(rows[from + u]!)
        this.#columns[u * sample + i] = Math.min(Math.max(x, -LARGEST_FLOAT32), LARGEST_FLOAT32)
      }
    }
  }

  plant(features: number): void {
    if (features < this.#width) this.#random.shuffle(this.#features, features)
    this.#featureCount = features
    for (let i = 0; i < this.#sample; i += 1) this.#order[i] = i
    this.#branch(0, this.#sample, depthOf(this.#sample))
  }

  forest(): Forest {
    return {
      trees: this.#trees,
      sample: this.#sample,
      width: this.#width,
      nodes: this.#nodes.slice(0, this.#nodeCount),
      thresholds: this.#thresholds.slice(0, this.#splitCount)
    }
  }

  #branch(from: number, to: number, depth: number): void {
    const feature = depth > 0 && to - from > 1 ? this.#movingFeature(from, to) : -1
    this.#nodes[this.#nodeCount] = feature < 0 ? from - to : feature
    this.#nodeCount += 1
    if (feature < 0) return
    const threshold = this.#threshold()
    this.#thresholds[this.#splitCount] = threshold
    this.#splitCount += 1
    const middle = this.#part(feature, threshold, from, to)
    this.#branch(from, middle, depth - 1)
    this.#branch(middle, to, depth - 1)
  }

  /** One of the channels of the tree that are not constant in the node, each equally likely; -1 = all are. */
  #movingFeature(from: number, to: number): number {
    for (let tried = 0; tried < this.#featureCount; tried += 1) {
      const k = tried + this.#random.below(this.#featureCount - tried)
      const feature = this.#features[k]!
      this.#features[k] = this.#features[tried]!
      this.#features[tried] = feature
      this.#range(feature * this.#sample, from, to)
      if (this.#least < this.#greatest) return feature
    }
    return -1
  }

  #range(column: number, from: number, to: number): void {
    const [columns, order] = [this.#columns, this.#order]
    let least = columns[column + order[from]!]!
    let greatest = least
    for (let i = from + 1; i < to; i += 1) {
      const x = columns[column + order[i]!]!
      if (x < least) least = x
      if (x > greatest) greatest = x
    }
    this.#least = least
    this.#greatest = greatest
  }

  /** Below the greatest value, so that neither side is empty. */
  #threshold(): number {
    const threshold = this.#least + this.#random.uniform() * (this.#greatest - this.#least)
    return threshold < this.#greatest ? threshold : this.#least
  }

  /** Rows that go left first; returns where the others begin. */
  #part(feature: number, threshold: number, from: number, to: number): number {
    const [columns, order] = [this.#columns, this.#order]
    const column = feature * this.#sample
    let middle = from
    for (let i = from; i < to; i += 1) {
      const row = order[i]!
      if (columns[column + row]! > threshold) continue
      order[i] = order[middle]!
      order[middle] = row
      middle += 1
    }
    return middle
  }
}
