import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OnnxAttribute, OnnxModel, OnnxTensor } from './graph.ts'
import { readModel } from './read-model.ts'
import { writeModel } from './write-model.ts'

const name = fc.string({ maxLength: 12 })
const dims = fc.array(fc.oneof(fc.nat({ max: 1e6 }), name), { maxLength: 4 })
const info = fc.record({ name, element: fc.constantFrom('float' as const, 'double' as const), dims })
const numbers = { float: fc.float(), double: fc.double(), int64: fc.maxSafeInteger() }
const tensor = fc.constantFrom('float' as const, 'double' as const, 'int64' as const).chain((element) =>
  fc.record({ name, values: fc.array(numbers[element], { maxLength: 20 }) }).map(
    (made): OnnxTensor => ({
      name: made.name,
      element,
      dims: [made.values.length],
      values: element === 'float' ? Float32Array.from(made.values) : Float64Array.from(made.values)
    })
  )
)
const attribute: fc.Arbitrary<OnnxAttribute> = fc.oneof(
  fc.record({ name, kind: fc.constant('float' as const), value: fc.float() }),
  fc.record({ name, kind: fc.constant('int' as const), value: fc.maxSafeInteger() }),
  fc.record({ name, kind: fc.constant('string' as const), value: name }),
  fc.record({ name, kind: fc.constant('tensor' as const), value: tensor }),
  fc.record({ name, kind: fc.constant('floats' as const), value: fc.array(fc.float(), { minLength: 1 }) }),
  fc.record({ name, kind: fc.constant('ints' as const), value: fc.array(fc.maxSafeInteger(), { minLength: 1 }) }),
  fc.record({ name, kind: fc.constant('strings' as const), value: fc.array(name, { minLength: 1 }) })
)
const node = fc.record({
  name,
  op: name,
  domain: fc.constantFrom('', 'ai.onnx.ml'),
  inputs: fc.array(name, { maxLength: 3 }),
  outputs: fc.array(name, { maxLength: 3 }),
  attributes: fc.array(attribute, { maxLength: 5 })
})
const model: fc.Arbitrary<OnnxModel> = fc.record({
  irVersion: fc.nat(),
  producer: name,
  producerVersion: name,
  opsets: fc.uniqueArray(fc.tuple(name, fc.nat()), { selector: ([domain]) => domain }).map((all) => new Map(all)),
  graph: fc.record({
    name,
    nodes: fc.array(node, { maxLength: 4 }),
    initializers: fc.array(tensor, { maxLength: 4 }),
    // What has the name of an initializer is not an input.
    inputs: fc.array(info, { maxLength: 3 }),
    outputs: fc.array(info, { maxLength: 3 })
  }),
  metadata: fc.dictionary(name, name, { noNullPrototype: true }).map((entries) => new Map(Object.entries(entries)))
})

describe('writeModel', () => {
  it('writes what is read back', () => {
    fc.assert(
      fc.property(model, (given) => {
        const names = new Set(given.graph.initializers.map((one) => one.name))
        const inputs = given.graph.inputs.filter((one) => !names.has(one.name))
        const expected = { ...given, graph: { ...given.graph, inputs } }
        expect(plain(readModel(writeModel(given)))).toEqual(plain(expected))
      }),
      { numRuns: 100 }
    )
  })

  it('gives the same bytes for the same model', () => {
    fc.assert(
      fc.property(model, (given) => {
        expect(Buffer.from(writeModel(given)).equals(writeModel(given))).toBe(true)
      }),
      { numRuns: 20 }
    )
  })

  it('refuses what it does not write', () => {
    const graph = { name: 'g', nodes: [], initializers: [], inputs: [], outputs: [] }
    const base = { irVersion: 8, producer: '', producerVersion: '', opsets: new Map(), graph, metadata: new Map() }
    const bool: OnnxTensor = { name: 't', element: 'bool', dims: [1], values: [1] }
    const other = {
      name: 'n',
      op: 'Add',
      domain: '',
      inputs: [],
      outputs: [],
      attributes: [{ name: 'a', kind: 'other' as const }]
    }
    expect(() => writeModel({ ...base, graph: { ...graph, initializers: [bool] } })).toThrow(
      "writeModel: tensor 't' must be of element float, double or int64, got bool"
    )
    expect(() => writeModel({ ...base, graph: { ...graph, nodes: [other] } })).toThrow(/attribute 'a'/)
  })
})

/** Without the types of lists. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [`: ${key}`, plain(inner)]))
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
