// Field numbers are those of onnx.proto (ONNX 1.17); lists of numbers are packed, which every reader of protobuf takes.
import {
  ELEMENTS,
  type OnnxAttribute,
  type OnnxElement,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo
} from './graph.ts'
import { ProtoWriter } from './wire/proto-writer.ts'

const codes = new Map(Object.entries(ELEMENTS).map(([code, element]) => [element, Number(code)]))
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const

/**
 * The bytes of an ONNX file: `ModelProto` with all weights inside. The same model gives the same bytes.
 *
 * Tensors of element float, double and int64 are written as raw data; others are refused, as nothing here writes them.
 *
 * @throws RangeError for a tensor of another element, and an attribute of kind 'other'
 *
 * @internal
 */
export function writeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const to = new ProtoWriter()
  to.int(1, model.irVersion)
  to.text(2, model.producer)
  to.text(3, model.producerVersion)
  to.message(7, () => writeGraph(to, model.graph))
  for (const [domain, version] of model.opsets)
    to.message(8, () => {
      to.text(1, domain)
      to.int(2, version)
    })
  for (const [key, value] of model.metadata)
    to.message(14, () => {
      to.text(1, key)
      to.text(2, value)
    })
  return to.finish()
}

function writeGraph(to: ProtoWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) to.message(1, () => writeNode(to, node))
  to.text(2, graph.name)
  for (const tensor of graph.initializers) to.message(5, () => writeTensor(to, tensor))
  for (const input of graph.inputs) to.message(11, () => writeValueInfo(to, input))
  for (const output of graph.outputs) to.message(12, () => writeValueInfo(to, output))
}

function writeNode(to: ProtoWriter, node: OnnxNode): void {
  for (const input of node.inputs) to.text(1, input)
  for (const output of node.outputs) to.text(2, output)
  to.text(3, node.name)
  to.text(4, node.op)
  for (const attribute of node.attributes) to.message(5, () => writeAttribute(to, attribute))
  if (node.domain !== '') to.text(7, node.domain)
}

function writeAttribute(to: ProtoWriter, attribute: OnnxAttribute): void {
  if (attribute.kind === 'other')
    throw new RangeError(`writeModel: attribute '${attribute.name}' must be of a known kind`)
  to.text(1, attribute.name)
  if (attribute.kind === 'float') to.float(2, attribute.value)
  else if (attribute.kind === 'int') to.int(3, attribute.value)
  else if (attribute.kind === 'string') to.text(4, attribute.value)
  else if (attribute.kind === 'tensor') writeTensorIn(to, attribute.value)
  else if (attribute.kind === 'floats') to.packedFloats(7, attribute.value)
  else if (attribute.kind === 'ints') to.packedInts(8, attribute.value)
  else for (const text of attribute.value) to.text(9, text)
  to.int(20, ATTRIBUTE_TYPES[attribute.kind])
}

function writeTensorIn(to: ProtoWriter, tensor: OnnxTensor): void {
  to.message(5, () => writeTensor(to, tensor))
}

function writeTensor(to: ProtoWriter, { name, element, dims, values }: OnnxTensor): void {
  to.packedInts(1, dims)
  to.int(2, codeOf(element))
  to.text(8, name)
  if (element === 'float') to.packedFloats(9, values)
  else if (element === 'double') to.packedDoubles(9, values)
  else if (element === 'int64') to.rawInts(9, values)
  else throw new RangeError(`writeModel: tensor '${name}' must be of element float, double or int64, got ${element}`)
}

function writeValueInfo(to: ProtoWriter, { name, element, dims }: OnnxValueInfo): void {
  to.text(1, name)
  if (element === undefined) return
  to.message(2, () => {
    to.message(1, () => {
      to.int(1, codeOf(element))
      if (dims !== undefined) to.message(2, () => writeShape(to, dims))
    })
  })
}

function writeShape(to: ProtoWriter, dims: readonly (number | string)[]): void {
  for (const dim of dims)
    to.message(1, () => {
      if (typeof dim === 'number') to.int(1, dim)
      else if (dim !== '') to.text(2, dim)
    })
}

function codeOf(element: OnnxElement): number {
  return codes.get(element)!
}
