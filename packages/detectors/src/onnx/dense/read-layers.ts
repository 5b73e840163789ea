import { attribute, constantOf, nameOf } from '../attributes.ts'
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../graph.ts'
import { startOf } from './chain.ts'
import { activation, batchNormalization, gemm, matMul, scaler, withConstant } from './layers.ts'
import { Refusal } from './refusal.ts'
import { flattened, type Rows, reshaped, squeezed, transposed } from './rows.ts'
import { shapeResult } from './shapes.ts'

type Value = Rows | { readonly kind: 'constant'; readonly tensor: OnnxTensor }

/** Constant work that one graph may ask for: numbers of all results. */
const MOST_WORK = 50_000_000

/** What is known of the whole graph. */
interface Frame {
  /** It takes one row at a time. */
  readonly isSingle: boolean
  readonly outputs: ReadonlySet<string>
}

/** Every value of the graph that has rows, from the dimensions of one. @throws Refusal for a node that is not read @internal */
export function readLayers(graph: OnnxGraph, input: string, dims: readonly number[]): ReadonlyMap<string, Rows> {
  const isSingle = graph.inputs.some((each) => each.name === input && each.dims?.[0] === 1)
  const frame = { isSingle, outputs: new Set(graph.outputs.map(({ name }) => name)) }
  const values = new Map<string, Value>()
  for (const tensor of graph.initializers) values.set(tensor.name, { kind: 'constant', tensor })
  const size = dims.reduce((product, dim) => product * dim, 1)
  values.set(input, { kind: 'rows', dims, chain: startOf(size) })
  let work = 0
  for (const node of graph.nodes) {
    const result = resultOf(node, values, frame)
    work += result.kind === 'rows' ? 8 * result.chain.size : result.tensor.values.length
    if (work > MOST_WORK) throw new Refusal(`${nameOf(node)} is one of too many`)
    const [output] = node.outputs
    if (output) values.set(output, result)
  }
  const rows = new Map<string, Rows>()
  for (const [name, value] of values) if (value.kind === 'rows') rows.set(name, value)
  return rows
}

function resultOf(node: OnnxNode, values: ReadonlyMap<string, Value>, frame: Frame): Value {
  const refuse = (why: string): never => {
    throw new Refusal(`${nameOf(node)} ${why}`)
  }
  const isScaler = node.domain === 'ai.onnx.ml' && node.op === 'Scaler'
  if (node.domain !== '' && !isScaler) return refuse(`is of the domain ${node.domain}`)
  const constant = node.op === 'Constant' ? constantOf(node) : undefined
  if (constant) return { kind: 'constant', tensor: constant }
  const inputs = node.inputs.map((name) =>
    name === '' ? undefined : (values.get(name) ?? refuse(`takes '${name}', which nothing before it gives`))
  )
  const given = inputs.filter((value) => value !== undefined)
  if (given.length > 0 && given.every((value) => value.kind === 'constant')) {
    const tensor = shapeResult(
      node,
      given.map((value) => value.tensor)
    )
    return tensor ? { kind: 'constant', tensor } : refuse('works on constants')
  }
  const [first, second, third] = inputs
  if (first?.kind === 'rows')
    return (
      ofRows(
        node,
        first,
        second,
        inputs.map((value) => (value?.kind === 'constant' ? value.tensor : undefined)),
        third,
        frame
      ) ?? refuse('is not read natively')
    )
  if (first?.kind === 'constant' && second?.kind === 'rows')
    return withConstant(node, second, first.tensor, true) ?? refuse('is not read natively')
  return refuse('is not read natively')
}

/** Undefined where the operator is not known. */
function ofRows(
  node: OnnxNode,
  rows: Rows,
  second: Value | undefined,
  constants: readonly (OnnxTensor | undefined)[],
  third: Value | undefined,
  frame: Frame
): Value | undefined {
  const { op } = node
  if (second?.kind === 'rows' || third?.kind === 'rows')
    throw new Refusal(`${nameOf(node)} brings two values of rows together`)
  const [, by, more] = constants
  if (op === 'Identity') return rows
  if (op === 'Cast') return casted(node, rows)
  if (op === 'Dropout') return dropped(node, rows, more)
  if (op === 'Shape') return shapeOf(node, rows)
  if (op === 'Flatten') return flattened(node, rows)
  if (op === 'Reshape') {
    const shape = by?.values ?? attribute(node, 'shape', 'ints') ?? []
    return isOneBelowAnother(node, shape, frame) ? rows : reshaped(node, rows, shape, frame.isSingle)
  }
  if (op === 'Scaler') return scaler(node, rows)
  if (op === 'Squeeze' || op === 'Unsqueeze')
    return squeezed(node, rows, by?.values ?? attribute(node, 'axes', 'ints') ?? [])
  if (op === 'Transpose') return transposed(node, rows)
  if (op === 'BatchNormalization') return batchNormalization(node, rows, constants.slice(1))
  if (op === 'Gemm' && by) return gemm(node, rows, by, more)
  if (op === 'MatMul' && by) return matMul(node, rows, by)
  if (by) return withConstant(node, rows, by, false)
  return activation(node, rows)
}

/** skl2onnx gives out the numbers of all rows as one column; they are in the order of the rows. */
function isOneBelowAnother(node: OnnxNode, shape: ArrayLike<number>, { outputs }: Frame): boolean {
  return outputs.has(node.outputs[0]!) && Array.from(shape).join() === '-1,1'
}

function casted(node: OnnxNode, rows: Rows): Rows {
  const to = attribute(node, 'to', 'int')
  if (to !== 1 && to !== 11) throw new Refusal(`${nameOf(node)} takes the rows as other than float or double`)
  return rows
}

/** Nothing is dropped outside of training. */
function dropped(node: OnnxNode, rows: Rows, mode: OnnxTensor | undefined): Rows {
  if (mode && mode.values[0] !== 0) throw new Refusal(`${nameOf(node)} is in training`)
  return rows
}

function shapeOf(node: OnnxNode, { dims }: Rows): Value {
  const all = [-1].concat(dims)
  const values = all.slice(attribute(node, 'start', 'int') ?? 0, attribute(node, 'end', 'int') ?? all.length)
  return { kind: 'constant', tensor: { name: node.outputs[0] ?? '', element: 'int64', dims: [values.length], values } }
}
