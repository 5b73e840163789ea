import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Field } from './field.ts'
import {
  accessOf,
  answerBytes,
  commandByCode,
  commandByName,
  decodeAnswer,
  decodeParameters,
  decodeRequest,
  decodeResponse,
  encodeAnswer,
  encodeParameters,
  encodeRequest,
  type FieldValues,
  type GsvCommand,
  GsvError,
  gsvCommands,
  isAvailable,
  legacyCommands,
  parameterBytes
} from './index.ts'

const everyCommand: readonly GsvCommand[] = [...gsvCommands, ...Object.values(legacyCommands).flat()]
const asText = (model: 'gsv-8' | 'gsv-6' | 'gsv-6bt' | keyof typeof legacyCommands): string[] => {
  const found = Array.from({ length: 256 }, (_, code) => commandByCode(code, model)).filter((row) => row !== undefined)
  return found.map((row) => `${row.code.toString(16)}:${parameterBytes(row) ?? '*'}:${answerBytes(row) ?? '*'}`)
}

// Copied from the specification a second time, by hand: code, parameter bytes, answer bytes.
const GSV8 = `0:0:0 1:1:4 2:1:4 3:5:0 4:1:4 5:5:0 6:1:4 7:5:0 8:3:0 9:1:0 a:1:0 c:1:0 d:1:2 e:3:0 f:1:1 10:2:0 11:1:8
12:9:0 14:1:4 15:5:0 17:2:4 18:6:0 19:4:0 1a:0:1 1b:0:* 1c:*:0 1d:0:8 1e:8:0 1f:0:4 20:4:0 21:0:4 22:4:0 23:0:0 24:0:0
25:0:0 26:0:4 27:4:0 2a:0:4 2b:0:4 32:0:2 33:2:0 34:6:0 35:1:0 36:0:4 3a:1:4 3b:0:0 3c:1:0 3d:1:1 3e:2:0 40:0:16 41:9:0
42:1:4 43:1:6 44:0:0 45:0:4 47:2:4 48:6:0 49:1:2 4a:3:0 4b:2:1 4c:2:0 4d:2:4 4e:6:0 4f:2:4 50:6:0 51:0:4 52:4:0 53:1:8
54:0:3 55:1:0 56:1:4 57:4:0 58:4:0 59:1:1 5a:2:0 5b:1:4 5c:5:0 5d:1:2 5e:3:0 5f:2:4 60:6:0 61:1:2 62:3:0 63:1:4 64:4:6
65:3:4 66:6:0 67:5:0 68:0:4 69:1:4 6a:5:0 7a:0:0 7b:1:6 7c:5:0 7d:1:0 7e:2:0 7f:1:0 80:1:2 81:3:0 8a:0:4 8b:4:0 8c:1:4
8d:5:0 90:0:2 91:4:0 92:4:0 93:2:0 94:1:4 95:5:0 96:2:4 97:6:0 98:2:2 99:4:0 9a:1:4 9b:5:0 a2:2:5 a3:2:0`
const GSV6 = `0:0:0 1:1:4 2:1:4 3:5:0 4:1:4 5:5:0 6:1:4 7:5:0 9:1:0 a:1:0 c:1:0 d:1:2 e:3:0 f:1:1 10:2:0 11:1:9 12:10:0 14:1:4
15:5:0 17:2:4 18:6:0 19:4:0 1a:0:1 1b:0:* 1c:*:0 1f:0:4 20:4:0 23:0:0 24:0:0 26:0:4 27:4:0 2a:0:4 2b:0:4 34:6:0 36:0:4
37:0:9 38:9:0 39:0:4 3a:1:4 3b:0:0 3c:1:0 42:1:4 43:1:6 47:2:4 48:6:0 49:1:2 4a:3:0 4b:2:1 4c:2:0 4d:2:4 4e:6:0 4f:2:4
50:6:0 51:0:4 52:4:0 53:1:9 54:0:3 55:1:0 5b:1:4 5c:5:0 5d:1:2 5e:3:0 5f:2:4 60:6:0 61:1:2 62:3:0 63:1:4 65:3:4 68:0:4
75:2:* 77:4:0 78:0:0 7b:1:6 7c:5:0 7d:1:0 7e:2:0 7f:1:0 80:1:2 81:3:0 86:1:2 87:3:0 8a:0:4 8b:4:0 8c:1:4 8d:5:0 92:4:0
93:2:0 9a:1:4 9b:5:0 9c:2:4 9d:6:0 9e:0:0 a2:2:4`
const LOGGER = `56:1:4 57:4:0 69:1:4 6a:5:0 6b:1:7 6c:8:0 6d:1:4 6e:5:0 6f:1:0 70:2:14 71:14:0 72:0:12 73:0:* 74:2:* a3:2:0`
const GSV2 = `0:0:0 1:0:3 2:0:3 3:0:3 4:0:2 5:3:0 6:3:0 7:3:0 8:2:0 9:1:0 a:1:0 b:0:0 c:0:0 d:0:0 e:0:0 f:1:0 10:3:0 11:1:0
12:2:0 13:1:0 14:0:0 15:0:0 16:0:3 1a:0:3 1b:0:1 1c:0:1 1d:1:0 1f:0:8 20:4:0 21:0:4 22:1:0 23:0:0 24:0:0 25:0:0 26:1:0
27:0:1 29:0:1 2b:0:2 2c:2:0 2d:0:2 2e:1:0 2f:0:1 30:1:0 31:0:1 32:1:0`

