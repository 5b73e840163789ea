import fc from 'fast-check'
import { expect, it } from 'vitest'
import { json, planRecords } from './json-payload.ts'
import { JsonReader } from './json-reader.ts'
import { addAll, addOne, type Shape } from './json-shape.ts'
import { ScanBuffer } from './scan-buffer.ts'
import { textOf } from './text-of.ts'

const options = {
  channels: { t: 'Cel', p: { unit: 'bar', at: 'h.p' }, q: { unit: 'bar', at: 'h.deep.q' } },
  time: { at: 'ts', unit: 'ms' },
  sequence: 'h.seq'
} as const
const { shapes } = planRecords(options, 'test')

/** As `JSON.parse` reads it; nothing where it does not. */
function parsed(bytes: Uint8Array, all: readonly Shape[]): ScanBuffer | undefined {
  const into = new ScanBuffer(3)
  try {
    const text = textOf(bytes)
    if (text === undefined) return undefined
    const value: unknown = JSON.parse(text)
    into.held = Array.isArray(value) ? value.length : 1
    const rule = Array.isArray(value) ? addAll(all, value, into) : addOne(all, value, into)
    return rule === undefined ? into : undefined
  } catch {
    return undefined
  }
}

function plain(scans: ScanBuffer | undefined) {
  if (!scans) return undefined
  const { length, held, values, ms, ns, sequence, width } = scans
  const some = (of: Float64Array, n = length) => Array.from(of.subarray(0, n))
  return { length, held, values: some(values, length * width), ms: some(ms), ns: some(ns), sequence: some(sequence) }
}

function read(reader: JsonReader, bytes: Uint8Array): { isRead: boolean; scans: ScanBuffer } {
  const scans = new ScanBuffer(3)
  // it stands between others, as a record in an answer does
  const all = Buffer.concat([Buffer.from('{"t":1,'), bytes, Buffer.from('1}"]')])
  return { isRead: reader.add(all, 7, 7 + bytes.length, scans), scans }
}

