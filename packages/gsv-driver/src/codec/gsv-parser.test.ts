import { describe, expect, it } from 'vitest'
import { decodeFrame } from './decode-frame.ts'
import type { IntegerEncoding } from './frame-layout.ts'
import { GsvParser } from './gsv-parser.ts'
import { encodeMeasured } from './measured.ts'
import type { ParserOptions } from './parser-options.ts'
import { encodeResponseFrame } from './request.ts'
import type { ScanBuffer } from './scan-buffer.ts'
import { STREAMS } from './stream-vectors.ts'
import { bytesOf, MEASURED, MEASURED_VALUES } from './vectors.ts'

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
const shorthand = (item: Item): 'M' | 'A' | number => ('values' in item ? 'M' : 'status' in item ? 'A' : item.skipped)
const lone = (bytes: string, options?: ParserOptions): Item[] => parse([bytesOf(bytes)], options, true).items

describe('measured frames', () => {
  for (const { name, layout, encoding, flags, values } of MEASURED_VALUES) {
    it(`decodes ${name}`, () => {
      const [item] = lone(MEASURED[name], { encoding }) as [{ values: number[]; flags: number }]
      expect(item.flags).toBe(flags)
      expect(item.values).toHaveLength(values.length)
      for (const [i, value] of values.entries()) expect(item.values[i]).toBeCloseTo(value, 7)
    })
    it(`encodes ${name}`, () =>
      expect(encodeMeasured(decoded(name, encoding), layout, encoding, flags)).toEqual(bytesOf(MEASURED[name])))
    it(`decodes ${name} as one frame`, () => {
      const frame = decodeFrame(bytesOf(MEASURED[name]), encoding)
      expect(frame).toEqual({ type: 'measured', layout, flags, values: Float64Array.from(decoded(name, encoding)) })
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
        const { items } = parse([concat('AA 50 00 85', encodeResponseFrame(0, data, crc))])
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
  for (const { name, bytes, found } of STREAMS) {
    it(`${name}: found, and the same split at every byte position`, () => {
      const stream = bytesOf(bytes)
      const whole = parse([stream], {}, true)
      expect(whole.items.map(shorthand)).toEqual(found)
      expect(whole.parser.skippedBytes).toBe(found.reduce<number>((sum, part) => sum + (Number(part) || 0), 0))
      for (let at = 1; at < stream.length; at += 1) {
        expect(parse([stream.subarray(0, at), stream.subarray(at)], {}, true).items).toEqual(whole.items)
      }
      const bytewise = Array.from(stream, (byte) => Uint8Array.of(byte))
      expect(parse(bytewise, {}, true).items).toEqual(whole.items)
    })
  }
  it('every vector of a frame, split at every byte position, between others', () => {
    for (const { name, encoding } of MEASURED_VALUES) {
      const stream = concat('AA 50 00 85', MEASURED[name], MEASURED[name], 'AA 50 01 85', MEASURED[name])
      const whole = parse([stream], { encoding }, true).items
      expect(whole.map(shorthand)).toEqual(['A', 'M', 'M', 'A', 'M'])
      for (let at = 1; at < stream.length; at += 1) {
        expect(parse([stream.subarray(0, at), stream.subarray(at)], { encoding }, true).items).toEqual(whole)
      }
    }
  })
  it('chunks larger than what may wait are the same as whole ones, wherever they are cut', () => {
    const layout = { objects: 16, dataType: 'float32', crc: true } as const
    const frames = Array.from({ length: 80 }, (_, i) => encodeMeasured(new Float64Array(16).fill(i), layout))
    const stream = concat(...frames.slice(0, 40), '00 AA', ...frames.slice(40))
    const whole = parse([stream], {}, true).items
    expect(whole).toHaveLength(81)
    for (let at = 1; at < 2500; at += 7) {
      expect(parse([stream.subarray(0, at), stream.subarray(at)], {}, true).items).toEqual(whole)
    }
  })

  it('small chunks that never end with a frame are parsed for longer than what may wait', () => {
    const layout = { objects: 16, dataType: 'float32', crc: true } as const
    const frames = Array.from({ length: 300 }, (_, i) => encodeMeasured(new Float64Array(16).fill(i), layout))
    const { items } = parse(cut(concat('00', ...frames), [70]))
    expect(items.map(shorthand)).toEqual([1, ...Array(300).fill('M')])
    expect(scans(items).map(([value]) => value)).toEqual(Array.from({ length: 300 }, (_, i) => i))
  })
  it('believes a frame of the stated layout at once, even behind one of another layout', () => {
    const layout = { objects: 2, dataType: 'float32', crc: false } as const
    const { items } = parse([concat(MEASURED.M9, '00', MEASURED.M13, '00 00')], { layout })
    expect(items.map(shorthand)).toEqual(['M', 1, 'M'])
  })

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
  it('gives up a false prefix when nothing more comes', () => {
    const { items, parser } = parse([concat('AA 1F B0 00', MEASURED.M5, MEASURED.M5)], {}, true)
    expect(scans(items)).toHaveLength(2)
    expect(parser.pending).toBe(0)
  })
})

describe('high-speed mode', () => {
  const raw = (item: Item | undefined): number[] =>
    (item as { values: number[] }).values.map((value) => Math.round((value * 32768) / 1.05))

  it('M14 is four scans of two channels, one of eight channels where none are stated', () => {
    const { items, parser } = parse([bytesOf(MEASURED.M14)], { channels: 2 }, true)
    expect(items.map(raw)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7]
    ])
    expect(parser.decoded).toBe(4)
    expect(parser.layout).toEqual({ objects: 8, dataType: 'int16', crc: false, channels: 2 })
    expect(lone(MEASURED.M14).map(raw)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7]])
  })
  it('decodes every number of channels and scans, type and checksum, in any cutting and at any capacity', () => {
    for (const [channels, scansOfFrame] of [
      [1, 8],
      [2, 8],
      [2, 5],
      [3, 5],
      [4, 4],
      [5, 3],
      [8, 2],
      [16, 1]
    ] as const) {
      for (const dataType of ['int16', 'int24', 'float32'] as const) {
        for (const crc of [false, true]) {
          const layout = { objects: channels * scansOfFrame, dataType, crc, channels }
          const frames = [0, 1, 2].map((n) => encodeMeasured(ramp(layout.objects, n), layout, 'offset', 3 - n))
          const stream = concat(...frames)
          const { items } = parse([stream], { layout, capacity: 11 }, true)
          const got = items as { values: number[]; flags: number }[]
          expect(got.map(({ flags }) => flags)).toEqual([3, 2, 1].flatMap((n) => Array(scansOfFrame).fill(n)))
          const flat = got.flatMap(({ values }) => values)
          for (const [i, value] of [0, 1, 2].flatMap((n) => ramp(layout.objects, n)).entries()) {
            expect(flat[i]).toBeCloseTo(value, 4)
          }
          expect(parse(cut(stream, [7, 3, 31]), { layout, capacity: 1 }, true).items).toEqual(items)
        }
      }
    }
  })
  it('fills the buffer up, and never begins a frame that has no room', () => {
    const sizes: number[] = []
    const layout = { objects: 15, dataType: 'int16', crc: false, channels: 3 } as const
    const full = ({ length, capacity }: ScanBuffer): void => void sizes.push(length, capacity)
    const parser = new GsvParser({ full, response() {}, skipped() {} }, { layout, capacity: 12 })
    for (let i = 0; i < 5; i += 1) parser.push(encodeMeasured(new Float64Array(15), layout))
    expect(sizes).toEqual([10, 10, 10, 10])
    expect(parser.scans.length).toBe(5)
  })
  it('skips frames that cannot hold whole scans, and follows frames that hold another number', () => {
    const of = (objects: number) => encodeMeasured(ramp(objects, 1), { objects, dataType: 'int16', crc: false })
    const { items } = parse([concat(of(4), of(4), of(3), of(2), of(2), of(4))], { channels: 2 }, true)
    expect(items.map(shorthand)).toEqual(['M', 'M', 'M', 'M', 10, 'M', 'M', 'M', 'M'])
  })
  it('takes channels that become known later, and drops a layout that they do not fit', () => {
    const { parser } = parse([concat(MEASURED.M14, MEASURED.M14)])
    expect(parser.scans.objects).toBe(8)
    parser.channels = 4
    expect(parser.layout).toEqual({ objects: 8, dataType: 'int16', crc: false, channels: 4 })
    parser.channels = 3
    expect(parser.layout).toBeUndefined()
    parser.channels = undefined
    parser.expect({ objects: 8, dataType: 'int16', crc: false })
    parser.push(bytesOf(MEASURED.M14))
    expect(parser.scans.objects).toBe(8)
  })
  it('scales by channel', () => {
    const { parser } = parse([], { layout: { objects: 4, channels: 2, dataType: 'int16', crc: false } })
    parser.scale([1, 100], [0, 7])
    parser.push(encodeMeasured([0.5, 0.5, 1, 1], { objects: 4, dataType: 'int16', crc: false }))
    const { values, capacity } = parser.scans
    const got = [values[0], values[1], values[capacity], values[capacity + 1]]
    for (const [i, value] of [0.5, 1, 57, 107].entries()) expect(got[i]).toBeCloseTo(value, 2)
  })
})

