import { describe, expect, it } from 'vitest'
import type { ScanBuffer } from '../scan-buffer.ts'
import { bytesOf } from '../vectors.ts'
import { encodeGsv4Answer, encodeLegacyAnswer } from './legacy-answer.ts'
import type { LegacyLayout } from './legacy-layout.ts'
import { encodeLegacyMeasured } from './legacy-measured.ts'
import { LegacyParser, type LegacyParserOptions } from './legacy-parser.ts'
import { encodeLegacyRequest, LegacyRequestParser } from './legacy-request.ts'
import { LEGACY, LEGACY_ANSWERS, LEGACY_MEASURED, LEGACY_REQUESTS } from './legacy-vectors.ts'

type Item =
  | { values: number[]; flags: number }
  | { answer: Uint8Array; command: number | undefined }
  | { skipped: number }

interface Way {
  readonly start?: boolean
  readonly idle?: boolean
  readonly expect?: number
}

function parse(chunks: readonly Uint8Array[], options: LegacyParserOptions, way: Way = {}): Item[] {
  const items: Item[] = []
  const take = (scans: ScanBuffer): void => {
    for (let i = 0; i < scans.length; i += 1) {
      const values = Array.from({ length: scans.objects }, (_, c) => scans.values[c * scans.capacity + i] as number)
      items.push({ values, flags: scans.flags[i] as number })
    }
    scans.length = 0
  }
  const parser: LegacyParser = new LegacyParser(
    {
      full: take,
      answer(data, command) {
        take(parser.scans)
        items.push({ answer: data.slice(), command })
      },
      skipped(skipped) {
        take(parser.scans)
        items.push({ skipped })
      }
    },
    { capacity: 3, ...options }
  )
  if (way.start) parser.start()
  if (way.expect) parser.expectAnswer(way.expect)
  for (const chunk of chunks) parser.push(chunk)
  if (way.idle) parser.idle()
  take(parser.scans)
  return items
}

const concat = (...parts: (Uint8Array | string)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? bytesOf(part) : part)]))
const shorthand = (item: Item): 'M' | 'A' | number => ('values' in item ? 'M' : 'skipped' in item ? item.skipped : 'A')

/** The same, whole, split at every byte position, and byte by byte. */
function everyCut(stream: Uint8Array, options: LegacyParserOptions, way: Way = {}): Item[] {
  const whole = parse([stream], options, way)
  for (let at = 1; at < stream.length; at += 1) {
    expect(parse([stream.subarray(0, at), stream.subarray(at)], options, way)).toEqual(whole)
  }
  expect(
    parse(
      Array.from(stream, (byte) => Uint8Array.of(byte)),
      options,
      way
    )
  ).toEqual(whole)
  return whole
}

const LAYOUTS: readonly LegacyLayout[] = [
  { model: 'gsv-2' },
  { model: 'gsv-2', polarity: 'unipolar' },
  { model: 'gsv-2', frames: 'short' },
  { model: 'gsv-2', frames: 'short', polarity: 'unipolar' },
  { model: 'gsv-2', frames: 'text' },
  { model: 'gsv-3' },
  { model: 'gsv-4' }
]
/** Values that change, as a signal's do. */
const frameOf = (layout: LegacyLayout, i: number): Uint8Array =>
  encodeLegacyMeasured(layout.model === 'gsv-4' ? [i, i + 1, i + 2, i + 3].map((k) => k / 200) : [i / 200], layout)

describe('vectors', () => {
  for (const { name, layout, values, flags } of LEGACY_MEASURED) {
    it(`${name} is measured, both ways`, () => {
      const [item] = everyCut(bytesOf(LEGACY[name]), layout, { idle: true }) as [{ values: number[]; flags: number }]
      expect(item).toEqual({ values, flags })
      expect(encodeLegacyMeasured(values, layout, flags & 0x18)).toEqual(bytesOf(LEGACY[name]))
    })
  }
  for (const { name, command, data, serial, meaning } of LEGACY_ANSWERS) {
    it(`${name} is an answer: ${meaning}`, () => {
      expect(everyCut(bytesOf(LEGACY[name]), { model: 'gsv-4' })).toEqual([{ answer: bytesOf(data), command }])
      expect(encodeGsv4Answer(command, bytesOf(data), serial)).toEqual(bytesOf(LEGACY[name]))
    })
  }
  for (const { name, command, parameters, meaning } of LEGACY_REQUESTS) {
    it(`${name} is a command: ${meaning}`, () =>
      expect(encodeLegacyRequest(command, bytesOf(parameters))).toEqual(bytesOf(LEGACY[name])))
  }
  it('L7 is answered by its three bytes', () => {
    const answer = encodeLegacyAnswer(bytesOf('06 FC F3'))
    const items = everyCut(answer, { model: 'gsv-3' }, { expect: 3 })
    expect(items).toEqual([{ answer: bytesOf('06 FC F3'), command: undefined }])
  })
})

