import { attribute, constantOf, nameOf } from '../attributes.ts'
import type { OnnxGraph, OnnxNode } from '../graph.ts'
import { bounded, castColumns, clip, concat, gather, scaler, unknown, withConstant } from './front.ts'
import type { Column, Columns, Meaning } from './meaning.ts'
import { binary, cast, labels, nary, reduceSum, unary, where } from './operations.ts'
import type { Step } from './steps.ts'
import { SumArithmetic } from './sum.ts'
import { type Tree, treeEnsemble } from './tree-ensemble.ts'

/** A tree, and what its columns are made of. @internal */
export interface PlacedTree {
  readonly tree: Tree
  readonly columns: readonly Column[]
  readonly node: OnnxNode
}

/** Values of a graph by name, and all trees in it. @internal */
export interface Evaluation {
  readonly values: ReadonlyMap<string, Meaning>
  readonly trees: readonly PlacedTree[]
  readonly arithmetic: SumArithmetic
}

/** What the graph works out, for any row: node by node, without one. @internal */
export function evaluate(graph: OnnxGraph, widths: readonly number[], name: string): Evaluation {
  const values = new Map<string, Meaning>()
  const trees: PlacedTree[] = []
  const arithmetic = new SumArithmetic(name)
  for (const tensor of graph.initializers) values.set(tensor.name, { kind: 'constant', tensor })
  let first = 0
  graph.inputs.forEach((input, k) => {
    const columns = Array.from({ length: widths[k]! }, (_, c) => ({ channel: first + c, steps: [], isDouble: false }))
    values.set(input.name, { kind: 'columns', columns })
    first += widths[k]!
  })
  for (const node of graph.nodes) {
    const result = resultOf(node, values, trees, arithmetic)
    if (result.kind === 'columns') arithmetic.spend(16 * result.columns.length)
    for (const [k, output] of node.outputs.entries())
      if (output !== '') values.set(output, k === 0 ? result : unknown(node, 'has a second output'))
  }
  return { values, trees, arithmetic }
}

function resultOf(
  node: OnnxNode,
  values: ReadonlyMap<string, Meaning>,
  trees: PlacedTree[],
  arithmetic: SumArithmetic
): Meaning {
  const tensor = node.op === 'Constant' ? constantOf(node) : undefined
  if (tensor) return { kind: 'constant', tensor }
  const inputs: Meaning[] = []
  for (const input of node.inputs) {
    const value =
      values.get(input) ??
      unknown(node, input === '' ? 'lacks an input' : `takes '${input}', which nothing before it gives`)
    if (value.kind === 'unknown' && input !== '') return value
    inputs.push(value)
  }
  const [first, second] = inputs
  if (first === undefined) return unknown(node, 'has no input')
  if (node.domain !== '' && node.domain !== 'ai.onnx.ml') return unknown(node, `is of the domain ${node.domain}`)
  if (node.op === 'TreeEnsembleRegressor') return placeTrees(node, first, trees)
  if (first.kind === 'constant' && second?.kind === 'columns' && (node.op === 'Add' || node.op === 'Mul'))
    return front(node, second, [second, first])
  if (first.kind === 'columns' && second?.kind !== 'columns') return front(node, first, inputs)
  if (node.op === 'Concat' || node.op === 'FeatureVectorizer') return concat(node, inputs)
  return after(node, inputs, arithmetic)
}

const STEPS: Readonly<Record<string, Step['op']>> = {
  Add: 'add',
  Sub: 'subtract',
  Mul: 'multiply',
  Div: 'divide',
  Max: 'at-least',
  Min: 'at-most'
}

/** A node of one value of columns and constants. */
function front(node: OnnxNode, value: Columns, inputs: readonly Meaning[]): Meaning {
  const { op } = node
  const [, second, third] = inputs
  const constant = second?.kind === 'constant' ? second.tensor : undefined
  if (op === 'Identity') return value
  if (op === 'Cast') return castColumns(node, value)
  if (op === 'Scaler')
    return value.columns.some(({ isDouble }) => isDouble) ? unknown(node, 'takes double') : scaler(node, value)
  if (op === 'Concat' || op === 'FeatureVectorizer') return concat(node, inputs)
  if (op === 'Clip') return clip(node, value, second, third)
  if (constant === undefined || third !== undefined) return unknown(node, 'is not read before trees')
  if (op === 'Gather' || op === 'ArrayFeatureExtractor') return gather(node, value, constant)
  if (op === 'Less' || op === 'Greater') return { kind: 'beyond', isBelow: op === 'Less', of: value, by: constant }
  const step = Object.hasOwn(STEPS, op) ? STEPS[op] : undefined
  return step ? withConstant(node, step, value, constant) : unknown(node, 'is not read before trees')
}

