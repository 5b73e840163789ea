import { describe, expect, it } from 'vitest'
import { opcuaSource } from './opcua-source.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'
import { lastsMs, lifetimeOf, queueSizeOf } from './subscription-sizes.ts'
import { ucumOf } from './unece-units.ts'
import { columnsOf, numberAt } from './value-columns.ts'

const right = { url: 'opc.tcp://plant:4840', pki: 'pki', streams: { a: { force: 'nsu=urn:p;s=force' } } } as const

describe('options of opcuaSource', () => {
  it.each([
    [{ url: 'http://plant' }, RangeError, /url must be/],
    [{ url: 'opc.tcp://me:secret@plant' }, RangeError, /url must not hold credentials/],
    [{ pki: undefined }, TypeError, /pki must name a folder/],
    [{ security: 'none' as 'None' }, RangeError, /security must be one of/],
    [{ policy: 'Basic128' as never }, RangeError, /policy must be one of/],
    [{ user: { name: 'x' } as never }, TypeError, /user must be/],
    [{ trust: true as never }, TypeError, /trust must be a function/],
    [{ publishing: '1ms' }, RangeError, /publishing must be at least 10 ms/],
    [{ sampling: 'x' as never }, RangeError, /sampling/],
    [{ queue: 1 }, RangeError, /queue must be a whole number from 2/],
    [{ clock: 'arrival' as never }, RangeError, /clock must be/],
    [{ between: 'zero' as never }, RangeError, /between must be/],
    [{ mode: 'push' as never }, RangeError, /mode must be/],
    [{ id: '' }, TypeError, /id must be/],
    [{ streams: {} }, RangeError, /at least one node/],
    [{ streams: { a: { f: { node: 'i=1', deadband: -1 } } } }, RangeError, /a, f: deadband/],
    [{ streams: { a: { f: { node: 'i=1', unit: 'quux' } } } }, RangeError, /a, f: .*quux/]
  ] as [Partial<OpcuaSourceOptions<string>>, ErrorConstructor, RegExp][])('%o is refused', (wrong, kind, message) => {
    const options = Object.assign({}, right, wrong)
    expect(() => opcuaSource(options)).toThrow(kind)
    expect(() => opcuaSource(options)).toThrow(message)
  })

  it('give queues that hold the outage, and lifetimes that are longer', () => {
    const sizes = { publishMs: 500, samplingMs: 100, outageMs: 60_000 }
    expect(queueSizeOf(sizes)).toBe(611)
    expect(lastsMs(611, sizes)).toBe(60_000)
    expect(lastsMs(100, sizes)).toBe(8900)
    expect(queueSizeOf({ publishMs: 100, samplingMs: 1000, outageMs: 0 })).toBe(2)
    expect(lifetimeOf(sizes) * 500).toBeGreaterThan(60_000)
  })
})

describe('units of UNECE', () => {
  it('are UCUM where they are known, else an annotation', () => {
    const id = (code: string): number => Array.from(code).reduce((sum, one) => sum * 256 + one.charCodeAt(0), 0)
    expect(ucumOf({ unitId: id('CEL') })).toBe('Cel')
    expect(ucumOf({ unitId: id('NU') })).toBe('N.m')
    expect(ucumOf({ unitId: -1, displayName: { text: 'kN' } })).toBe('kN')
    expect(ucumOf({ unitId: -1, displayName: { text: 'Stück {x}' } })).toBe('{St_ck__x_}')
    expect(ucumOf({ unitId: -1 })).toBe('1')
  })
})

describe('values', () => {
  const schema = { fields: [{ name: 'big', fieldType: 'Int64' }] }

  it('of 64 bits keep their sign', () => {
    const [signed] = columnsOf('Int64', [0xffffffff, 0xffffffff])
    const [unsigned] = columnsOf('UInt64', [1, 2])
    expect(numberAt([0xffffffff, 0xffffffff], signed as never)).toBe(-1)
    expect(numberAt([1, 2], unsigned as never)).toBe(4294967298)
  })

  it('in structures within structures, and in lists, are found', () => {
    const inner = { schema: {}, rms: 1, name: 'x', on: true }
    const value = { schema, big: [0, 7], inner, list: new Float32Array([1, 2]), deep: [inner] }
    const columns = columnsOf('ExtensionObject', value)
    expect(columns.map(({ path }) => path.join('.'))).toEqual([
      'big',
      'inner.rms',
      'inner.on',
      'list.0',
      'list.1',
      'deep.0.rms',
      'deep.0.on'
    ])
    expect(columns.map((column) => numberAt(value, column))).toEqual([7, 1, 1, 1, 2, 1, 1])
    expect(columns.map((column) => numberAt(null, column))).toEqual(columns.map(() => Number.NaN))
  })

  it('that are no numbers give no columns', () => {
    for (const type of ['String', 'DateTime', 'ByteString', 'NodeId']) expect(columnsOf(type, 'x')).toEqual([])
    expect(columnsOf('ExtensionObject', null)).toEqual([])
  })
})
