import { DecodeError } from './errors.ts'

/**
 * A number as JSON: NaN, infinities and -0 as strings.
 *
 * @example
 * ```ts
 * import type { JsonNumber } from '@messwerk/core/model'
 *
 * const numbers: JsonNumber[] = [1.5, 'NaN', '-0']
 * numbers.length // => 3
 * ```
 */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity' | '-0'

const SPECIAL: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0]
])

/** @internal */
export function numberToJson(value: number): JsonNumber {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value
  return `${value}` as JsonNumber
}

/** A DecodeError that names path, rule and value. @internal */
export function wrongField(path: string, rule: string, value: unknown): DecodeError {
  return new DecodeError(path, `must be ${rule}, got ${shown(value)}`)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** An object with no other fields than these. @internal */
export function readFields(value: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  const fields = readRecord(value, path)
  const foreign = Object.keys(fields).find((name) => !known.includes(name))
  if (foreign === undefined) return fields
  throw new DecodeError(`${path}.${foreign}`, `is no field of it; the fields are: ${known.join(', ')}`)
}

/** @internal */
export function readRecord(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw wrongField(path, 'an object', value)
}

/** @internal */
export function readString(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  throw wrongField(path, 'a string', value)
}

/** @internal */
export function readName(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw wrongField(path, 'a non-empty string', value)
}

/** @internal */
export function readOneOf<T extends string>(value: unknown, path: string, known: Readonly<Record<T, true>>): T {
  if (typeof value === 'string' && Object.hasOwn(known, value)) return value as T
  throw wrongField(path, `one of ${Object.keys(known).join(', ')}`, value)
}

/** @internal */
export function readNumber(value: unknown, path: string): number {
  const number = typeof value === 'number' ? value : SPECIAL.get(value)
  if (number !== undefined) return number
  throw wrongField(path, "a number, 'NaN', 'Infinity', '-Infinity' or '-0'", value)
}

/** A number for which `rule`, in words, holds. @internal */
export function readWhere(value: unknown, path: string, rule: string, holds: (value: number) => boolean): number {
  const number = readNumber(value, path)
  if (holds(number)) return number
  throw wrongField(path, rule, value)
}

/** A list of `length` numbers. @internal */
export function readColumn(
  value: unknown,
  path: string,
  length: number,
  rule = '',
  holds?: (value: number) => boolean
): Float64Array {
  if (!Array.isArray(value) || value.length !== length) throw wrongField(path, `a list of ${length} numbers`, value)
  const column = new Float64Array(length)
  for (let i = 0; i < length; i += 1) {
    // The path is made only for what is wrong: one text a value would cost more than the value.
    const entry: unknown = value[i]
    const number = typeof entry === 'number' ? entry : readNumber(entry, `${path}[${i}]`)
    if (holds && !holds(number)) throw wrongField(`${path}[${i}]`, rule, entry)
    column[i] = number
  }
  return column
}

/** @internal */
export function isPositive(value: number): boolean {
  return value > 0 && Number.isFinite(value)
}