describe('streams', () => {
  for (const layout of LAYOUTS) {
    const title = Object.values(layout).join(' ')
    const frames = Array.from({ length: 12 }, (_, i) => frameOf(layout, i + 1))
    const shown = (i: number): number => (i + 1) / 200

    it(`${title}: values arrive, in any cutting`, () => {
      const items = everyCut(concat(...frames), layout, { start: true, idle: true }) as { values: number[] }[]
      expect(items).toHaveLength(12)
      for (const [i, { values }] of items.entries()) expect(values[0]).toBeCloseTo(shown(i), 4)
    })
    it(`${title}: a cut start and a lost byte cost their frames, and are counted`, () => {
      const cut = frames[0] as Uint8Array
      const stream = concat(cut.subarray(1), ...frames.slice(1, 6), cut.subarray(1), ...frames.slice(6))
      const items = everyCut(stream, layout, { idle: true })
      expect(items.map(shorthand)).toEqual([
        cut.length - 1,
        ...Array(5).fill('M'),
        cut.length - 1,
        ...Array(6).fill('M')
      ])
    })
  }
  it('gsv-4: answers come between frames', () => {
    const frames = [1, 2, 3].map((i) => frameOf({ model: 'gsv-4' }, i))
    const items = everyCut(concat(...frames, LEGACY.L1, ...frames), { model: 'gsv-4' }, { idle: true })
    expect(items.map(shorthand)).toEqual(['M', 'M', 'M', 'A', 'M', 'M', 'M'])
  })
  it('gsv-4: a damaged length is no answer, and what follows is found', () => {
    const broken = LEGACY.L2.replace('00 01', '00 02')
    const items = everyCut(concat(broken, LEGACY.L3), { model: 'gsv-4' }, { idle: true })
    expect(items.map(shorthand)).toEqual([11, 'A'])
  })
  it('gsv-3: an answer comes behind the last frames', () => {
    const frames = [1, 2, 3].map((i) => frameOf({ model: 'gsv-3' }, i))
    const stream = concat(...frames, '3B 06 FC F3')
    const items = everyCut(stream, { model: 'gsv-3' }, { start: true, expect: 3 })
    expect(items.map(shorthand)).toEqual(['M', 'M', 'M', 'A'])
  })
  it('gsv-3: waits for what tells the mark from a value that looks like it', () => {
    const alike = Array.from({ length: 6 }, (_, i) => Uint8Array.of(0xa5, i < 5 ? 0xa5 : 0x80, 0x10 + i))
    const items = everyCut(concat('10', ...alike), { model: 'gsv-3' }, { idle: true })
    expect(items.map(shorthand)).toEqual([1, 'M', 'M', 'M', 'M', 'M', 'M'])
    expect(parse(alike.slice(0, 5), { model: 'gsv-3' })).toEqual([])
  })
  it('gsv-3: believes one beginning when a steady value never tells', () => {
    const steady = Array.from({ length: 40 }, () => Uint8Array.of(0xa5, 0xa5, 0x10))
    expect(parse(steady, { model: 'gsv-3' })).toHaveLength(40)
  })
  it('gsv-2: a text frame gives its unit', () => {
    const parser = new LegacyParser({ full() {}, answer() {}, skipped() {} }, { model: 'gsv-2', frames: 'text' })
    parser.push(new TextEncoder().encode('4 kN\r\n-123.456 kN\r\n'))
    expect([parser.scans.values[0], parser.unit, parser.skippedBytes]).toEqual([-123.456, 'kN', 6])
  })
  it('saturation is seen in the raw value, and thresholds in the status', () => {
    const flags = (bytes: string, layout: LegacyLayout) =>
      (parse([bytesOf(bytes)], layout, { start: true })[0] as { flags: number }).flags
    expect(flags('2C 18 FF FF FF', { model: 'gsv-2' })).toBe(0x19)
    expect(flags('2C 08 00 00 00', { model: 'gsv-2' })).toBe(0x09)
    expect(flags('2C 00 00 00 00', { model: 'gsv-2', polarity: 'unipolar' })).toBe(0)
    expect(flags('A5 FF FF', { model: 'gsv-3' })).toBe(1)
  })
  it('scales by channel', () => {
    const parser = new LegacyParser({ full() {}, answer() {}, skipped() {} }, { model: 'gsv-4', capacity: 1 })
    const seen: number[] = []
    const full = ({ values }: ScanBuffer): void => void seen.push(...values)
    const scaled = new LegacyParser({ full, answer() {}, skipped() {} }, { model: 'gsv-4', capacity: 1 })
    scaled.scale([2, 4], [1])
    scaled.start()
    scaled.push(bytesOf(LEGACY.L4))
    expect(seen).toEqual([1, 2, -0.5, 32_767 / 32_768])
    expect(parser.pending).toBe(0)
  })
})

