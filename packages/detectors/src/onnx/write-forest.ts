import { averagePathLength } from '../isolation-forest/average-path-length.ts'
import { float32Below } from '../isolation-forest/float32-below.ts'
import { depthOf, type Forest } from '../isolation-forest/forest.ts'
import type { OnnxAttribute } from './graph.ts'
import type { GraphBuilder } from './graph-builder.ts'
import type { GraphRows } from './graph-rows.ts'

/** Whole numbers up to here are exact in float32. */
const EXACT = 16_777_216

/**
 * The score of an isolation forest: trees, then 2 to the power of -(mean path length / typical one), [N, 1] as double.
 *
 * Runtimes add up the leaves of the trees as float32, in an order of their own. So each path length is given in two parts: a multiple of
 * a power of two so large that all sums of these are exact, and the small rest.
 *
 * @internal
 */
export function writeForest(graph: GraphBuilder, rows: GraphRows, forest: Forest): string {
  const parts = graph.mlNode('TreeEnsembleRegressor', [rows.float()], ...treeAttributes(forest))
  const sum = graph.rowSum(graph.toDouble(parts))
  const factor = -Math.LN2 / (forest.trees * averagePathLength(forest.sample))
  return graph.node('Exp', [graph.node('Mul', [sum, graph.doubles('factor', [], [factor])])])
}

/** Node by node in the order of the forest; a leaf has two targets, the parts of its path length. */
function treeAttributes(forest: Forest): OnnxAttribute[] {
  const lists = new TreeLists(forest)
  const { size, leaves } = lists
  return [
    { name: 'aggregate_function', kind: 'string', value: 'SUM' },
    { name: 'n_targets', kind: 'int', value: 2 },
    { name: 'nodes_falsenodeids', kind: 'ints', value: lists.right },
    { name: 'nodes_featureids', kind: 'ints', value: lists.features },
    { name: 'nodes_modes', kind: 'strings', value: lists.modes },
    { name: 'nodes_nodeids', kind: 'ints', value: lists.ids },
    { name: 'nodes_treeids', kind: 'ints', value: lists.trees },
    { name: 'nodes_truenodeids', kind: 'ints', value: lists.left },
    { name: 'nodes_values', kind: 'floats', value: lists.thresholds.subarray(0, size) },
    { name: 'post_transform', kind: 'string', value: 'NONE' },
    { name: 'target_ids', kind: 'ints', value: lists.targetIds.subarray(0, 2 * leaves) },
    { name: 'target_nodeids', kind: 'ints', value: lists.targetNodes.subarray(0, 2 * leaves) },
    { name: 'target_treeids', kind: 'ints', value: lists.targetTrees.subarray(0, 2 * leaves) },
    { name: 'target_weights', kind: 'floats', value: lists.weights.subarray(0, 2 * leaves) }
  ]
}

class TreeLists {
  readonly size: number
  readonly ids: Int32Array
  readonly trees: Int32Array
  readonly features: Int32Array
  readonly thresholds: Float32Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly modes: string[]
  readonly targetIds: Int32Array
  readonly targetNodes: Int32Array
  readonly targetTrees: Int32Array
  readonly weights: Float32Array
  leaves = 0
  readonly #forest: Forest
  /** What the larger parts are multiples of. */
  readonly #step: number
  #at = 0
  #split = 0

  constructor(forest: Forest) {
    const size = forest.nodes.length
    this.size = size
    this.ids = new Int32Array(size)
    this.trees = new Int32Array(size)
    this.features = new Int32Array(size)
    this.thresholds = new Float32Array(size)
    this.left = new Int32Array(size)
    this.right = new Int32Array(size)
    this.modes = Array<string>(size).fill('LEAF')
    this.targetIds = new Int32Array(2 * size)
    this.targetNodes = new Int32Array(2 * size)
    this.targetTrees = new Int32Array(2 * size)
    this.weights = new Float32Array(2 * size)
    this.#forest = forest
    this.#step = stepOf(forest)
    for (let tree = 0; tree < forest.trees; tree += 1) this.#place(tree, this.#at, 0)
  }

  #place(tree: number, first: number, depth: number): void {
    const at = this.#at
    const code = this.#forest.nodes[at]!
    this.#at += 1
    this.trees[at] = tree
    this.ids[at] = at - first
    if (code < 0) return this.#leaf(at, depth + averagePathLength(-code))
    this.features[at] = code
    this.modes[at] = 'BRANCH_LEQ'
    this.thresholds[at] = float32Below(this.#forest.thresholds[this.#split]!)
    this.#split += 1
    this.left[at] = this.#at - first
    this.#place(tree, first, depth + 1)
    this.right[at] = this.#at - first
    this.#place(tree, first, depth + 1)
  }

  #leaf(at: number, length: number): void {
    const whole = Math.round(length / this.#step) * this.#step
    for (let target = 0; target < 2; target += 1) {
      const to = 2 * this.leaves + target
      this.targetIds[to] = target
      this.targetNodes[to] = this.ids[at]!
      this.targetTrees[to] = this.trees[at]!
      this.weights[to] = target === 0 ? whole : length - whole
    }
    this.leaves += 1
  }
}

/** The least power of two of which the sum of all paths is at most EXACT multiples. */
function stepOf({ trees, sample }: Forest): number {
  const most = trees * (depthOf(sample) + averagePathLength(sample) + 1)
  let step = 1
  while (most / step > EXACT) step *= 2
  while ((2 * most) / step <= EXACT) step /= 2
  return step
}
