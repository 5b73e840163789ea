import type { OnnxAttribute, OnnxNode, OnnxTensor } from './graph.ts'
import { readTensor } from './read-tensor.ts'
import type { Source } from './source.ts'
import type { WireReader } from './wire/reader.ts'

/** @internal */
export function readNode(reader: WireReader, source: Source): OnnxNode {
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: OnnxAttribute[] = []
  let [name, op, domain] = ['', '', '']
  while (reader.next()) {
    if (reader.field === 1) inputs.push(reader.text())
    else if (reader.field === 2) outputs.push(reader.text())
    else if (reader.field === 3) name = reader.text()
    else if (reader.field === 4) op = reader.text()
    else if (reader.field === 5) attributes.push(readAttribute(reader.message(), source))
    else if (reader.field === 7) domain = reader.text()
    else reader.skip()
  }
  return { name, op, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes }
}

/** What an `AttributeProto` holds; which of it counts says its type. */
interface Parts {
  name: string
  type: number
  float: number
  int: number
  text: string
  tensor: OnnxTensor | undefined
  readonly floats: number[]
  readonly ints: number[]
  readonly strings: string[]
}

function readAttribute(reader: WireReader, source: Source): OnnxAttribute {
  const parts: Parts = {
    name: '',
    type: 0,
    float: 0,
    int: 0,
    text: '',
    tensor: undefined,
    floats: [],
    ints: [],
    strings: []
  }
  while (reader.next()) {
    if (reader.field === 1) parts.name = reader.text()
    else if (reader.field === 2) parts.float = reader.float()
    else if (reader.field === 3) parts.int = reader.int()
    else if (reader.field === 4) parts.text = reader.text()
    else if (reader.field === 5) parts.tensor = readTensor(reader.message(), source)
    else if (reader.field === 7) reader.floats(parts.floats)
    else if (reader.field === 8) reader.ints(parts.ints)
    else if (reader.field === 9) parts.strings.push(reader.text())
    else if (reader.field === 20) parts.type = reader.int()
    else reader.skip()
  }
  return attributeOf(parts)
}

function attributeOf({ name, type, float, int, text, tensor, floats, ints, strings }: Parts): OnnxAttribute {
  if (type === 1) return { name, kind: 'float', value: float }
  if (type === 2) return { name, kind: 'int', value: int }
  if (type === 3) return { name, kind: 'string', value: text }
  if (type === 4 && tensor !== undefined) return { name, kind: 'tensor', value: tensor }
  if (type === 6) return { name, kind: 'floats', value: Float32Array.from(floats) }
  if (type === 7) return { name, kind: 'ints', value: Float64Array.from(ints) }
  if (type === 8) return { name, kind: 'strings', value: strings }
  return { name, kind: 'other' }
}
