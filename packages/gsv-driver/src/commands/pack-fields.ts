import { DecodeError } from '@messwerk/core/model'
import type { Field, FieldType } from './field.ts'
import { NUMBERS } from './number-type.ts'

type Value = number | string | Uint8Array | readonly number[]
type Values = Readonly<Record<string, Value>>

/** Bytes of a list of fields; `rest` when the last one is all that remains. @internal */
export function sizeOfFields(fields: readonly Field[]): { readonly bytes: number; readonly rest: boolean } {
  const rest = fields.some(({ type }) => type === 'text' || type === 'bytes')
  return { bytes: fields.reduce((sum, { type }) => sum + sizeOfType(type), 0), rest }
}

/** Whether so many bytes can be values of these fields. @internal */
export function fits(fields: readonly Field[], length: number): boolean {
  const { bytes, rest } = sizeOfFields(fields)
  return rest ? length >= bytes : length === bytes
}

/**
 * Bytes of the values of fields.
 *
 * @param known - values of other fields that decide about a type
 * @throws RangeError or TypeError that names field, rule and value
 * @internal
 */
export function packFields(what: string, fields: readonly Field[], values: Values, known: Values = {}): Uint8Array {
  for (const name of Object.keys(values)) {
    if (!fields.some((field) => field.name === name && field.type !== 'zero')) {
      throw new RangeError(`${what}: there is no value '${name}'`)
    }
  }
  const parts = fields.map((field) =>
    packField(what, field, typeOf(field, { ...known, ...values }), values[field.name])
  )
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/**
 * Values of fields from bytes, by name.
 *
 * @param known - values of other fields that decide about a type
 * @throws DecodeError when the number of bytes is another
 * @internal
 */
export function unpackFields(what: string, fields: readonly Field[], bytes: Uint8Array, known: Values = {}): Values {
  if (!fits(fields, bytes.length)) throw new DecodeError(what, `${bytes.length} bytes do not fit its fields`)
  const values: Record<string, Value> = {}
  let at = 0
  for (const field of fields) {
    const type = typeOf(field, { ...known, ...values })
    const length = type === 'text' || type === 'bytes' ? bytes.length - at : sizeOfType(type)
    if (type !== 'zero') values[field.name] = unpackValue(type, bytes.subarray(at, at + length))
    at += length
  }
  return values
}

function packField(what: string, field: Field, type: FieldType, value: unknown): Uint8Array {
  if (type === 'zero') return new Uint8Array(1)
  const rule = ruleOf(type)
  if (!rule.holds(value)) {
    const got = field.secret ? '' : `, got ${typeof value === 'string' ? `'${value}'` : String(value)}`
    const ErrorType = rule.isType(value) ? RangeError : TypeError
    throw new ErrorType(`${what}: ${field.name} must be ${rule.text}${got}`)
  }
  return packValue(type, value as Value)
}

interface Rule {
  readonly text: string
  readonly isType: (value: unknown) => boolean
  readonly holds: (value: unknown) => boolean
}

function ruleOf(type: FieldType): Rule {
  const count = countOf(type)
  if (type in NUMBERS) return numberRule(type)
  if (type.startsWith('u16')) {
    const { holds } = numberRule('u16')
    return {
      text: `${count} whole numbers from 0 to 65535`,
      isType: Array.isArray,
      holds: (value) => Array.isArray(value) && value.length === count && value.every(holds)
    }
  }
  const long = (value: { length: number }): boolean => count === undefined || value.length === count
  if (type.startsWith('bytes')) {
    const isType = (value: unknown): value is Uint8Array => value instanceof Uint8Array
    return {
      text: `a Uint8Array of ${count ?? 'any number of'} bytes`,
      isType,
      holds: (value) => isType(value) && long(value)
    }
  }
  const isType = (value: unknown): value is string => typeof value === 'string'
  const short = (value: string): boolean => count === undefined || value.length <= count
  const text = `at most ${count ?? 255} characters of Latin-1`
  // The encoding of texts is not documented; Latin-1 has the degree sign and the superscript two.
  return { text, isType, holds: (value) => isType(value) && short(value) && isLatin(value) }
}

function isLatin(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 0 || code > 255) return false
  }
  return true
}

function numberRule(type: FieldType): Rule {
  const { low, high, whole } = NUMBERS[type] as (typeof NUMBERS)[string]
  const isType = (value: unknown): value is number => typeof value === 'number'
  const inside = (value: number): boolean => value >= low && value <= high && (!whole || Number.isInteger(value))
  if (type === 'f32') return { text: 'a number', isType, holds: isType }
  const text = `a ${whole ? 'whole ' : ''}number from ${low} to ${high}`
  return { text, isType, holds: (value) => isType(value) && inside(value) }
}

function packValue(type: FieldType, value: Value): Uint8Array {
  const count = countOf(type)
  const bytes = new Uint8Array(count === undefined && !(type in NUMBERS) ? (value as string).length : sizeOfType(type))
  const view = new DataView(bytes.buffer)
  if (type in NUMBERS) NUMBERS[type]?.put(view, 0, value as number)
  else if (type.startsWith('u16')) for (const [i, item] of (value as number[]).entries()) view.setUint16(2 * i, item)
  else if (typeof value === 'string') for (let i = 0; i < value.length; i += 1) bytes[i] = value.charCodeAt(i)
  else bytes.set(value as Uint8Array)
  return bytes
}

function unpackValue(type: FieldType, bytes: Uint8Array): Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const number = NUMBERS[type]
  if (number) return number.get(view, 0)
  if (type.startsWith('u16')) return Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i))
  if (type.startsWith('bytes')) return bytes.slice()
  const end = bytes.indexOf(0)
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end))
}

function typeOf({ type, instead }: Field, values: Values): FieldType {
  const by = instead ? values[instead.field] : undefined
  return instead && typeof by === 'number' && by >= instead.from && by <= instead.to ? instead.type : type
}

function sizeOfType(type: FieldType): number {
  if (type === 'zero') return 1
  return NUMBERS[type]?.bytes ?? (countOf(type) ?? 0) * (type.startsWith('u16') ? 2 : 1)
}

/** 8 of `ascii(8)`. */
function countOf(type: FieldType): number | undefined {
  const count = /\((\d+)\)$/.exec(type)
  return count ? Number(count[1]) : undefined
}
