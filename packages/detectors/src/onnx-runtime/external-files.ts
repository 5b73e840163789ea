import { ModelError } from '@messwerk/core/model'
import { BYTES, WireReader } from '../onnx/wire/reader.ts'
import { readModelFile } from './read-model-file.ts'

/** Fields by which a tensor is reached: in the model, its graphs, functions, nodes and attributes. */
const INSIDE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  function: { 7: 'node' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' }
}
const EXTERNAL_DATA = 13

/**
 * Names of the files in which an ONNX model keeps weights, as it names them itself.
 *
 * @throws ModelError `malformed`
 *
 * @internal
 */
export function externalNames(model: Uint8Array, label: string): string[] {
  const names = new Set<string>()
  collect(WireReader.of(model, label), 'model', names)
  return [...names]
}

function collect(reader: WireReader, kind: string, names: Set<string>): void {
  while (reader.next()) {
    const inside = INSIDE[kind]?.[reader.field]
    if (reader.wire !== BYTES) reader.skip()
    else if (inside !== undefined) collect(reader.message(), inside, names)
    else if (kind === 'tensor' && reader.field === EXTERNAL_DATA) addLocation(reader.message(), names)
    else reader.skip()
  }
}

function addLocation(entry: WireReader, names: Set<string>): void {
  let [key, value] = ['', '']
  while (entry.next()) {
    if (entry.field === 1) key = entry.text()
    else if (entry.field === 2) value = entry.text()
    else entry.skip()
  }
  if (key === 'location') names.add(value)
}

/** @internal */
export interface ExternalFile {
  readonly path: string
  readonly data: Uint8Array
}

/**
 * The files with weights that a model names: those that were given, else those beside it.
 *
 * @param beside - where the model lies; a name that leads elsewhere is refused
 * @throws ModelError
 *
 * @internal
 */
export async function externalFiles(
  model: Uint8Array,
  label: string,
  from: {
    readonly given: Readonly<Record<string, Uint8Array | string | URL>>
    readonly beside: string | URL | undefined
    readonly limit: number
    readonly signal: AbortSignal
  }
): Promise<ExternalFile[]> {
  const files: ExternalFile[] = []
  let left = from.limit - model.length
  for (const name of externalNames(model, label)) {
    const source = Object.hasOwn(from.given, name) ? from.given[name]! : placeOf(name, label, from.beside)
    const data = source instanceof Uint8Array ? source : await readModelFile(source, left, from.signal)
    left -= data.length
    files.push({ path: name, data })
  }
  return files
}

function placeOf(name: string, label: string, beside: string | URL | undefined): string {
  if (beside === undefined)
    throw new ModelError(
      'missing-file',
      `onnxDetector: ${label} keeps weights in a file of its own; give it as external: { '${name}': bytes }`
    )
  const parts = name.split('/')
  if (parts.some((part) => part === '' || part === '..') || /[\\:?#%]/.test(name))
    throw new ModelError('malformed', `onnxDetector: ${label} names '${name}' as a file beside it`)
  const place = String(beside)
  return (/^https?:/i.test(place) ? place.replace(/[?#].*$/, '') : place).replace(/[^/\\]*$/, '') + name
}