describe('the table', () => {
  it.each([
    ['gsv-8', GSV8, 0],
    ['gsv-6', GSV6, 0],
    ['gsv-2', GSV2, 33]
  ] as const)('%s has the commands and lengths of the specification', (model, rows, inferred) => {
    const found = asText(model)
    expect(found.slice(0, found.length - inferred)).toEqual(rows.split(/\s/))
  })

  it('gsv-6bt has those of the gsv-6 and its own', () => {
    expect(new Set(asText('gsv-6bt'))).toEqual(new Set(`${GSV6} ${LOGGER}`.split(/\s/)))
  })

  it('has one row a code and model, and one name a code', () => {
    for (const model of ['gsv-8', 'gsv-6', 'gsv-6bt', 'gsv-4', 'gsv-3', 'gsv-2'] as const) {
      const rows = everyCommand.filter((row) => isAvailable(row, model))
      expect(new Set(rows.map(({ code }) => code)).size).toBe(rows.length)
      expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    }
    const names = new Map<number, Set<string>>()
    for (const { code, name } of gsvCommands) names.set(code, (names.get(code) ?? new Set()).add(name))
    expect([...names.values()].every(({ size }) => size === 1)).toBe(true)
  })

  it('fits into frames: at most 15 parameter bytes, and fields have names of their own', () => {
    for (const row of everyCommand) {
      expect(row.code).toBeLessThan(256)
      for (const fields of [row.request, row.response]) {
        const named = fields.filter(({ type }) => type !== 'zero')
        expect(new Set(named.map(({ name }) => name)).size).toBe(named.length)
      }
      expect(parameterBytes(row) ?? 15).toBeLessThanOrEqual(15)
      if (row.direction !== 'read') expect(row.response).toEqual([])
    }
  })

  it('keeps what belongs to the manufacturer apart', () => {
    const own = gsvCommands.filter((row) => accessOf(row, 'gsv-8') === 'manufacturer').map(({ name }) => name)
    expect(own).toEqual(
      expect.arrayContaining(['MEwriteCal', 'MEsetSerNo', 'WriteCalOperator', 'WriteCalDate', 'MEwriteInputRange'])
    )
    expect(accessOf(commandByName('ReadCal'), 'gsv-6bt')).toBe('manufacturer')
    expect(accessOf(commandByName('MEwriteInputRange', 'gsv-6'), 'gsv-6')).toBe('write')
  })

  it('knows firmware: minor numbers are numbers', () => {
    expect(commandByCode(0x63, 'gsv-6', '3.9')).toBeUndefined()
    expect(commandByCode(0x63, 'gsv-6', '3.41')?.name).toBe('ReadDataRateRange')
    expect(commandByCode(0x6b, 'gsv-6')).toBeUndefined()
    expect(commandByCode(0x6b, 'gsv-6bt', '4.0')?.name).toBe('ReadClockTime')
  })

  it('says which model lacks a command', () => {
    expect(() => encodeRequest('ResetDevice', {}, { model: 'gsv-8' })).toThrow(
      "command of gsv-8 as in the specification, got 'ResetDevice'"
    )
    expect(() => commandByName('Reset' as 'ResetDevice')).toThrow(
      "must be a command as in the specification, got 'Reset'"
    )
  })
})

