import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { DecodeError } from './errors.ts'
import { fromText } from './from-text.ts'
import { toText } from './text.ts'

const plain = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: false,
  withSparseArray: false,
  key: fc.oneof(fc.constantFrom('$Map', '$', '$$a', '__proto__', 'a', '1'), fc.string()),
  values: [
    fc.constantFrom(
      '$NaN',
      '$$',
      '$bigint:1',
      '$undefined',
      Number.NaN,
      -0,
      Number.POSITIVE_INFINITY,
      undefined,
      null,
      5e-324
    ),
    fc.double(),
    fc.string(),
    fc.boolean()
  ]
})

describe('round trip', () => {
  it('gives an equal value and an equal text of it', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const text = toText(value)
        const back = fromText(text)
        expect(back).toStrictEqual(value)
        expect(toText(back)).toBe(text)
        expect(toText(structuredClone(value))).toBe(text)
      }),
      { numRuns: 1000 }
    )
  })

  it.each([
    ['$NaN', '"$$NaN"'],
    [Number.NaN, '"$NaN"'],
    [-0, '"$-0"'],
    [Number.NEGATIVE_INFINITY, '"$-Infinity"'],
    [undefined, '"$undefined"'],
    [-12n, '"$bigint:-12"'],
    [{ $Map: [] }, '{"$$Map":[]}'],
    [new Map([['a', 1]]), '{"$Map":[["a",1]]}'],
    [new Set([Number.NaN]), '{"$Set":["$NaN"]}'],
    [new Date(5), '{"$Date":5}'],
    [Float64Array.of(1), '{"$Float64Array":"AAAAAAAA8D8="}'],
    [Uint16Array.of(258), '{"$Uint16Array":"AgE="}'],
    [{ b: 1, a: [null, true] }, '{"b":1,"a":[null,true]}']
  ])('writes %o', (value, text) => {
    expect(toText(value)).toBe(text)
    expect(fromText(text)).toStrictEqual(value)
  })

  it('keeps an invalid date and the bits of a NaN', () => {
    expect((fromText(toText(new Date(Number.NaN))) as Date).getTime()).toBeNaN()
    const bits = BigUint64Array.of(0x7ff8_0000_0000_beefn)
    const back = fromText(toText(new Float64Array(bits.buffer))) as Float64Array
    expect(new BigUint64Array(back.buffer)).toEqual(bits)
  })

  it('keeps only the part that a view shows, and takes a Buffer for its bytes', () => {
    expect(fromText(toText(Float64Array.of(1, 2, 3).subarray(1, 2)))).toEqual(Float64Array.of(2))
    expect(fromText(toText(Buffer.from([1, 2])))).toEqual(Uint8Array.of(1, 2))
  })

  it('keeps a key that would change a prototype', () => {
    const value = JSON.parse('{"__proto__": {"a": 1}}') as object
    const back = fromText(toText(value)) as object
    expect(Object.hasOwn(back, '__proto__')).toBe(true)
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
  })

  it('keeps large arrays', () => {
    const large = Float64Array.from({ length: 10_001 }, (_, i) => Math.sin(i))
    expect(fromText(toText(large))).toEqual(large)
  })

  it('takes the same part twice, where it is no cycle', () => {
    const part = { a: 1 }
    expect(fromText(toText([part, part]))).toEqual([part, part])
  })

  it('needs no Buffer', () => {
    vi.stubGlobal('Buffer', undefined)
    try {
      expect(fromText(toText(Float32Array.of(1.5)))).toEqual(Float32Array.of(1.5))
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe('what cannot be kept', () => {
  class Model {}
  const cycle: Record<string, unknown> = {}
  cycle.self = { deep: cycle }
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

  it.each([
    [{ state: { fit: () => 1 } }, 'value.state.fit is a function'],
    [[1, [Symbol('x')]], 'value[1][0] is a symbol'],
    [{ trees: [new Model()] }, 'value.trees[0] is an instance of Model'],
    [new Map([['a', /x/]]), 'value[0][1] is an instance of RegExp'],
    [new Error('x'), 'value is an instance of Error'],
    [new DataView(new ArrayBuffer(1)), 'value is a DataView'],
    [new ArrayBuffer(1), 'value is an instance of ArrayBuffer'],
    [Promise.resolve(), 'value is an instance of Promise'],
    [cycle, 'value.self.deep is part of a cycle'],
    [nested(501), '[0] is more than 500 levels deep']
  ])('%#', (value, message) => {
    expect(() => toText(value)).toThrow(TypeError)
    expect(() => toText(value)).toThrow(message)
  })

  it('keeps what is just deep enough', () => expect(fromText(toText(nested(500)))).toEqual(nested(500)))
})

describe('foreign text', () => {
  it.each([
    ['{', 'fromText: value: must be JSON text'],
    ['{"a":["$what"]}', "fromText: value.a[0]: '$what' is no value that this version knows"],
    ['{"a":{"$What":1}}', "fromText: value.a: '$What' is no value that this version knows"],
    ['{"$Map":[],"b":1}', "fromText: value: must have no other key beside '$Map'"],
    ['{"b":1,"$Map":[]}', "fromText: value: the key '$Map' must begin with '$$' or stand alone"],
    ['{"$Map":[1]}', 'fromText: value[0]: must be a pair of key and value'],
    ['{"$Set":{}}', 'fromText: value: must be a list'],
    ['{"$Date":"x"}', "fromText: value: '$Date' is no value that this version knows"],
    ['{"$Float64Array":"AAAA"}', 'fromText: value: must be a multiple of 8 bytes, got 3'],
    ['{"$Float64Array":"*"}', 'fromText: value: must be base64'],
    ['{"$Float64Array":[1]}', 'fromText: value: must be base64'],
    ['"$bigint:x"', "fromText: value: '$bigint:x' is no value that this version knows"],
    [`${'['.repeat(5000)}${']'.repeat(5000)}`, 'must be at most 500 levels deep']
  ])('%s', (text, message) => {
    expect(() => fromText(text)).toThrow(DecodeError)
    expect(() => fromText(text)).toThrow(message)
  })

  it('is never anything but a DecodeError', () => {
    const damaged = fc.tuple(plain.map(toText), fc.nat(), fc.string({ minLength: 1, maxLength: 2 }))
    fc.assert(
      fc.property(damaged, ([text, at, put]) => {
        const cut = at % (text.length + 1)
        try {
          fromText(text.slice(0, cut) + put + text.slice(cut + put.length))
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { numRuns: 500 }
    )
  })
})
