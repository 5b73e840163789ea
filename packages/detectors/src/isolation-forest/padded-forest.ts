import { averagePathLength } from './average-path-length.ts'
import { depthOf, type Forest } from './forest.ts'

/**
 * The trees with all leaves at one depth, so that a walk has no end to look for: node k of a tree has the children 2k and 2k + 1, the
 * root is 1, entry 0 is unused. A shorter branch goes on to the left behind infinite thresholds.
 *
 * @internal
 */
export class PaddedForest {
  readonly trees: number
  readonly width: number
  readonly depth: number
  /** Entries a tree. */
  readonly size: number
  readonly features: Int32Array
  readonly thresholds: Float64Array
  /** Edges to the leaf and what its rows would add. */
  readonly lengths: Float64Array
  /** Mean path length of a sample: what the length of a path is measured by. */
  readonly typical: number
  readonly #forest: Forest
  #expected: Float64Array | undefined

  constructor(forest: Forest) {
    this.#forest = forest
    this.trees = forest.trees
    this.width = forest.width
    this.depth = depthOf(forest.sample)
    this.size = 1 << this.depth
    this.features = new Int32Array(this.trees * this.size)
    this.thresholds = new Float64Array(this.trees * this.size).fill(Number.POSITIVE_INFINITY)
    this.lengths = new Float64Array(this.trees * this.size)
    this.typical = averagePathLength(forest.sample)
    this.#unpack()
  }

  /**
   * Path length that a node expects of its rows from there on, children of the last splits included: `[tree * 2 size + node]`.
   * The gain of a split is what it shortens: expected[node] - 1 - expected[child].
   */
  get expected(): Float64Array {
    if (this.#expected) return this.#expected
    const expected = new Float64Array(2 * this.trees * this.size)
    const { nodes } = this.#forest
    let at = 0
    const rowsIn = (base: number, node: number): number => {
      const code = nodes[at]!
      at += 1
      const rows = code < 0 ? -code : rowsIn(base, 2 * node) + rowsIn(base, 2 * node + 1)
      expected[base + node] = averagePathLength(rows)
      return rows
    }
    for (let tree = 0; tree < this.trees; tree += 1) rowsIn(2 * tree * this.size, 1)
    this.#expected = expected
    return expected
  }

  #unpack(): void {
    const { nodes, thresholds } = this.#forest
    let at = 0
    let split = 0
    const place = (base: number, node: number, depth: number): void => {
      const code = nodes[at]!
      at += 1
      if (code < 0) {
        const below = this.depth - depth
        const first = base + (node << below) - this.size
        this.lengths.fill(depth + averagePathLength(-code), first, first + (1 << below))
        return
      }
      this.features[base + node] = code
      this.thresholds[base + node] = thresholds[split]!
      split += 1
      place(base, 2 * node, depth + 1)
      place(base, 2 * node + 1, depth + 1)
    }
    for (let tree = 0; tree < this.trees; tree += 1) place(tree * this.size, 1, 0)
  }
}