describe('text frames', () => {
  const text = (value: number): string =>
    new TextDecoder().decode(encodeLegacyMeasured([value], { model: 'gsv-2', frames: 'text' }, 0, 'N'))
  for (const [value, shown] of [
    [0, '+0.00000 N\r\n'],
    [-1.5, '-1.50000 N\r\n'],
    [9.999999, '+10.0000 N\r\n'],
    [123.456, '+123.456 N\r\n'],
    [999_999, '+999999. N\r\n']
  ] as const) {
    it(`${value} is ${shown.trim()}`, () => {
      expect(text(value)).toBe(shown)
      const [item] = parse([new TextEncoder().encode(shown)], { model: 'gsv-2', frames: 'text' })
      expect((item as { values: number[] }).values[0]).toBeCloseTo(value, 5)
    })
  }
  it('refuses what has no room', () =>
    expect(() => text(1e6)).toThrow(
      'encodeLegacyMeasured: a text frame shows numbers of up to six digits, got 1000000'
    ))
})

describe('LegacyRequestParser', () => {
  const lengths: Readonly<Record<number, number>> = { 35: 0, 38: 7, 138: 3, 32: 4 }
  it('finds commands in any cutting, and counts bytes that are none', () => {
    const stream = concat('23 FF', LEGACY.L5, LEGACY.L7, '23', LEGACY.L8)
    for (let at = 1; at <= stream.length; at += 1) {
      const seen: string[] = []
      const parser = new LegacyRequestParser(
        (command) => lengths[command],
        (command, { length }) => void seen.push(`${command}+${length}`)
      )
      parser.push(stream.subarray(0, at))
      parser.push(stream.subarray(at))
      expect(seen).toEqual(['35+0', '38+7', '138+3', '35+0', '32+4'])
      expect([parser.skippedBytes, parser.pending]).toEqual([1, 0])
    }
  })
  it('forgets a command whose parameters do not come', () => {
    const seen: number[] = []
    const parser = new LegacyRequestParser(
      (command) => lengths[command],
      (command) => void seen.push(command)
    )
    parser.push(bytesOf('8A 06'))
    parser.reset()
    parser.push(bytesOf('23'))
    expect([seen, parser.skippedBytes]).toEqual([[35], 2])
  })
})

describe('errors', () => {
  const none = { full() {}, answer() {}, skipped() {} }
  const wrong: readonly (readonly [() => unknown, string])[] = [
    [
      () => new LegacyParser(none, { model: 'gsv-1' as 'gsv-2' }),
      "model must be 'gsv-2', 'gsv-3' or 'gsv-4', got 'gsv-1'"
    ],
    [
      () => new LegacyParser(none, { model: 'gsv-2', frames: 'x' as 'long' }),
      "frames must be 'long', 'short' or 'text'"
    ],
    [() => new LegacyParser(none, { model: 'gsv-2', polarity: 'x' as 'bipolar' }), "polarity must be 'bipolar' or"],
    [
      () => new LegacyParser(none, { model: 'gsv-3', capacity: 0.5 }),
      'capacity must be a positive whole number of scans'
    ],
    [() => new LegacyParser(none, { model: 'gsv-3' }).expectAnswer(9), 'an answer has 1 to 8 bytes, got 9'],
    [() => encodeLegacyAnswer([]), 'encodeLegacyAnswer: data must be 1 to 8 bytes, got 0'],
    [() => encodeGsv4Answer(1, [], 'abc'), "serial must end with three digits, got 'abc'"],
    [() => encodeGsv4Answer(1, new Uint8Array(257), '123'), 'data must be at most 256 bytes, got 257'],
    [() => encodeLegacyRequest(-1), 'command must be a byte, got -1'],
    [() => encodeLegacyRequest(1, new Uint8Array(256)), 'parameters must be at most 255 bytes, got 256'],
    [() => encodeLegacyMeasured([1, 2], { model: 'gsv-3' }), 'values must be 1 for a gsv-3, got 2']
  ]
  for (const [act, message] of wrong) it(message, () => expect(act).toThrow(message))
})

describe('expect', () => {
  it('takes other frames of the same model from then on, with the same scale', () => {
    const seen: number[] = []
    const receiver = { full: () => {}, answer: () => {}, skipped: () => {} }
    const parser = new LegacyParser(receiver, { model: 'gsv-2' })
    parser.scale([50], [1])
    for (const frames of ['long', 'short', 'long'] as const) {
      parser.expect({ model: 'gsv-2', frames })
      parser.start()
      parser.push(encodeLegacyMeasured([0.525], { model: 'gsv-2', frames }))
      seen.push(parser.scans.values[parser.scans.length - 1] as number)
    }
    for (const value of seen) expect(value).toBeCloseTo(27.25, 2)
    expect(() => parser.expect({ model: 'gsv-3' })).toThrow('expect takes layouts of a gsv-2, got one of a gsv-3')
  })
})
