/* eslint-disable no-restricted-syntax -- runs once a unit code */
import { ONE, power, type Ratio, ratioOf, times, toNumber } from './ratio.ts'
import { ATOMS, PREFIXES, splitSymbol } from './unit-table.ts'

/** A unit with exact numbers: `value * factor + offset` is the value in base units. @internal */
export interface UnitTerm {
  readonly factor: Ratio
  readonly offset?: Ratio
  readonly dimensions: Readonly<Record<string, number>>
}

interface Cursor {
  readonly code: string
  at: number
}

const LONGEST = 200
const UNITY: UnitTerm = { factor: ONE, dimensions: {} }
const SYMBOL = /10[*^]|(?:\[[^[\]]*\]|[^\d./(){}[\]+\-\s])+/y
const EXPONENT = /[+-]?\d{1,2}(?!\d)/y
const NUMBER = /\d{1,15}(?!\d)/y
const ANNOTATION = /\{[^{}]*\}/y

const known = new Map<string, UnitTerm>()

/** @throws RangeError that names the part that is not understood @internal */
export function parseTerm(code: string): UnitTerm {
  const seen = known.get(code)
  if (seen) return seen
  const cursor: Cursor = { code, at: 0 }
  if (typeof code !== 'string' || code === '' || code.length > LONGEST) {
    throw new RangeError(`unit must be a UCUM code such as 'bar', 'N.m' or 'mV/V', got ${shown(code)}`)
  }
  const term = readTerm(cursor)
  if (cursor.at < code.length) throw notUnderstood(cursor)
  const factor = toNumber(term.factor)
  if (!(Number.isFinite(factor) && factor > 0)) throw new RangeError(`unit '${code}' is beyond what a number can hold`)
  if (known.size < 1000) known.set(code, term)
  return term
}

function readTerm(cursor: Cursor): UnitTerm {
  let term = take(cursor, '/') ? inverse(readComponent(cursor)) : readComponent(cursor)
  for (;;) {
    if (take(cursor, '.')) term = product(term, readComponent(cursor))
    else if (take(cursor, '/')) term = product(term, inverse(readComponent(cursor)))
    else return term
  }
}

function readComponent(cursor: Cursor): UnitTerm {
  if (take(cursor, '(')) return readGroup(cursor)
  if (match(cursor, ANNOTATION) !== undefined) return UNITY
  const symbol = match(cursor, SYMBOL)
  const term = symbol === undefined ? readNumber(cursor) : raised(cursor, termOf(symbol, cursor.code))
  match(cursor, ANNOTATION)
  return term
}

function readGroup(cursor: Cursor): UnitTerm {
  const term = readTerm(cursor)
  if (take(cursor, ')')) return term
  throw notUnderstood(cursor, "')' is missing")
}

function readNumber(cursor: Cursor): UnitTerm {
  const digits = match(cursor, NUMBER)
  if (digits === undefined || Number(digits) === 0) throw notUnderstood(cursor)
  return { factor: ratioOf(digits), dimensions: {} }
}

function raised(cursor: Cursor, term: UnitTerm): UnitTerm {
  const exponent = match(cursor, EXPONENT)
  if (exponent === undefined) return term
  const n = Number(exponent)
  const dimensions = Object.entries(term.dimensions).map(([unit, e]) => [unit, e * n] as const)
  return { factor: power(term.factor, n), dimensions: Object.fromEntries(dimensions.filter(([, e]) => e !== 0)) }
}

function termOf(symbol: string, code: string): UnitTerm {
  const split = splitSymbol(symbol)
  if (!split) {
    const where = symbol === code ? '' : ` in '${code}'`
    throw new RangeError(`unit '${symbol}'${where} is no UCUM code that is known here (they are case-sensitive)`)
  }
  const [base, exponent] = PREFIXES[split.prefix] ?? [1n, 0]
  const prefix = power({ over: base, under: 1n, pi: 0 }, exponent)
  const atom = ATOMS[split.atom]
  if (!atom) return { factor: prefix, dimensions: { [split.atom]: 1 } }
  const { factor, dimensions } = atom.unit === '' ? UNITY : parseTerm(atom.unit)
  const own = times(ratioOf(atom.value), factor)
  const term = { factor: times(prefix, own), dimensions }
  return atom.offset === undefined ? term : { ...term, offset: times(ratioOf(atom.offset), own) }
}

// What stands in a product is a difference: its own zero is lost.
function product(a: UnitTerm, b: UnitTerm): UnitTerm {
  const dimensions: Record<string, number> = { ...a.dimensions }
  for (const [unit, exponent] of Object.entries(b.dimensions)) {
    const sum = (dimensions[unit] ?? 0) + exponent
    if (sum === 0) delete dimensions[unit]
    else dimensions[unit] = sum
  }
  return { factor: times(a.factor, b.factor), dimensions }
}

function inverse({ factor, dimensions }: UnitTerm): UnitTerm {
  return {
    factor: power(factor, -1),
    dimensions: Object.fromEntries(Object.entries(dimensions).map(([unit, exponent]) => [unit, -exponent]))
  }
}

function take(cursor: Cursor, sign: string): boolean {
  if (cursor.code[cursor.at] !== sign) return false
  cursor.at += 1
  return true
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.code)?.[0]
  if (found !== undefined) cursor.at += found.length
  return found
}

function notUnderstood({ code, at }: Cursor, why?: string): RangeError {
  const rest = at < code.length ? `'${code.slice(at)}'` : 'the end'
  return new RangeError(`unit '${code}': ${why ?? `${rest} is not understood`} at character ${at + 1}`)
}

function shown(code: unknown): string {
  return typeof code === 'string' ? `'${code.slice(0, 40)}'` : String(code)
}
