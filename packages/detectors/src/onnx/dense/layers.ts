import type { Activation } from '../../network/activation.ts'
import { attribute, nameOf, numbers } from '../attributes.ts'
import type { OnnxNode, OnnxTensor } from '../graph.ts'
import { activated, dense } from './chain.ts'
import { Refusal } from './refusal.ts'
import { type Rows, scaled, spread } from './rows.ts'

const ACTIVATIONS: Readonly<Record<string, readonly [Activation, number?]>> = {
  Relu: ['relu'],
  Tanh: ['tanh'],
  Sigmoid: ['sigmoid'],
  LeakyRelu: ['leaky-relu', 0.01],
  Elu: ['elu', 1]
}

/** Undefined where the operator is no activation. @internal */
export function activation(node: OnnxNode, { dims, chain }: Rows): Rows | undefined {
  if (!Object.hasOwn(ACTIVATIONS, node.op)) return undefined
  const [kind, alpha] = ACTIVATIONS[node.op]!
  const factor = alpha === undefined ? undefined : (attribute(node, 'alpha', 'float') ?? alpha)
  return { kind: 'rows', dims, chain: activated(chain, kind, factor) }
}

/** `alpha x row x B + beta x C`. @internal */
export function gemm(node: OnnxNode, rows: Rows, b: OnnxTensor, c: OnnxTensor | undefined): Rows {
  if (attribute(node, 'transA', 'int')) throw new Refusal(`${nameOf(node)} turns its rows`)
  const isTurned = attribute(node, 'transB', 'int') === 1
  const weights = weightsOf(node, rows, b, isTurned, attribute(node, 'alpha', 'float') ?? 1)
  const outputs = weights.length / rows.chain.size
  const beta = attribute(node, 'beta', 'float') ?? 1
  const bias = c
    ? spread(node, { kind: 'rows', dims: [outputs], chain: rows.chain }, c).map((x) => beta * x)
    : new Float64Array(outputs)
  return { kind: 'rows', dims: [outputs], chain: dense(rows.chain, weights, bias) }
}

/** @internal */
export function matMul(node: OnnxNode, rows: Rows, b: OnnxTensor): Rows {
  const weights = weightsOf(node, rows, b, false, 1)
  const outputs = weights.length / rows.chain.size
  return { kind: 'rows', dims: [outputs], chain: dense(rows.chain, weights, new Float64Array(outputs)) }
}

/** One row an output. */
function weightsOf(
  node: OnnxNode,
  { dims, chain }: Rows,
  { dims: own, values }: OnnxTensor,
  isTurned: boolean,
  alpha: number
): Float64Array {
  const [rows, columns] = isTurned ? [own[1], own[0]] : [own[0], own[1]]
  if (dims.length !== 1)
    throw new Refusal(`${nameOf(node)} works on each scan of a window by itself (rows of ${dims.join(' x ')})`)
  if (own.length !== 2 || rows !== chain.size || !columns)
    throw new Refusal(`${nameOf(node)} has weights of ${own.join(' x ')} for rows of ${chain.size}`)
  const weights = new Float64Array(values.length)
  for (let o = 0; o < columns; o += 1)
    for (let i = 0; i < rows; i += 1) weights[o * rows + i] = alpha * values[isTurned ? o * rows + i : i * columns + o]!
  return weights
}

/** Sums, differences, products and quotients with a constant; undefined where the operator is none of these. @internal */
export function withConstant(node: OnnxNode, rows: Rows, by: OnnxTensor, isFirst: boolean): Rows | undefined {
  const { op } = node
  if (op !== 'Add' && op !== 'Sub' && op !== 'Mul' && op !== 'Div') return undefined
  const parts = spread(node, rows, by)
  const none = new Float64Array(parts.length)
  if (op === 'Add')
    return scaled(
      rows,
      none.map(() => 1),
      parts
    )
  if (op === 'Sub')
    return isFirst
      ? scaled(
          rows,
          none.map(() => -1),
          parts
        )
      : scaled(
          rows,
          none.map(() => 1),
          parts.map((x) => -x)
        )
  if (op === 'Mul') return scaled(rows, parts, none)
  if (isFirst) throw new Refusal(`${nameOf(node)} divides by the rows`)
  return scaled(
    rows,
    parts.map((x) => 1 / x),
    none
  )
}

/** `Scaler` of `ai.onnx.ml`: (x - offset) x scale. @internal */
export function scaler(node: OnnxNode, rows: Rows): Rows {
  const tensorOf = (name: string, otherwise: number): OnnxTensor => {
    const values = numbers(node, name) ?? [otherwise]
    return { name, element: 'float', dims: [values.length], values }
  }
  const offset = spread(node, rows, tensorOf('offset', 0))
  const scale = spread(node, rows, tensorOf('scale', 1))
  return scaled(
    rows,
    scale,
    offset.map((x, c) => -x * scale[c]!)
  )
}

/** With the mean and variance of training, along axis 1. @internal */
export function batchNormalization(node: OnnxNode, rows: Rows, parts: readonly (OnnxTensor | undefined)[]): Rows {
  const [scale, bias, mean, variance] = parts.map((tensor) => tensor?.values)
  const channels = rows.dims[0]!
  if (attribute(node, 'training_mode', 'int')) throw new Refusal(`${nameOf(node)} is in training`)
  for (const values of [scale, bias, mean, variance])
    if (values?.length !== channels) throw new Refusal(`${nameOf(node)} is not for rows of ${rows.dims.join(' x ')}`)
  const epsilon = attribute(node, 'epsilon', 'float') ?? 1e-5
  const each = rows.chain.size / channels
  const factor = new Float64Array(rows.chain.size)
  const shift = new Float64Array(rows.chain.size)
  for (let i = 0; i < factor.length; i += 1) {
    const c = Math.floor(i / each)
    factor[i] = scale![c]! / Math.sqrt(variance![c]! + epsilon)
    shift[i] = bias![c]! - mean![c]! * factor[i]!
  }
  return scaled(rows, factor, shift)
}
