import { describe, expect, it } from 'vitest'
import { crc8, crc16 } from './crc.ts'
import { GsvParser } from './gsv-parser.ts'
import { encodeRequest, encodeResponse } from './request.ts'
import { bytesOf } from './vectors.ts'

const f32 = (value: number): number[] => {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return [...new Uint8Array(view.buffer)]
}
const ascii = (text: string): number[] => [...new TextEncoder().encode(text)]

const REQUESTS: readonly (readonly [
  name: string,
  bytes: string,
  command: number,
  parameters: number[],
  crc?: boolean
])[] = [
  ['R1', 'AA 90 23 85', 0x23, []],
  ['R2', 'AA 90 24 85', 0x24, []],
  ['R3', 'AA 90 3B 85', 0x3b, []],
  ['R4', 'AA B0 23 A6 85', 0x23, [], true],
  ['R5', 'AA B1 01 08 AC 85', 0x01, [8], true],
  ['R6', 'AA 90 8A 85', 0x8a, []],
  ['R7', 'AA 90 1F 85', 0x1f, []],
  ['R8', 'AA 90 78 85', 0x78, []],
  ['R9', 'AA 94 8B 42 C8 00 00 85', 0x8b, f32(100)],
  ['R10', 'AA B4 8B 42 C8 00 00 AE 85', 0x8b, f32(100), true],
  ['R11 of all', 'AA 91 0C 00 85', 0x0c, [0]],
  ['R11', 'AA 91 0C 03 85', 0x0c, [3]],
  ['R12', 'AA 91 14 02 85', 0x14, [2]],
  ['R13', 'AA 95 15 02 40 00 00 00 85', 0x15, [2, ...f32(2)]],
  ['R14', 'AA 95 9B 00 BE 80 00 00 85', 0x9b, [0, ...f32(-0.25)]],
  ['R15', 'AA 92 A2 01 FF 85', 0xa2, [1, 0xff]],
  ['R16', 'AA 96 34 00 00 00 00 00 C8 85', 0x34, [0, 0, 0, 0, 0, 200]],
  ['R17', 'AA 93 81 01 00 03 85', 0x81, [1, 0, 3]],
  ['R18', 'AA 93 81 01 00 01 85', 0x81, [1, 0, 1]],
  ['R19', 'AA 93 81 01 00 10 85', 0x81, [1, 0, 0x10]],
  ['R20', 'AA 93 81 00 00 02 85', 0x81, [0, 0, 2]],
  ['R21', 'AA 92 10 00 03 85', 0x10, [0, 3]],
  ['R22', 'AA 99 12 00 4E 2F 63 6D 00 00 00 00 85', 0x12, [0, ...ascii('N/cm'), 0, 0, 0, 0]],
  ['R23', 'AA 9A 12 00 00 4E 2F 63 6D 00 00 00 00 85', 0x12, [0, 0, ...ascii('N/cm'), 0, 0, 0, 0]],
  ['R24', 'AA 94 19 42 65 6C 6E 85', 0x19, ascii('Beln')],
  ['R25', 'AA 94 92 55 4C 4B 61 85', 0x92, ascii('ULKa')],
  ['R26', 'AA 96 60 01 01 3F C0 00 00 85', 0x60, [1, 1, ...f32(1.5)]],
  ['R27', 'AA 95 5C 01 01 00 00 03 85', 0x5c, [1, 1, 0, 0, 3]],
  ['R28', 'AA 93 5E 05 00 01 85', 0x5e, [5, 0, 1]],
  ['R29', 'AA 92 47 02 00 85', 0x47, [2, 0]],
  ['R30', 'AA 96 48 02 07 BE 00 00 00 85', 0x48, [2, 7, ...f32(-0.125)]],
  ['R31', 'AA 95 7C 0A 00 07 08 00 85', 0x7c, [10, 0, 7, 8, 0]],
  ['R32 as u16', 'AA 92 91 03 52 85', 0x91, [3, 0x52]],
  ['R32 as f32', 'AA 94 91 44 5D 40 00 85', 0x91, f32(885)],
  ['R33', 'AA 95 03 01 FF FF FB 2E 85', 0x03, [1, 0xff, 0xff, 0xfb, 0x2e]],
  ['R34', 'AA 96 50 01 10 FE 80 00 00 85', 0x50, [1, 0x10, 0xfe, 0x80, 0, 0]]
]

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const RESPONSES: readonly (readonly [name: string, bytes: string, status: number, data: number[], crc?: boolean])[] = [
  ['A1', 'AA 50 00 85', 0, []],
  ['A2', 'AA 70 00 A2 85', 0, [], true],
  ['A3', 'AA 74 00 C8 73 00 02 B9 85', 0, [0xc8, 0x73, 0, 2], true],
  ['A4', 'AA 54 00 48 7B 00 02 85', 0, [0x48, 0x7b, 0, 2]],
  ['A5', 'AA 54 00 42 C8 00 00 85', 0, f32(100)],
  ['A6', 'AA 74 00 42 C8 00 00 1C 85', 0, f32(100), true],
  ['A7', 'AA 54 00 42 C8 CD D3 85', 0, [0x42, 0xc8, 0xcd, 0xd3]],
  ['A8', 'AA 54 00 01 75 2B 7C 85', 0, [0x01, 0x75, 0x2b, 0x7c]],
  ['A9', 'AA 74 00 01 75 2B 7C 8C 85', 0, [0x01, 0x75, 0x2b, 0x7c], true],
  ['A10', 'AA 54 00 00 01 00 38 85', 0, [0, 1, 0, 0x38]],
  ['A11', 'AA 54 00 40 00 00 00 85', 0, f32(2)],
  ['A12', 'AA 55 00 01 00 00 01 5E 85', 0, [1, 0, 0, 1, 0x5e]],
  ['A13', 'AA 51 00 03 85', 0, [3]],
  ['A14', 'AA 52 00 00 03 85', 0, [0, 3]],
  ['A15', 'AA 54 00 00 05 FF 02 85', 0, [0, 5, 0xff, 2]],
  ['A16', 'AA 58 00 4E 2F 63 6D 00 00 00 00 85', 0, [...ascii('N/cm'), 0, 0, 0, 0]],
  ['A17', 'AA 59 00 00 4E 2F 63 6D 00 00 00 00 85', 0, [0, ...ascii('N/cm'), 0, 0, 0, 0]],
  ['A18', 'AA 58 00 40 20 00 00 BF A0 00 00 85', 0, [...f32(2.5), ...f32(-1.25)]],
  ['A19', 'AA 54 00 46 3B 80 00 85', 0, f32(12_000)],
  ['A20', 'AA 52 00 00 08 85', 0, [0, 8]],
  ['A21', 'AA 56 00 0B 84 00 07 08 00 85', 0, [0x0b, 0x84, 0, 7, 8, 0]],
  ['A22', 'AA 56 00 20 00 03 E8 01 01 85', 0, [0x20, 0, 3, 0xe8, 1, 1]],
  ['A23', 'AA 54 00 81 00 00 03 85', 0, [0x81, 0, 0, 3]],
  ['A24', 'AA 54 00 FF FF FB 2E 85', 0, [0xff, 0xff, 0xfb, 0x2e]],
  ['A25', 'AA 50 52 85', 0x52, []],
  ['A25', 'AA 50 5B 85', 0x5b, []],
  ['A25', 'AA 50 75 85', 0x75, []],
  ['A26', 'AA 50 01 85', 1, []],
  ['A30', 'AA 54 00 00 3C F3 CF 85', 0, [0, 0x3c, 0xf3, 0xcf]],
  ['A27', 'AA 5F 00 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 85', 0, upTo(15)],
  ['A28', 'AA 5F 05 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 85', 0, upTo(20)],
  ['A29', 'AA 7F 05 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 7C 85', 0, upTo(20), true]
]

