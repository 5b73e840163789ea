import { describe, expect, it } from 'vitest'
import { crc8, crc16 } from './crc.ts'
import { decodeFrame } from './decode-frame.ts'
import { GsvParser } from './gsv-parser.ts'
import { encodeRequestFrame, encodeResponseFrame } from './request.ts'
import { bytesOf, REQUESTS, RESPONSES } from './vectors.ts'

describe('encodeRequestFrame', () => {
  for (const { name, bytes, command, parameters, crc, meaning } of REQUESTS) {
    it(`makes ${name}: ${meaning}`, () =>
      expect(encodeRequestFrame(command, bytesOf(parameters), crc)).toEqual(bytesOf(bytes)))
  }
  it('refuses more than 15 parameters', () =>
    expect(() => encodeRequestFrame(1, new Uint8Array(16))).toThrow(
      'encodeRequestFrame: parameters must be at most 15 bytes, got 16'
    ))
  it('refuses a command that is no byte', () =>
    expect(() => encodeRequestFrame(256)).toThrow('encodeRequestFrame: command must be a byte, got 256'))
})

describe('encodeResponseFrame', () => {
  for (const { name, bytes, status, data, crc, meaning } of RESPONSES) {
    it(`makes ${name}: ${meaning}`, () =>
      expect(encodeResponseFrame(status, bytesOf(data), crc)).toEqual(bytesOf(bytes)))
  }
  it('decodes to the same: status and data, by the parser', () => {
    for (const { bytes, status, data } of RESPONSES) {
      const seen: unknown[] = []
      const response = (got: number, carrying: Uint8Array): unknown => seen.push([got, carrying.slice()])
      const parser = new GsvParser({ full() {}, skipped() {}, response })
      parser.push(bytesOf('AA 50 00 85'))
      parser.push(bytesOf(bytes))
      expect(seen[1]).toEqual([status, bytesOf(data)])
    }
  })
  it('refuses more than 270 data bytes', () =>
    expect(() => encodeResponseFrame(0, new Uint8Array(271))).toThrow('data must be at most 270 bytes, got 271'))
  it('refuses a long response that would lose its status', () =>
    expect(() => encodeResponseFrame(0x50, new Uint8Array(15))).toThrow(
      'encodeResponseFrame: a response with data must have status 0 or 1, got 80'
    ))
})

describe('decodeFrame', () => {
  it('decodes every request', () => {
    for (const { bytes, command, parameters, crc } of REQUESTS) {
      expect(decodeFrame(bytesOf(bytes))).toEqual({ type: 'request', command, parameters: bytesOf(parameters), crc })
    }
  })
  it('decodes every response', () => {
    for (const { bytes, status, data, crc } of RESPONSES) {
      expect(decodeFrame(bytesOf(bytes))).toEqual({ type: 'response', status, data: bytesOf(data), crc })
    }
  })
  const wrong: readonly (readonly [bytes: string, message: string])[] = [
    ['AA 90 85', 'frame aa 90 85: has 3 bytes, at least 4 were expected'],
    ['AB 90 23 85', 'begins with 0xab, expected 0xaa'],
    ['AA D0 23 85', 'header 0xd0 is none of the serial line'],
    ['AA 80 23 85', 'header 0x80 is none of the serial line'],
    ['AA 91 23 85', 'has 4 bytes, its header says 5'],
    ['AA 90 23 84', 'ends with 0x84, expected 0x85'],
    ['AA B0 23 A7 85', 'checksum is 0xa7, expected 0xa6'],
    ['AA 10 C0 00 00 85', 'status 0xc0 names no data type'],
    ['AA 10 10 00 00 85', 'status 0x10 names no data type'],
    ['AA 31 90 80 00 F9 E7 EF FC 85', 'frame aa 31 90 80 00 f9 e7 ef fc 85: checksum is wrong']
  ]
  for (const [bytes, message] of wrong) {
    it(`says of ${bytes}: ${message}`, () => expect(() => decodeFrame(bytesOf(bytes))).toThrow(message))
  }
})

describe('checksums', () => {
  const check = new TextEncoder().encode('123456789')
  it('CRC-8 has the published check value', () => expect(crc8(check)).toBe(0xf4))
  it('CRC-16 has the published check value', () => expect(crc16(check)).toBe(0x4b37))
  it('CRC-16 of eight bytes a step is that of one bit a step, for every length and place', () => {
    const bytes = Uint8Array.from({ length: 80 }, (_, i) => (i * 73 + 11) & 0xff)
    for (let from = 0; from < 9; from += 1) {
      for (let to = from; to < bytes.length; to += 1) expect(crc16(bytes, from, to)).toBe(bitwise(bytes, from, to))
    }
  })
})

function bitwise(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffff
  for (const byte of bytes.subarray(from, to)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}
