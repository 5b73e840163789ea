import { ModelError } from '@messwerk/core/model'
import { attribute, isKnown, nameOf, numbers } from '../attributes.ts'
import type { OnnxNode } from '../graph.ts'
import { MOST_COLUMNS } from './front.ts'
import { nextBelow } from './steps.ts'

/** A tree of an ensemble, its nodes in the order of the file, the root first. @internal */
export interface Tree {
  /** Column of the input that a node splits; -1 = a leaf. */
  readonly columns: Int32Array
  /** A float32 up to this goes to `low`, others to `high`. */
  readonly thresholds: Float64Array
  readonly low: Int32Array
  readonly high: Int32Array
  /** Which leaf of the tree a node is; -1 = a split. */
  readonly leaves: Int32Array
  readonly leafCount: number
  /** What the leaves add to each output: `weights[target][leaf]`. */
  readonly weights: readonly Float64Array[]
}

/** @internal */
export interface TreeEnsemble {
  readonly trees: readonly Tree[]
  readonly targets: number
  /** Each output is the mean over the trees rather than the sum. */
  readonly isMean: boolean
}

/** A weight for each leaf and output at most. */
const MOST_TARGETS = 16

const LISTS = ['nodes_treeids', 'nodes_nodeids', 'nodes_featureids', 'nodes_truenodeids', 'nodes_falsenodeids'] as const

/** Attributes of a node of trees, all of one length. */
interface Lists {
  readonly what: string
  readonly trees: ArrayLike<number>
  readonly ids: ArrayLike<number>
  readonly columns: ArrayLike<number>
  readonly yes: ArrayLike<number>
  readonly no: ArrayLike<number>
  readonly values: ArrayLike<number>
  readonly modes: readonly string[]
}

/**
 * The trees of a `TreeEnsembleRegressor`: each checked to be a tree.
 *
 * @throws ModelError 'unsupported' for what is not read natively, 'malformed' for what is no tree
 *
 * @internal
 */
export function treeEnsemble(node: OnnxNode): TreeEnsemble {
  const lists = listsOf(node)
  const targets = attribute(node, 'n_targets', 'int') ?? 1
  const aggregate = attribute(node, 'aggregate_function', 'string') ?? 'SUM'
  const refuse = (why: string): never => unsupported(lists.what, why)
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE') refuse(`it takes the ${aggregate} of its trees`)
  if ((attribute(node, 'post_transform', 'string') ?? 'NONE') !== 'NONE') refuse('it transforms its output')
  if (numbers(node, 'base_values', 'base_values_as_tensor')?.length) refuse('it has base values')
  if (!(targets >= 1 && targets <= MOST_TARGETS)) refuse(`it has ${targets} outputs`)
  const leaves = leafWeights(node, lists, targets)
  const trees: Tree[] = []
  for (let from = 0; from < lists.ids.length; ) {
    let to = from + 1
    while (to < lists.ids.length && lists.trees[to] === lists.trees[from]) to += 1
    trees.push(treeOf(lists, from, to, leaves))
    from = to
  }
  if (trees.length === 0) refuse('it has no tree')
  if (trees.reduce((sum, tree) => sum + tree.leafCount, 0) !== leaves.size) refuse('it has weights of what is no leaf')
  return { trees, targets, isMean: aggregate === 'AVERAGE' }
}

function listsOf(node: OnnxNode): Lists {
  const what = nameOf(node)
  const known = [...LISTS, 'nodes_values', 'nodes_values_as_tensor', 'nodes_modes', 'nodes_missing_value_tracks_true']
  known.push('nodes_hitrates', 'nodes_hitrates_as_tensor', 'n_targets', 'aggregate_function', 'post_transform')
  known.push('base_values', 'base_values_as_tensor', 'target_ids', 'target_nodeids', 'target_treeids')
  if (!isKnown(node, ...known, 'target_weights', 'target_weights_as_tensor'))
    unsupported(what, 'it has attributes that are not known here')
  const [trees, ids, columns, yes, no] = LISTS.map((name) => attribute(node, name, 'ints') ?? [])
  const values = numbers(node, 'nodes_values', 'nodes_values_as_tensor') ?? []
  const modes = attribute(node, 'nodes_modes', 'strings') ?? []
  for (const list of [trees!, columns!, yes!, no!, values, modes])
    if (list.length !== ids!.length) malformed(what, `its lists are of ${ids!.length} and ${list.length} nodes`)
  return { what, trees: trees!, ids: ids!, columns: columns!, yes: yes!, no: no!, values, modes }
}

/** By tree and node, as one text: the weight for each output. */
type Weights = ReadonlyMap<string, Float64Array>

