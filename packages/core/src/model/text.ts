import { toBase64 } from './base64.ts'
import { swapToLittleEndian } from './little-endian.ts'
import { ARRAYS, DEEPEST, type Path, pathText } from './text-tags.ts'

/**
 * Exact JSON text of plain state: what `fromText` makes of it equals the value, bit for bit in typed arrays.
 *
 * Takes plain objects, arrays, strings, booleans, null, all numbers (NaN, -0 and infinities too), bigint, undefined,
 * typed arrays, Map, Set and Date, at most 500 levels deep. Typed arrays become base64 of their little-endian bytes. What
 * JSON cannot say is a string or key that begins with `$`; the caller's own such strings and keys get a second `$`.
 * Equal values with keys in the same order give the same text.
 *
 * @throws TypeError that names the path of a value that it cannot keep: a function, symbol, class instance, a cycle
 *
 * @example
 * ```ts
 * import { fromText, toText } from '@messwerk/core/model'
 *
 * toText({ seen: 3, last: Number.NaN, price: '$5' }) // => '{"seen":3,"last":"$NaN","price":"$$5"}'
 * fromText(toText({ mean: Float64Array.of(0.1, -0) })) // => { mean: Float64Array.of(0.1, -0) }
 * ```
 */
export function toText(value: unknown): string {
  return JSON.stringify(encode(value, [], []))
}

function encode(value: unknown, path: Path, above: object[]): unknown {
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'bigint') return `$bigint:${value}`
  if (value === undefined) return '$undefined'
  if (value === null || typeof value === 'boolean') return value
  if (typeof value !== 'object') throw unsupported(path, `a ${typeof value}`)
  if (above.includes(value)) throw unsupported(path, 'part of a cycle')
  if (above.length === DEEPEST) throw unsupported(path, `more than ${DEEPEST} levels deep`)
  above.push(value)
  const encoded = encodeObject(value, path, above)
  above.pop()
  return encoded
}

function encodeNumber(value: number): unknown {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '$-0' : value
  return `$${value}`
}

function escaped(text: string): string {
  return text.startsWith('$') ? `$${text}` : text
}

function encodeObject(value: object, path: Path, above: object[]): unknown {
  if (Array.isArray(value)) return encodeList(value, path, above)
  if (ArrayBuffer.isView(value)) return encodeArray(value, path)
  if (value instanceof Map) return { $Map: encodeList([...value], path, above) }
  if (value instanceof Set) return { $Set: encodeList([...value], path, above) }
  if (value instanceof Date) return { $Date: encodeNumber(value.getTime()) }
  if (!isPlain(value)) throw unsupported(path, `an instance of ${value.constructor?.name || 'a class'}`)
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      path.push(key)
      const entry = [escaped(key), encode(part, path, above)] as const
      path.pop()
      return entry
    })
  )
}

function encodeList(list: readonly unknown[], path: Path, above: object[]): unknown[] {
  return Array.from(list, (part, i) => {
    path.push(i)
    const encoded = encode(part, path, above)
    path.pop()
    return encoded
  })
}

function encodeArray(array: ArrayBufferView, path: Path): unknown {
  const name = Object.prototype.toString.call(array).slice('[object '.length, -1)
  const kind = ARRAYS.get(name)
  if (!kind) throw unsupported(path, `a ${name}`)
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice()
  return { [`$${name}`]: toBase64(swapToLittleEndian(bytes, kind.BYTES_PER_ELEMENT)) }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function unsupported(path: Path, what: string): TypeError {
  const rule = 'only plain objects, arrays, typed arrays, Map, Set, Date and primitive values can be kept as text'
  return new TypeError(`toText: ${pathText(path)} is ${what}; ${rule}`)
}