describe('options', () => {
  const none = { full() {}, response() {}, skipped() {} }
  const layout = { objects: 8, dataType: 'int16', crc: false } as const
  const wrong: readonly (readonly [ParserOptions, string])[] = [
    [{ capacity: 0 }, 'GsvParser: capacity must be a positive whole number of scans, got 0'],
    [{ channels: 17 }, 'GsvParser: channels must be a whole number from 1 to 16, got 17'],
    [{ layout: { ...layout, objects: 17 } }, 'GsvParser: objects must be a whole number from 1 to 16, got 17'],
    [{ layout: { ...layout, channels: 3 } }, 'channels must divide the 8 objects into at most 8 scans, got 3'],
    [
      { layout: { ...layout, objects: 16, channels: 1 } },
      'channels must divide the 16 objects into at most 8 scans, got 1'
    ]
  ]
  for (const [options, message] of wrong) {
    it(message, () => expect(() => new GsvParser(none, options)).toThrow(message))
  }
  it('encodeMeasured refuses values that are not as many as objects', () =>
    expect(() => encodeMeasured([1], layout)).toThrow('encodeMeasured: values must be 8, as many as objects, got 1'))
})

describe('long responses', () => {
  const long = encodeResponseFrame(0, new Uint8Array(20))
  it('are none where a frame has yet to be found, since a false one would swallow much', () => {
    expect(parse([concat('00', long)], {}, true).items).toEqual([{ skipped: 25 }])
  })
  it('are taken there while a command is under way that has one', () => {
    const seen: number[] = []
    const parser = new GsvParser({ full() {}, skipped() {}, response: (_, { length }) => void seen.push(length) })
    parser.awaitsLong = true
    parser.push(concat('00', long))
    expect(seen).toEqual([20])
  })
})

function decoded(name: keyof typeof MEASURED, encoding: IntegerEncoding): number[] {
  return (lone(MEASURED[name], { encoding })[0] as { values: number[] }).values
}

/** Different values for each object, inside of the range. */
function ramp(objects: number, n: number): number[] {
  return Array.from({ length: objects }, (_, c) => (c - 8) / 16 + n / 100)
}

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
