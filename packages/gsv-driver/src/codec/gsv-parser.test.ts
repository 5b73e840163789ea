import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GsvParser } from './gsv-parser.ts'
import { encodeMeasured } from './measured.ts'
import type { ParserOptions } from './parser-options.ts'
import { encodeResponse } from './request.ts'
import type { ScanBuffer } from './scan-buffer.ts'
import { bytesOf, MEASURED } from './vectors.ts'

type Item = { values: number[]; flags: number } | { status: number; data: number[] } | { skipped: number }

/** Everything that a parser reports, in order, for chunks; scans are taken after each chunk so that order shows. */
function parse(
  chunks: readonly Uint8Array[],
  options?: ParserOptions,
  idle = false
): { items: Item[]; parser: GsvParser } {
  const items: Item[] = []
  const take = (scans: ScanBuffer): void => {
    for (let i = 0; i < scans.length; i += 1) {
      const values = Array.from({ length: scans.objects }, (_, c) => scans.values[c * scans.capacity + i] as number)
      items.push({ values, flags: scans.flags[i] as number })
    }
    scans.length = 0
  }
  const parser: GsvParser = new GsvParser(
    {
      full: take,
      response(status, data) {
        take(parser.scans)
        items.push({ status, data: [...data] })
      },
      skipped(bytes) {
        take(parser.scans)
        items.push({ skipped: bytes })
      }
    },
    { capacity: 4, ...options }
  )
  for (const chunk of chunks) parser.push(chunk)
  if (idle) parser.idle()
  take(parser.scans)
  return { items, parser }
}

const scans = (items: Item[]): number[][] => items.flatMap((item) => ('values' in item ? [item.values] : []))
const concat = (...parts: (Uint8Array | string)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? bytesOf(part) : part)]))
const lone = (bytes: string, options?: ParserOptions): Item[] => parse([bytesOf(bytes)], options, true).items

describe('measured frames', () => {
  const cases: readonly [keyof typeof MEASURED, number[], number, ParserOptions?][] = [
    ['M1', [-24.9752045, 1.79765296, 1.50555551, -0.78708774, 2.54474568, 1.39115369, 0.45070988, 1.14371431], 0],
    ['M2', [-0.12208929, -1.05, 1.05, 1.05, -0.15515915, -1.05], 0],
    ['M3', [0.00076906639, -1.05, -0.86261255, -0.80815351, -0.00032044435, -1.05], 0],
    ['M4', [-0.01172826, -1.05, -0.43018016, -0.20383695, -0.01717582, -1.05], 0],
    ['M5', [0, 1, -1, 0.5, -0.25, 2, 100, -3.5], 0],
    ['M6', [-1.05, -1.0000122, 0, 0.9999802, 1.049968, 0, 0, 0], 1],
    ['M7', [-1.05, -0.99999994, 0, 0.99999994, 1.04999987, 0, 0, 0], 2],
    ['M8', [-1.0000122, 0.9999802, 0, 1.049968, -1.05, -0.000032], 0, { encoding: 'signed' }],
    ['M9', [0, 0.9999802], 0],
    ['M10', [0, 0.99999994], 0],
    ['M11', [1], 0],
    ['M12', [-1.0000122], 0],
    ['M13', [-1.6036e-35, 1], 0]
  ]
  for (const [name, values, flags, options] of cases) {
    it(`decodes ${name}`, () => {
      const [item] = lone(MEASURED[name], options) as [{ values: number[]; flags: number }]
      expect(item.flags).toBe(flags)
      expect(item.values).toHaveLength(values.length)
      for (const [i, value] of values.entries()) expect(item.values[i]).toBeCloseTo(value, 7)
    })
  }

  it('encodes what it decodes', () => {
    const layout = { objects: 8, dataType: 'int24', crc: false } as const
    const values = [-1.05, -0.99999994, 0, 0.99999994, 1.04999987, 0, 0, 0]
    expect(encodeMeasured(values, layout, 'offset', 2)).toEqual(bytesOf(MEASURED.M7))
    expect(encodeMeasured([0, 0.9999802], { objects: 2, dataType: 'int16', crc: true })).toEqual(bytesOf(MEASURED.M9))
    const six = [-1.0000122, 0.9999802, 0, 9, -9, -0.000032]
    expect(encodeMeasured(six, { objects: 6, dataType: 'int16', crc: false }, 'signed')).toEqual(bytesOf(MEASURED.M8))
  })

  it('scales integers by user scale and offset, whichever is set first, scale or layout', () => {
    const { parser } = parse([])
    parser.scale([100, 10], [5, -5])
    parser.push(concat(MEASURED.M9))
    const values = [...parser.scans.values.subarray(0, 5)]
    expect(values[0]).toBe(5)
    expect(values[4]).toBeCloseTo(4.999802, 6)
    parser.scale([1, 20], [0, 0])
    parser.push(concat(MEASURED.M9))
    expect(parser.scans.values[5]).toBeCloseTo(19.999604, 5)
  })
})

