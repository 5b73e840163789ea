import { ModelError } from '@messwerk/core/model'
import {
  ELEMENTS,
  type OnnxElement,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
  type OnnxValueInfo
} from './graph.ts'
import { readNode } from './read-node.ts'
import { readEntry, readTensor } from './read-tensor.ts'
import { type ExternalFiles, Source } from './source.ts'
import { WireReader } from './wire/reader.ts'

/** A model that is read natively is small; a larger one belongs into a runtime. */
const MOST_BYTES = 67_108_864

/** @internal */
export interface ReadModelOptions {
  /** As in messages; 'the model' unless given. */
  readonly name?: string
  /** Files with tensors beside the model. */
  readonly files?: ExternalFiles | undefined
}

/**
 * The bytes of an ONNX file as plain data: nothing is run and nothing is looked up elsewhere.
 *
 * @throws ModelError: 'malformed', 'too-large', 'missing-file', or 'unsupported' where it uses what is not read here
 *
 * @internal
 */
export function readModel(bytes: Uint8Array, { name = 'the model', files }: ReadModelOptions = {}): OnnxModel {
  if (bytes.length > MOST_BYTES)
    throw new ModelError(
      'too-large',
      `${name} is of ${bytes.length} bytes, more than ${MOST_BYTES}; run it with onnxDetector`
    )
  const reader = WireReader.of(bytes, name)
  const source = new Source(name, files)
  const opsets = new Map<string, number>()
  const metadata = new Map<string, string>()
  let [irVersion, producer, producerVersion] = [0, '', '']
  let graph: OnnxGraph | undefined
  while (reader.next()) {
    if (reader.field === 1) irVersion = reader.int()
    else if (reader.field === 2) producer = reader.text()
    else if (reader.field === 3) producerVersion = reader.text()
    else if (reader.field === 7 && graph === undefined) graph = readGraph(reader.message(), source)
    else if (reader.field === 7) reader.refuse('it has two graphs')
    else if (reader.field === 8) readOpset(reader.message(), opsets)
    else if (reader.field === 14) readEntry(reader.message(), metadata)
    else reader.skip()
  }
  if (graph === undefined) return reader.refuse('it has no graph')
  return { irVersion, producer, producerVersion, opsets, graph, metadata }
}

function readOpset(reader: WireReader, opsets: Map<string, number>): void {
  let [domain, version] = ['', 0]
  while (reader.next()) {
    if (reader.field === 1) domain = reader.text()
    else if (reader.field === 2) version = reader.int()
    else reader.skip()
  }
  opsets.set(domain === 'ai.onnx' ? '' : domain, version)
}

function readGraph(reader: WireReader, source: Source): OnnxGraph {
  const nodes: OnnxGraph['nodes'][number][] = []
  const initializers: OnnxTensor[] = []
  const inputs: OnnxValueInfo[] = []
  const outputs: OnnxValueInfo[] = []
  let name = ''
  while (reader.next()) {
    if (reader.field === 1) nodes.push(readNode(reader.message(), source))
    else if (reader.field === 2) name = reader.text()
    else if (reader.field === 5) initializers.push(readTensor(reader.message(), source))
    else if (reader.field === 11) inputs.push(readValueInfo(reader.message()))
    else if (reader.field === 12) outputs.push(readValueInfo(reader.message()))
    else if (reader.field === 15) source.unsupported('it has sparse initializers')
    else reader.skip()
  }
  const given = new Set(initializers.map((tensor) => tensor.name))
  return { name, nodes, initializers, inputs: inputs.filter((input) => !given.has(input.name)), outputs }
}

function readValueInfo(reader: WireReader): OnnxValueInfo {
  const info: { name: string; element?: OnnxElement; dims?: (number | string)[] } = { name: '' }
  while (reader.next()) {
    if (reader.field === 1) info.name = reader.text()
    else if (reader.field === 2) readType(reader.message(), info)
    else reader.skip()
  }
  return info
}

/** `TypeProto`, of which only tensors matter: its field 1 holds the element type and, as field 2, the shape. */
function readType(reader: WireReader, info: { element?: OnnxElement; dims?: (number | string)[] }): void {
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    const tensor = reader.message()
    while (tensor.next()) {
      if (tensor.field === 1) {
        const element = (ELEMENTS as Record<number, OnnxElement | undefined>)[tensor.int()]
        if (element !== undefined) info.element = element
      } else if (tensor.field === 2) info.dims = readShape(tensor.message())
      else tensor.skip()
    }
  }
}

function readShape(reader: WireReader): (number | string)[] {
  const dims: (number | string)[] = []
  while (reader.next()) {
    if (reader.field === 1) dims.push(readDimension(reader.message()))
    else reader.skip()
  }
  return dims
}

/** skl2onnx writes an open dimension as a dimension without anything. */
function readDimension(reader: WireReader): number | string {
  let dimension: number | string = ''
  while (reader.next()) {
    if (reader.field === 1) dimension = reader.int()
    else if (reader.field === 2) dimension = reader.text()
    else reader.skip()
  }
  return dimension
}