function placeTrees(node: OnnxNode, input: Meaning, trees: PlacedTree[]): Meaning {
  if (input.kind !== 'columns') return unknown(node, 'takes something else than channels')
  if (input.columns.some(({ isDouble }) => isDouble)) return unknown(node, 'takes double')
  const ensemble = treeEnsemble(node)
  const first = trees.length
  for (const tree of ensemble.trees) {
    const most = tree.columns.reduce((largest, column) => Math.max(largest, column), -1)
    if (most >= input.columns.length) return unknown(node, `splits column ${most} of ${input.columns.length}`)
    trees.push({ tree, columns: input.columns, node })
  }
  const scale = ensemble.isMean ? 1 / ensemble.trees.length : 1
  const sums = Array.from({ length: ensemble.targets }, (_, target) => ({
    scale,
    constant: 0,
    tables: new Map(ensemble.trees.map((tree, t) => [first + t, tree.weights[target]!]))
  }))
  return { kind: 'sums', sums, isFlat: false }
}

/** A node behind the trees. */
function after(node: OnnxNode, inputs: readonly Meaning[], arithmetic: SumArithmetic): Meaning {
  const [a, b, c] = inputs
  const { op } = node
  if (op === 'Identity') return a!
  if (op === 'Cast') return cast(node, a!, arithmetic)
  if (op === 'LabelEncoder') return labels(node, a!, arithmetic)
  if (op === 'Reshape' || op === 'Squeeze' || op === 'Unsqueeze') return reshaped(node, a!, b)
  if (op === 'ReduceSum') return reduceSum(node, a!, b, arithmetic)
  if (op === 'Sum' || op === 'Max' || op === 'Min') return nary(node, inputs, arithmetic)
  if (op === 'Where' && b && c) return a!.kind === 'beyond' ? bounded(node, a!, b, c) : where(node, a!, b, c)
  if (inputs.length === 1) return unary(node, a!, arithmetic)
  if (inputs.length === 2) return binary(node, a!, b!, arithmetic)
  return unknown(node, `is not read behind trees`)
}

/** [N, 1] to itself or [N], and back. */
function reshaped(node: OnnxNode, value: Meaning, shape: Meaning | undefined): Meaning {
  if (value.kind === 'power') return value
  const given =
    shape?.kind === 'constant'
      ? shape.tensor.values
      : (attribute(node, node.op === 'Reshape' ? 'shape' : 'axes', 'ints') ?? [])
  if (value.kind !== 'sums' || value.sums.length !== 1) return unknown(node, `does not keep the rows apart`)
  const shapeOf = Array.from(given).join()
  const toColumn =
    node.op === 'Reshape' ? shapeOf === '-1,1' : node.op === 'Unsqueeze' && (shapeOf === '1' || shapeOf === '-1')
  const toFlat =
    node.op === 'Reshape' ? shapeOf === '-1' : node.op === 'Squeeze' && (shapeOf === '1' || shapeOf === '-1')
  if (!toColumn && !toFlat) return unknown(node, `makes a value of the shape ${shapeOf}`)
  if (node.op !== 'Reshape' && value.isFlat === toFlat) return unknown(node, `makes a value of the shape ${shapeOf}`)
  return { kind: 'sums', sums: value.sums, isFlat: toFlat }
}

/** @internal */
export function whyUnknown(values: ReadonlyMap<string, Meaning>, graph: OnnxGraph): string {
  for (const { name } of graph.outputs) {
    const value = values.get(name)
    if (value?.kind === 'unknown') return value.why
  }
  const last = graph.nodes.at(-1)
  return last ? `${nameOf(last)} gives no score of an isolation forest` : 'it has no nodes'
}