describe('integers', () => {
  // raw values of both encodings at parts of the nominal range, from the manual
  const table: readonly [part: number, int16: string, int24: string, signed16: string][] = [
    [-1.05, '00 00', '00 00 00', '80 00'],
    [-1, '06 18', '06 18 62', '86 18'],
    [0, '80 00', '80 00 00', '00 00'],
    [1, 'F9 E7', 'F9 E7 9E', '79 E7'],
    [1.05, 'FF FF', 'FF FF FF', '7F FF']
  ]
  for (const [part, int16, int24, signed16] of table) {
    it(`${part} of the range is ${int16}, ${int24} and, signed, ${signed16}`, () => {
      const value = (frame: string, encoding?: 'signed'): number => {
        const [item] = lone(frame, encoding ? { encoding } : {}) as unknown as [{ values: number[] }]
        return item.values[0] as number
      }
      // the manual cuts fractions of a step off or rounds them, not always the same way
      const [step16, step24] = [1.0001 * (1.05 / 0x8000), 1.0001 * (1.05 / 0x800000)]
      expect(Math.abs(value(`AA 10 90 ${int16} 85`) - part)).toBeLessThan(step16)
      expect(Math.abs(value(`AA 10 A0 ${int24} 85`) - part)).toBeLessThan(step24)
      expect(Math.abs(value(`AA 10 90 ${signed16} 85`, 'signed') - part)).toBeLessThan(step16)
    })
  }
  it('every raw int16 value survives both ways', () => {
    for (const encoding of ['offset', 'signed'] as const) {
      for (let raw = 0; raw < 65_536; raw += 257) {
        const frame = Uint8Array.of(0xaa, 0x10, 0x90, raw >> 8, raw & 255, 0x85)
        const { items } = parse([frame], { encoding }, true)
        const [{ values }] = items as unknown as [{ values: number[] }]
        expect(encodeMeasured(values, { objects: 1, dataType: 'int16', crc: false }, encoding)).toEqual(frame)
      }
    }
  })
})

describe('responses', () => {
  it('are passed on whatever their status is', () => {
    expect(lone('AA 50 52 85 AA 50 5B 85 AA 50 75 85 AA 50 01 85 AA 50 EE 85')).toEqual(
      [0x52, 0x5b, 0x75, 0x01, 0xee].map((status) => ({ status, data: [] }))
    )
  })
  it('of every length arrive, with and without CRC', () => {
    for (const length of [0, 1, 4, 14, 15, 16, 20, 270]) {
      for (const crc of [false, true]) {
        const data = Array.from({ length }, (_, i) => (i * 7) & 0xff)
        expect(lone('AA 50 00 85').length).toBe(1)
        const { items } = parse([concat('AA 50 00 85', encodeResponse(0, data, crc))])
        expect(items[1]).toEqual({ status: 0, data })
      }
    }
  })
  it('with a wrong CRC-8 are not passed on', () => expect(lone('AA 74 00 C8 73 00 02 B8 85')).toEqual([{ skipped: 9 }]))
  it('come behind the mark of bytes that were skipped before them', () => {
    const { items } = parse([concat(MEASURED.M5, MEASURED.M5, '00 01', 'AA 50 00 85')])
    expect(items.slice(2)).toEqual([{ skipped: 2 }, { status: 0, data: [] }])
  })
})