function leafWeights(node: OnnxNode, { what }: Lists, targets: number): Weights {
  const [trees, nodes, ids] = ['target_treeids', 'target_nodeids', 'target_ids'].map(
    (name) => attribute(node, name, 'ints') ?? []
  )
  const values = numbers(node, 'target_weights', 'target_weights_as_tensor') ?? []
  for (const list of [trees!, nodes!, values])
    if (list.length !== ids!.length) malformed(what, `its lists of targets are of ${ids!.length} and ${list.length}`)
  const weights = new Map<string, Float64Array>()
  for (let k = 0; k < values.length; k += 1) {
    const target = ids![k]!
    if (!(target >= 0 && target < targets)) malformed(what, `it has a target ${target} of ${targets}`)
    const key = `${trees![k]} ${nodes![k]}`
    const leaf = weights.get(key) ?? new Float64Array(targets).fill(Number.NaN)
    if (!Number.isNaN(leaf[target]!)) unsupported(what, `a leaf has two weights for output ${target}`)
    leaf[target] = values[k]!
    weights.set(key, leaf)
  }
  return weights
}

function treeOf(lists: Lists, from: number, to: number, weights: Weights): Tree {
  const size = to - from
  const places = new Map<number, number>()
  for (let k = from; k < to; k += 1) places.set(lists.ids[k]!, k - from)
  if (places.size !== size) malformed(lists.what, `tree ${lists.trees[from]} names a node twice`)
  const tree = {
    columns: new Int32Array(size).fill(-1),
    thresholds: new Float64Array(size),
    low: new Int32Array(size),
    high: new Int32Array(size),
    leaves: new Int32Array(size).fill(-1)
  }
  const found: Float64Array[] = []
  for (let k = 0; k < size; k += 1) {
    if (lists.modes[from + k] !== 'LEAF') split(lists, from + k, k, places, tree)
    else tree.leaves[k] = found.push(leafOf(lists, from + k, weights)) - 1
  }
  checkShape(lists, from, tree)
  const targets = found[0]?.length ?? 0
  const columns = Array.from({ length: targets }, (_, t) => Float64Array.from(found, (leaf) => leaf[t]!))
  return Object.assign(tree, { leafCount: found.length, weights: columns })
}

function leafOf({ what, trees, ids }: Lists, k: number, weights: Weights): Float64Array {
  const leaf = weights.get(`${trees[k]} ${ids[k]}`)
  if (leaf === undefined) return unsupported(what, `leaf ${ids[k]} of tree ${trees[k]} has no weight`)
  if (!leaf.every(Number.isFinite)) return unsupported(what, `leaf ${ids[k]} of tree ${trees[k]} lacks a finite weight`)
  return leaf
}

type Splits = Pick<Tree, 'columns' | 'thresholds' | 'low' | 'high'>

/** All ways to compare as "up to": below a threshold is up to the float32 before it, above is the other way round. */
function split(lists: Lists, at: number, k: number, places: ReadonlyMap<number, number>, tree: Splits): void {
  const { what, modes, trees, ids } = lists
  const mode = modes[at]
  const column = lists.columns[at]!
  const threshold = Math.fround(lists.values[at]!)
  if (mode !== 'BRANCH_LEQ' && mode !== 'BRANCH_LT' && mode !== 'BRANCH_GT' && mode !== 'BRANCH_GTE')
    unsupported(what, `a node compares by ${mode}`)
  if (!Number.isFinite(lists.values[at]!) || !Number.isFinite(threshold))
    unsupported(what, `a threshold is ${lists.values[at]}`)
  if (!(column >= 0 && column < MOST_COLUMNS)) malformed(what, `a node splits column ${column}`)
  const [yes, no] = [places.get(lists.yes[at]!), places.get(lists.no[at]!)]
  if (yes === undefined || no === undefined)
    return malformed(what, `node ${ids[at]} of tree ${trees[at]} has a child that is not there`)
  const isUpTo = mode === 'BRANCH_LEQ' || mode === 'BRANCH_GT'
  const isBelow = mode === 'BRANCH_LEQ' || mode === 'BRANCH_LT'
  tree.columns[k] = column
  tree.thresholds[k] = isUpTo ? threshold : nextBelow(threshold)
  tree.low[k] = isBelow ? yes : no
  tree.high[k] = isBelow ? no : yes
}

/** One parent for each node but the first: with as many nodes as a walk from there meets, no cycle is left. */
function checkShape({ what, trees }: Lists, from: number, { columns, low, high }: Splits): void {
  const isSeen = new Uint8Array(columns.length)
  const open = [0]
  let seen = 0
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isSeen[node]) malformed(what, `tree ${trees[from]} leads to a node twice`)
    isSeen[node] = 1
    seen += 1
    if (columns[node]! >= 0) open.push(low[node]!, high[node]!)
  }
  if (seen < columns.length) unsupported(what, `tree ${trees[from]} has nodes that its first does not lead to`)
}

function unsupported(what: string, why: string): never {
  throw new ModelError(
    'unsupported',
    `readForest: ${what} is not read natively: ${why}; run the model with onnxDetector`
  )
}

function malformed(what: string, why: string): never {
  throw new ModelError('malformed', `readForest: ${what} is damaged: ${why}`)
}
