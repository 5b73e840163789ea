import { ModelError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { fixtureBytes } from './fixtures/fixture.ts'
import { readModel } from './read-model.ts'
import { WireReader } from './wire/reader.ts'

/** A field by its number: a whole number, a text, bytes, or fields of a message. */
type Field = readonly [number, number | string | Uint8Array | readonly Field[]]

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return bytes
}

function bytesOf(fields: readonly Field[]): Uint8Array {
  const parts = fields.flatMap(([field, value]): Uint8Array[] => {
    if (typeof value === 'number') return [Uint8Array.from([...varint(field * 8), ...varint(value)])]
    const content =
      typeof value === 'string' ? new TextEncoder().encode(value) : value instanceof Uint8Array ? value : bytesOf(value)
    return [Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]), content]
  })
  return new Uint8Array(Buffer.concat(parts))
}

function raw(array: Float32Array | Float64Array | BigInt64Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer)
}

/** A model with this one initializer. */
function withTensor(...fields: Field[]): Uint8Array {
  return bytesOf([[7, [[5, fields]]]])
}

function tensorOf(...fields: Field[]) {
  return readModel(withTensor(...fields)).graph.initializers[0]!
}

function refusal(read: () => unknown): ModelError {
  try {
    read()
  } catch (error) {
    if (error instanceof ModelError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('readModel', () => {
  it('reads who wrote it, opsets, metadata, and inputs that are no initializers', () => {
    const model = readModel(fixtureBytes('forest-opset12.onnx'))
    expect(model).toMatchObject({ producer: 'skl2onnx', irVersion: 7 })
    expect(Object.fromEntries(model.opsets)).toEqual({ '': 12, 'ai.onnx.ml': 2 })
    expect(model.graph.inputs).toEqual([{ name: 'X', element: 'float', dims: ['', 4] }])
    const weight: Field = [
      5,
      [
        [2, 1],
        [4, raw(Float32Array.of(1))],
        [8, 'w']
      ]
    ]
    const old = bytesOf([
      [
        8,
        [
          [1, 'ai.onnx'],
          [2, 13]
        ]
      ],
      [
        14,
        [
          [1, 'key'],
          [2, 'value']
        ]
      ],
      [7, [weight, [11, [[1, 'w']]], [11, [[1, 'x']]]]]
    ])
    expect(readModel(old)).toMatchObject({
      graph: { inputs: [{ name: 'x' }] },
      opsets: new Map([['', 13]]),
      metadata: new Map([['key', 'value']])
    })
    expect(refusal(() => readModel(bytesOf([[2, 'nobody']]))).message).toContain('it has no graph')
    expect(
      refusal(() =>
        readModel(
          bytesOf([
            [7, []],
            [7, []]
          ])
        )
      ).message
    ).toContain('it has two graphs')
  })

  it('reads tensors in all their forms', () => {
    const floats = Float32Array.of(1.5, -2)
    const dims: Field = [1, 2]
    expect(tensorOf(dims, [2, 1], [9, raw(floats)]).values).toEqual(floats)
    expect(tensorOf(dims, [2, 1], [4, raw(floats)]).values).toEqual(floats)
    expect(tensorOf(dims, [2, 11], [10, raw(Float64Array.of(0.1, 7))]).values).toEqual(Float64Array.of(0.1, 7))
    expect(tensorOf(dims, [2, 11], [9, raw(Float64Array.of(0.1, 7))]).values).toEqual(Float64Array.of(0.1, 7))
    expect(tensorOf(dims, [2, 7], [7, -1], [7, 5]).values).toEqual(Float64Array.of(-1, 5))
    expect(tensorOf(dims, [2, 7], [7, Uint8Array.from([...varint(-300), ...varint(2 ** 40)])]).values).toEqual(
      Float64Array.of(-300, 2 ** 40)
    )
    expect(tensorOf(dims, [2, 7], [9, raw(BigInt64Array.of(-1n, 5n))]).values).toEqual(Float64Array.of(-1, 5))
    expect(tensorOf(dims, [2, 6], [5, 3], [5, -4]).values).toEqual(Float64Array.of(3, -4))
    expect(tensorOf(dims, [2, 6], [9, raw(Int32Array.of(3, -4))]).values).toEqual(Float64Array.of(3, -4))
    expect(tensorOf(dims, [2, 9], [9, Uint8Array.of(1, 0)]).values).toEqual(Float64Array.of(1, 0))
    expect(tensorOf(dims, [2, 8], [6, 'a'], [6, 'b'])).toMatchObject({ strings: ['a', 'b'], values: [] })
    expect(tensorOf([2, 1], [4, raw(Float32Array.of(3))])).toMatchObject({ dims: [], values: Float32Array.of(3) })
  })

  it('what a tensor holds must be what it says', () => {
    const messages: [Uint8Array, string][] = [
      [withTensor([1, 3], [2, 1], [9, new Uint8Array(8)]), "tensor '' of 3 float has 8 bytes"],
      [withTensor([1, -1], [2, 1]), 'has the dimensions -1'],
      [withTensor([1, 2 ** 40], [1, 2 ** 40], [2, 1]), 'has the dimensions'],
      [withTensor([1, 2 ** 50], [2, 1]), 'holds 0'],
      [withTensor(...Array.from({ length: 20 }, (): Field => [1, 1]), [2, 1]), 'has 20 dimensions']
    ]
    for (const [bytes, message] of messages) {
      const error = refusal(() => readModel(bytes))
      expect(error.message).toContain(message)
      expect(error.reason).toBe('malformed')
    }
    expect(refusal(() => readModel(withTensor([1, 1], [2, 10], [9, new Uint8Array(2)]))).reason).toBe('unsupported')
  })

  it('weights in another file are taken from what was given, and from nowhere else', () => {
    const tensor = (location: string, ...more: Field[]): Uint8Array =>
      withTensor(
        [1, 2],
        [2, 1],
        [8, 'w'],
        [
          13,
          [
            [1, 'location'],
            [2, location]
          ]
        ],
        ...more,
        [14, 1]
      )
    const entry = (key: string, value: string): Field => [
      13,
      [
        [1, key],
        [2, value]
      ]
    ]
    const weights = raw(Float32Array.of(9, 1, 2))
    const read = (bytes: Uint8Array, files = { 'w.data': weights }) =>
      readModel(bytes, { files }).graph.initializers[0]!.values
    expect(read(tensor('w.data'))).toEqual(Float32Array.of(9, 1))
    expect(read(tensor('w.data', entry('offset', '4'), entry('length', '8')))).toEqual(Float32Array.of(1, 2))
    expect(
      readModel(tensor('w.data'), { files: new Map([['w.data', weights]]) }).graph.initializers[0]!.values
    ).toEqual(Float32Array.of(9, 1))
    for (const location of ['../w.data', '/etc/passwd', 'a/../../b', 'C:\\w', '\\\\host\\w', '', 'a\0b', 'http://x/y'])
      expect(refusal(() => read(tensor(location))).message).toContain('which must be a name beside the model')
    for (const [more, message] of [
      [[entry('offset', '5')], 'which ends at 12, before byte 13'],
      [[entry('offset', '-1')], 'its offset is -1'],
      [[entry('offset', '1e3')], 'its offset is 1e3'],
      [[entry('length', '4')], 'of which it takes 4 bytes, not 8']
    ] as const)
      expect(refusal(() => read(tensor('w.data', ...more))).message).toContain(message)
    for (const location of ['other.data', 'constructor', '__proto__', 'toString'])
      expect(refusal(() => read(tensor(location))).reason).toBe('missing-file')
  })

  it('unknown fields are skipped, groups and broken ends refused', () => {
    const graph: Field = [7, [[2, 'g']]]
    expect(readModel(bytesOf([[99, 5], [98, 'x'], graph, [1000, [[1, 1]]]])).graph.name).toBe('g')
    expect(refusal(() => readModel(Uint8Array.of(11, 12)))).toMatchObject({ reason: 'malformed' })
    const long = bytesOf([graph])
    for (let length = 1; length < long.length; length += 1)
      expect(refusal(() => readModel(long.subarray(0, length))).reason).toBe('malformed')
    expect(
      refusal(() => readModel(Uint8Array.of(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1))).message
    ).toContain('longer than ten bytes')
    expect(refusal(() => readModel(Uint8Array.of(18, 1, 0xff))).message).toContain('not UTF-8')
  })

  it('a length is checked before anything is made of it', () => {
    const huge = Uint8Array.of(58, 255, 255, 255, 255, 127)
    expect(refusal(() => readModel(huge)).message).toContain('a length of 34359738367 goes beyond its end, at byte 6')
    expect(refusal(() => readModel(new Uint8Array(67_108_865))).reason).toBe('too-large')
  })

  it('a small file cannot ask for much memory', () => {
    const nodes = bytesOf([[7, new Uint8Array(2 * 524_289).map((_, k) => (k % 2 === 0 ? 10 : 0))]])
    expect(refusal(() => readModel(nodes)).message).toContain('holds more than 524288 messages')
    const tensor: Field = [
      5,
      [
        [1, 2 ** 22],
        [2, 1],
        [
          13,
          [
            [1, 'location'],
            [2, 'w']
          ]
        ],
        [14, 1]
      ]
    ]
    const often = bytesOf([[7, [tensor, tensor, tensor, tensor, tensor]]])
    const files = { w: new Uint8Array(2 ** 24) }
    expect(refusal(() => readModel(often, { files })).message).toContain('holds more than 16777216 numbers')
  })
})

describe('WireReader', () => {
  it('numbers of 64 bits, also below 0', () => {
    for (const value of [0, 1, 127, 128, 300, 2 ** 31, 2 ** 53 - 1, -1, -128, -(2 ** 31), -(2 ** 53) + 1]) {
      const reader = WireReader.of(bytesOf([[3, value]]), 'test')
      expect(reader.next()).toBe(true)
      expect(reader.field).toBe(3)
      expect(reader.int()).toBe(value)
      expect(reader.next()).toBe(false)
    }
  })

  it('messages within messages end somewhere', () => {
    let bytes: Uint8Array = bytesOf([[1, 1]])
    for (let k = 0; k < 20; k += 1) bytes = bytesOf([[1, bytes]])
    let reader = WireReader.of(bytes, 'test')
    const error = refusal(() => {
      while (reader.next()) reader = reader.message()
    })
    expect(error.message).toContain('nested too deep')
  })
})