describe('streams', () => {
  const streams: Record<string, readonly [stream: Uint8Array, scans: number, responses: number, skipped: number]> = {
    'garbage and frames': [concat('85 00 AA AA 10 90 06 18 85 AA 50 00 85'), 1, 1, 3],
    'cut start': [concat(bytesOf(MEASURED.M13).subarray(1), MEASURED.M12), 1, 0, 11],
    interleaved: [concat(MEASURED.M12, 'AA 54 00 42 C8 00 00 85', MEASURED.M12), 2, 1, 0],
    'flipped bit': [concat(MEASURED.M1, flipped(MEASURED.M1, 9), MEASURED.M1), 2, 0, 38],
    'prefix and suffix in data': [concat(MEASURED.M13, MEASURED.M13, MEASURED.M13), 3, 0, 0]
  }
  for (const [name, [stream, measured, responses, skipped]] of Object.entries(streams)) {
    it(`${name}: found, and the same split at every byte position`, () => {
      const whole = parse([stream], {}, true)
      expect(scans(whole.items)).toHaveLength(measured)
      expect(whole.items.filter((item) => 'status' in item)).toHaveLength(responses)
      expect(whole.parser.skippedBytes).toBe(skipped)
      for (let at = 1; at < stream.length; at += 1) {
        expect(parse([stream.subarray(0, at), stream.subarray(at)], {}, true).items).toEqual(whole.items)
      }
      expect(
        parse(
          [...stream].map((byte) => Uint8Array.of(byte)),
          {},
          true
        ).items
      ).toEqual(whole.items)
    })
  }

  it('counts the discarded checksum', () => {
    expect(parse([concat(MEASURED.M1, flipped(MEASURED.M1, 9), MEASURED.M1)]).parser.crcErrors).toBe(1)
  })
  it('waits for a second frame before it trusts an unknown layout, but not a known one', () => {
    expect(scans(parse([bytesOf(MEASURED.M12)]).items)).toEqual([])
    const layout = { objects: 1, dataType: 'int16', crc: false } as const
    expect(scans(parse([bytesOf(MEASURED.M12)], { layout }).items)).toHaveLength(1)
  })
  it('puts the mark of skipped bytes before the scan that follows', () => {
    const { items } = parse([concat(MEASURED.M5, MEASURED.M5, '00 01 02', MEASURED.M5)])
    expect(items.map((item) => ('skipped' in item ? item.skipped : 'scan'))).toEqual(['scan', 'scan', 3, 'scan'])
  })
  it('hands scans over before frames change their number of values', () => {
    const { items } = parse([concat(MEASURED.M5, MEASURED.M5, MEASURED.M2, MEASURED.M2)])
    expect(scans(items).map((values) => values.length)).toEqual([8, 8, 6, 6])
  })
  it('marks what was damaged at the very end', () => {
    const { items } = parse([concat(MEASURED.M5, MEASURED.M5, flipped(MEASURED.M5, 35))], {}, true)
    expect(items.map((item) => ('skipped' in item ? item.skipped : 'scan'))).toEqual(['scan', 'scan', 36])
  })
  it('reads M14, a frame of the high-speed mode that is never switched on, as one scan', () => {
    const frame = 'AA 17 90 80 00 80 01 80 02 80 03 80 04 80 05 80 06 80 07 85'
    const [item] = lone(frame) as unknown as [{ values: number[] }]
    expect(item.values.map((value) => Math.round((value * 32768) / 1.05))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
  it('gives up a false prefix when nothing more comes', () => {
    const { items, parser } = parse([concat('AA 1F B0 00', MEASURED.M5, MEASURED.M5)], {}, true)
    expect(scans(items)).toHaveLength(2)
    expect(parser.pending).toBe(0)
  })
})

describe('fuzz', () => {
  const layout = { objects: 3, dataType: 'float32', crc: false } as const
  const frame = fc
    .tuple(fc.float({ noNaN: true }), fc.float({ noNaN: true }), fc.integer({ min: 0, max: 3 }))
    .map(([a, b, flags]) => encodeMeasured([a, b, 1], layout, 'offset', flags))
  const part = fc.oneof(
    { weight: 6, arbitrary: frame },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 14 }).map((data) => encodeResponse(0, data)) }
  )
  const stream = fc.array(part, { maxLength: 30 }).map((parts) => concat(...parts))

  it('any bytes never throw, and any chunking gives the same', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 50 })), (bytes, sizes) => {
        expect(parse(cut(bytes, sizes), {}, true).items).toEqual(parse([bytes], {}, true).items)
      }),
      { numRuns: 400 }
    )
  })
  it('random bytes with many prefixes never throw, hang or keep more than a few frames', () => {
    const byte = fc.constantFrom(0xaa, 0x10, 0x50, 0x5f, 0x90, 0xb0, 0x85, 0x00, 0x37, 0x7f)
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 3000 }), (bytes) => {
        const { parser } = parse([Uint8Array.from(bytes)])
        expect(parser.pending).toBeLessThan(600)
        parser.idle()
        expect(parser.pending).toBe(0)
      })
    )
  })
})

function flipped(frame: string, at: number): Uint8Array {
  const bytes = bytesOf(frame)
  bytes[at] = (bytes[at] as number) ^ 4
  return bytes
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % Math.max(1, sizes.length)] ?? bytes.length
    chunks.push(bytes.slice(at, at + size))
    at += size
  }
  return chunks
}