describe('payloads', () => {
  it('come back from their bytes, whatever the values', () => {
    for (const row of everyCommand) {
      fc.assert(
        fc.property(valuesOf(row.request), (values) => {
          expect(decodeParameters(row, encodeParameters(row, values))).toEqual(values)
        }),
        { numRuns: 12 }
      )
      fc.assert(
        fc.property(valuesOf(row.request), valuesOf(row.response), (request, values) => {
          expect(decodeAnswer(row, encodeAnswer(row, values, request), request)).toEqual(values)
        }),
        { numRuns: 12 }
      )
    }
  })

  it('of any other length are refused: by a device with 0x5b, by a driver as a broken protocol', () => {
    for (const row of everyCommand) {
      const sizes = [row.request, row.alternative ?? row.request].map((request) => parameterBytes({ ...row, request }))
      for (let length = 0; length < 20; length += 1) {
        if (sizes.includes(undefined) || sizes.includes(length)) continue
        expect(() => decodeParameters(row, new Uint8Array(length))).toThrow(GsvError)
      }
      const size = answerBytes(row)
      if (size !== undefined) expect(() => decodeAnswer(row, new Uint8Array(size + 1))).toThrow('are expected')
    }
  })

  it('take the type by another value', () => {
    const serial = encodeRequest('WriteFTSensorCal', { type: 0, index: 0, value: 0xdeadbeef })
    expect(serial).toEqual(Uint8Array.of(0, 0, 0xde, 0xad, 0xbe, 0xef))
    expect(decodeRequest('WriteFTSensorCal', serial)).toEqual({ type: 0, index: 0, value: 0xdeadbeef })
    const two = Uint8Array.of(0x40, 0, 0, 0)
    expect(decodeResponse('ReadFTSensorCal', two, { request: { type: 1, index: 0 } })).toEqual({ value: 2 })
    expect(decodeResponse('ReadFTSensorCal', two, { request: { type: 0, index: 0 } })).toEqual({ value: 2 ** 30 })
    expect(decodeResponse('ReadTEDSdataEntry', Uint8Array.of(9, 1, ...two))).toEqual({ next: 9, kind: 1, value: 2 })
    expect(decodeResponse('ReadTEDSdataEntry', Uint8Array.of(9, 0, ...two))).toMatchObject({ value: 2 ** 30 })
  })

  it('differ between models, not their values', () => {
    const coefficient = { channel: 1, index: 0x10, coefficient: -1.5 }
    expect(encodeRequest('WriteDigiFiltCoeff', coefficient)).toEqual(Uint8Array.of(1, 0x10, 0xfe, 0x80, 0, 0))
    expect(encodeRequest('WriteDigiFiltCoeff', coefficient, { model: 'gsv-6' })).toEqual(
      Uint8Array.of(1, 0x10, 0xbf, 0xc0, 0, 0)
    )
    const answer = Uint8Array.of(0, 0x40, 0x20, 0, 0, 0xbf, 0xa0, 0, 0)
    expect(decodeResponse('ReadMaxMinVal', answer, { model: 'gsv-6' })).toEqual({ max: 2.5, min: -1.25 })
    expect(decodeResponse('GetInputType', Uint8Array.of(0, 0, 0, 200), { model: 'gsv-6' })).toEqual({
      type: 0,
      range: 200
    })
  })

  it.each([
    [{ channel: 256, unit: 1 }, RangeError, 'SetUnitNo: channel must be a whole number from 0 to 255, got 256'],
    [{ channel: 1.5, unit: 1 }, RangeError, 'whole number'],
    [{ channel: '1', unit: 1 }, TypeError, "channel must be a whole number from 0 to 255, got '1'"],
    [{ channel: 1 }, TypeError, 'SetUnitNo: unit must be a whole number from 0 to 255, got undefined'],
    [{ channel: 1, unit: 1, units: 2 }, RangeError, "SetUnitNo: there is no value 'units'"]
  ])('refuse wrong values %#', (values, type, message) => {
    const encode = () => encodeRequest('SetUnitNo', values as never)
    expect(encode).toThrow(type)
    expect(encode).toThrow(message)
  })

  it('are checked by the compiler', () => {
    const wrong = [
      // @ts-expect-error: there is no such command
      () => encodeRequest('WriteDatarate', { rate: 1 }),
      // @ts-expect-error: its parameter is missing
      () => encodeRequest('WriteDataRate'),
      // @ts-expect-error: it has another name
      () => encodeRequest('WriteDataRate', { frequency: 1 }),
      // @ts-expect-error: it is a number
      () => encodeRequest('WriteDataRate', { rate: '1' })
    ]
    for (const encode of wrong) expect(encode).toThrow()
    const { scale }: { scale: number } = decodeResponse('ReadUserScale', Uint8Array.of(0x40, 0, 0, 0))
    expect(scale).toBe(2)
  })

  it('never show a password', () => {
    const encode = () => encodeRequest('SetPassword', { password: 'hunter2' })
    expect(encode).toThrow('SetPassword: password must be at most 4 characters of Latin-1')
    expect(encode).not.toThrow('hunter2')
  })

  it('hold texts of Latin-1 only', () => {
    const bytes = encodeRequest('SetUnitText', { slot: 0, text: 'm³/h·°' })
    expect(decodeRequest('SetUnitText', bytes).text).toBe('m³/h·°')
    expect(() => encodeRequest('SetUnitText', { slot: 0, text: '‰' })).toThrow(RangeError)
  })
})

