import { ELEMENTS, type OnnxElement, type OnnxTensor } from './graph.ts'
import type { Source } from './source.ts'
import type { WireReader } from './wire/reader.ts'

/** What a `TensorProto` holds, as far as it is known. */
interface Parts {
  name: string
  code: number
  dims: number[]
  floats: number[]
  ints: number[]
  doubles: number[]
  strings: string[]
  raw: Uint8Array | undefined
  isExternal: boolean
  readonly external: Map<string, string>
}

const BYTES_EACH = {
  float: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  double: 8,
  uint32: 4,
  uint64: 8
}
const MOST_DIMS = 16

/** @throws ModelError when it is not what its type and dimensions say @internal */
export function readTensor(reader: WireReader, source: Source): OnnxTensor {
  const parts = partsOf(reader)
  const { name, dims } = parts
  const element = (ELEMENTS as Record<number, OnnxElement | undefined>)[parts.code]
  if (element === undefined)
    return source.unsupported(`tensor '${name}' is of element type ${parts.code}, which is not read natively`)
  if (dims.length > MOST_DIMS) reader.refuse(`tensor '${name}' has ${dims.length} dimensions`)
  const count = dims.reduce((product, dim) => product * dim, 1)
  if (!dims.every((dim) => dim >= 0) || !Number.isSafeInteger(count))
    reader.refuse(`tensor '${name}' has the dimensions ${dims.join(' x ')}`)
  const held = element === 'string' ? [] : valuesOf(parts, element, count, source, reader)
  const found = element === 'string' ? parts.strings.length : held.length
  if (found !== count) reader.refuse(`tensor '${name}' of ${dims.join(' x ') || 'one value'} holds ${found}`)
  const tensor = { name, element, dims, values: held }
  return element === 'string' ? Object.assign(tensor, { strings: parts.strings }) : tensor
}

function partsOf(reader: WireReader): Parts {
  const parts: Parts = {
    name: '',
    code: 0,
    dims: [],
    floats: [],
    ints: [],
    doubles: [],
    strings: [],
    raw: undefined,
    isExternal: false,
    external: new Map()
  }
  while (reader.next()) readField(reader, parts)
  return parts
}

function readField(reader: WireReader, parts: Parts): void {
  if (reader.field === 1) reader.ints(parts.dims)
  else if (reader.field === 2) parts.code = reader.int()
  else if (reader.field === 4) reader.floats(parts.floats)
  else if (reader.field === 5 || reader.field === 7 || reader.field === 11) reader.ints(parts.ints)
  else if (reader.field === 6) parts.strings.push(reader.text())
  else if (reader.field === 8) parts.name = reader.text()
  else if (reader.field === 9) parts.raw = reader.bytes()
  else if (reader.field === 10) reader.doubles(parts.doubles)
  else if (reader.field === 13) readEntry(reader.message(), parts.external)
  else if (reader.field === 14) parts.isExternal = reader.int() === 1
  else reader.skip()
}

/** A pair of `StringStringEntryProto`. @internal */
export function readEntry(reader: WireReader, into: Map<string, string>): void {
  let [key, value] = ['', '']
  while (reader.next()) {
    if (reader.field === 1) key = reader.text()
    else if (reader.field === 2) value = reader.text()
    else reader.skip()
  }
  into.set(key, value)
}

type Numeric = Exclude<OnnxElement, 'string'>

function valuesOf(
  parts: Parts,
  element: Numeric,
  count: number,
  source: Source,
  reader: WireReader
): ArrayLike<number> {
  const raw = parts.isExternal ? source.external(parts.name, parts.external, count * BYTES_EACH[element]) : parts.raw
  if (raw !== undefined) {
    reader.expectNumbers(count)
    if (raw.length !== count * BYTES_EACH[element])
      reader.refuse(`tensor '${parts.name}' of ${count} ${element} has ${raw.length} bytes`)
    return fromRaw(raw, element, count)
  }
  if (element === 'float') return Float32Array.from(parts.floats)
  return Float64Array.from(element === 'double' ? parts.doubles : parts.ints)
}

function fromRaw(raw: Uint8Array, element: Numeric, count: number): ArrayLike<number> {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const values = element === 'float' ? new Float32Array(count) : new Float64Array(count)
  const read = READERS[element]
  const each = BYTES_EACH[element]
  for (let k = 0; k < count; k += 1) values[k] = read(view, k * each)
  return values
}

const READERS: Readonly<Record<Numeric, (view: DataView, at: number) => number>> = {
  float: (view, at) => view.getFloat32(at, true),
  double: (view, at) => view.getFloat64(at, true),
  uint8: (view, at) => view.getUint8(at),
  bool: (view, at) => Math.min(view.getUint8(at), 1),
  int8: (view, at) => view.getInt8(at),
  uint16: (view, at) => view.getUint16(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  int64: (view, at) => Number(view.getBigInt64(at, true))
}
