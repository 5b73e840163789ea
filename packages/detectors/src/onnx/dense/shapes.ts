import { attribute, nameOf } from '../attributes.ts'
import type { OnnxNode, OnnxTensor } from '../graph.ts'
import { Refusal } from './refusal.ts'

/** Longer lists are no shapes. */
const LONGEST = 64

/**
 * What exporters do with shapes before a `Reshape`: whole numbers, of which -1 stands for the number of rows.
 *
 * @returns undefined where the node is of another kind
 *
 * @internal
 */
export function shapeResult(node: OnnxNode, inputs: readonly OnnxTensor[]): OnnxTensor | undefined {
  const [first, second] = inputs
  if (first === undefined || inputs.some((tensor) => tensor.values.length > LONGEST || tensor.strings)) return undefined
  const numbers = Array.from(first.values)
  const list = (values: readonly number[], rank = 1): OnnxTensor => ({
    name: node.outputs[0] ?? '',
    element: first.element,
    dims: rank === 0 ? [] : [values.length],
    values
  })
  if (node.op === 'Identity' || node.op === 'Cast') return list(numbers, first.dims.length)
  if (node.op === 'Unsqueeze' && first.dims.length === 0) return list(numbers)
  if (node.op === 'Squeeze' && numbers.length === 1) return list(numbers, 0)
  if (first.dims.length !== 1 && node.op !== 'Concat') return undefined
  if (node.op === 'Gather' && second) return list(chosen(node, numbers, second), second.dims.length)
  if (node.op === 'Slice') return list(sliced(node, numbers, inputs))
  if (node.op === 'Concat') return list(inputs.flatMap(({ values }) => Array.from(values)))
  return undefined
}

function chosen(node: OnnxNode, numbers: readonly number[], { values, dims }: OnnxTensor): number[] {
  if (dims.length > 1 || (attribute(node, 'axis', 'int') ?? 0) !== 0)
    throw new Refusal(`${nameOf(node)} is no choice from a shape`)
  return Array.from(values, (at) => numbers.at(at) ?? refuseAt(node, at))
}

function refuseAt(node: OnnxNode, at: number): never {
  throw new Refusal(`${nameOf(node)} takes dimension ${at} of fewer`)
}

function sliced(
  node: OnnxNode,
  numbers: readonly number[],
  [, starts, ends, , steps]: readonly OnnxTensor[]
): number[] {
  const start = starts?.values[0] ?? attribute(node, 'starts', 'ints')?.[0]
  const end = ends?.values[0] ?? attribute(node, 'ends', 'ints')?.[0]
  if (start === undefined || end === undefined || (steps?.values[0] ?? 1) !== 1)
    throw new Refusal(`${nameOf(node)} is no slice of a shape`)
  return numbers.slice(start, end)
}