function valuesOf(fields: readonly Field[]): fc.Arbitrary<FieldValues> {
  const named = fields.filter(({ type }) => type !== 'zero')
  return fc.record(Object.fromEntries(named.map((field) => [field.name, arbitraryOf(field)])))
}

function arbitraryOf({ type, instead }: Field): fc.Arbitrary<FieldValues[string]> {
  const [, kind, count = '15'] = /^(\w+)\((\d+)\)$/.exec(type) ?? [undefined, type]
  const length = Number(count)
  // What may be u32 or f32 takes numbers that both have.
  if (instead) return fc.integer({ min: 0, max: 2 ** 24 })
  if (kind === 'ascii' || kind === 'text') {
    return fc
      .array(fc.integer({ min: 1, max: 255 }), { maxLength: length })
      .map((codes) => String.fromCharCode(...codes))
  }
  if (kind === 'bytes') return fc.uint8Array({ minLength: type === kind ? 0 : length, maxLength: length })
  if (kind === 'u16' && type !== kind) return fc.array(fc.nat(65_535), { minLength: length, maxLength: length })
  if (kind === 'f32') return fc.float()
  if (kind === 's7.24') return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((whole) => whole / 2 ** 24)
  const bits = Number(kind?.slice(1))
  return kind?.startsWith('s')
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 })
}