describe('encodeRequest', () => {
  for (const [name, bytes, command, parameters, crc] of REQUESTS) {
    it(`makes ${name}: ${bytes}`, () => expect(encodeRequest(command, parameters, crc)).toEqual(bytesOf(bytes)))
  }
  it('refuses more than 15 parameters', () =>
    expect(() => encodeRequest(1, new Uint8Array(16))).toThrow(
      'encodeRequest: parameters must be at most 15 bytes, got 16'
    ))
})

describe('encodeResponse', () => {
  for (const [name, bytes, status, data, crc] of RESPONSES) {
    it(`makes ${name}: ${bytes}`, () => expect(encodeResponse(status, data, crc)).toEqual(bytesOf(bytes)))
  }
  it('decodes to the same: status and data, by the parser', () => {
    for (const [, bytes, status, data] of RESPONSES) {
      const seen: unknown[] = []
      const response = (got: number, carrying: Uint8Array): unknown => seen.push([got, [...carrying]])
      const parser = new GsvParser({ full() {}, skipped() {}, response })
      parser.push(bytesOf('AA 50 00 85'))
      parser.push(bytesOf(bytes))
      expect(seen[1]).toEqual([status, data])
    }
  })
  it('refuses more than 270 data bytes', () =>
    expect(() => encodeResponse(0, new Uint8Array(271))).toThrow('data must be at most 270 bytes, got 271'))
})

describe('checksums', () => {
  const check = new TextEncoder().encode('123456789')
  it('CRC-8 has the published check value', () => expect(crc8(check)).toBe(0xf4))
  it('CRC-16 has the published check value', () => expect(crc16(check)).toBe(0x4b37))
})