const numbers = fc.oneof(
  fc.integer().map(String),
  fc.double().map((x) => JSON.stringify(x)),
  fc.constantFrom('-0', '0.1', '1.50e-3', '1E+2', '9007199254740993', '123456789.123456789', '0.000001', '1e999'),
  fc.constantFrom('01', '1.', '.5', '-', '1e', '+1', '1.2.3', '0x1', 'NaN')
)
const texts = fc.oneof(
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"\\u00b0C"', '"a\\"b"', '"\\/"', '"\\x"', '"\\u12"', '"a\nb"', '"2026-01-01T00:00:00Z"', '"')
)
const space = fc.constantFrom('', '', '', ' ', '\n\t', '\r', '\u00a0')
const names = fc.constantFrom(
  't',
  't',
  'h',
  'h',
  'p',
  'ts',
  'ts',
  'seq',
  'deep',
  'q',
  'x',
  '__proto__',
  'h.p',
  'tt',
  '\\u0074'
)
const { value: anyValue } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    numbers,
    numbers,
    texts,
    fc.constantFrom('true', 'false', 'null', 'nul', 'True'),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`)
  ),
  object: fc
    .array(fc.tuple(names, tie('value'), space), { maxLength: 5 })
    .map((fields) => `{${fields.map(([name, value, gap]) => `${gap}"${name}"${gap}:${gap}${value}${gap}`).join(',')}}`)
}))

/** Mostly right: what the shape wants, in any order, with other things between. */
const good = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom('x', 'y', 'unit'), anyValue), { maxLength: 2 }),
    numbers,
    numbers,
    fc.nat(2 ** 41),
    space
  )
  .chain(([others, t, p, ts, gap]) => {
    const inner = [`"p":${gap}${p}`, `"seq":${ts % 1000}`, '"deep":{"q":null,"other":[1,{}]}']
    const fields = [`"t":${t}`, `"ts":${ts}`, `"h":{${inner.join(`,${gap}`)}}`]
    const all = fields.concat(others.map(([name, value]) => `"${name}":${value}`))
    return fc.shuffledSubarray(all, { minLength: all.length }).map((some) => `${gap}{${some.join(`,${gap}`)}}${gap}`)
  })
const documents = fc.oneof(
  good,
  good,
  anyValue,
  fc.array(good, { maxLength: 3 }).map((all) => `[${all.join(',')}]`)
)
const reader = JsonReader.of(shapes[0] as Shape) as JsonReader

it('reads what JSON.parse reads, or nothing', () => {
  let reads = 0
  fc.assert(
    fc.property(documents, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 1 }), (text, damage) => {
      const bytes = Buffer.from(text)
      for (const [at, to] of damage) if (to > 60 && bytes.length > 0) bytes[at % bytes.length] = to
      const { isRead, scans } = read(reader, bytes)
      if (isRead) reads += 1
      if (isRead) expect(plain(scans)).toEqual(plain(parsed(bytes, shapes)))
      else expect(scans.length).toBe(0)
    }),
    { numRuns: 4000 }
  )
  expect(reads).toBeGreaterThan(200)
})

it('a payload gives the same whether it is read this way or not', () => {
  const payload = json(options)
  fc.assert(
    fc.property(documents, (text) => {
      const bytes = Buffer.from(text)
      const scans = new ScanBuffer(3)
      const rule = payload.decode(bytes, 't', scans)
      expect(rule === undefined ? plain(scans) : undefined).toEqual(plain(parsed(bytes, shapes)))
    }),
    { numRuns: 1000 }
  )
})

it.each([
  '{"t":21.5,"ts":1700000000000.25,"h":{"p":6,"seq":7}}',
  ' { "t" : -0.5e1 , "unit" : "\\u00b0C °C \\" \\\\", "ts":1700000000000, "h":{"seq":1,"deep":{"q":true}}, "more":[1,[2],{"t":3}] } ',
  '[{"t":1,"ts":1,"h":{"seq":1}},{"t":2,"ts":2,"h":{"seq":2}}]',
  '{"t":123456789012345678,"ts":1,"h":{"seq":1,"p":0.30000000000000004}}'
])('reads %s', (text) => {
  const { isRead, scans } = read(reader, Buffer.from(text))
  expect(isRead).toBe(true)
  expect(plain(scans)).toEqual(plain(parsed(Buffer.from(text), shapes)))
})

it.each([
  ['a name that comes twice', '{"t":1,"t":2,"ts":1,"h":{"seq":1}}'],
  ['a name that is written otherwise', '{"\\u0074":1,"t":2,"ts":1,"h":{"seq":1}}'],
  ['what is not UTF-8', Buffer.from('{"t":1,"ts":1,"h":{"seq":1},"x":"\xff"}', 'latin1')],
  ['a list where fields are wanted', '{"t":1,"ts":1,"h":[{"seq":1}]}'],
  ['two of them', '{"t":1,"ts":1,"h":{"seq":1}}{}'],
  ['what goes too deep', `{"t":1,"ts":1,"h":{"seq":1},"x":${'['.repeat(99)}${']'.repeat(99)}}`]
])('leaves %s to JSON.parse', (_, text) => {
  expect(read(reader, Buffer.from(text as string)).isRead).toBe(false)
})

it('times as texts', () => {
  const iso = planRecords({ ...options, time: { at: 'ts', unit: 'iso' }, sequence: undefined }, 'test').shapes
  const bytes = Buffer.from('{"ts":"2026-01-01T00:00:00.123456789Z","t":1}')
  const { isRead, scans } = read(JsonReader.of(iso[0] as Shape) as JsonReader, bytes)
  expect(isRead).toBe(true)
  expect(plain(scans)).toEqual(plain(parsed(bytes, iso)))
})

it('a shape with two fields in one place is none for it', () => {
  const twice = { a: { unit: '1', at: 'x' }, b: { unit: '1', at: 'x.y' }, c: '1' }
  expect(JsonReader.of(planRecords({ channels: twice }, 'test').shapes[0] as Shape)).toBeUndefined()
})
