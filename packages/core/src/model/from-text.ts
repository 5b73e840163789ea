import { fromBase64 } from './base64.ts'
import { DecodeError } from './errors.ts'
import { swapToLittleEndian } from './little-endian.ts'
import { ARRAYS, BIGINT, DEEPEST, type Path, pathText, SCALARS, type TypedArrayClass } from './text-tags.ts'

/**
 * The value of a text that {@link toText} made.
 *
 * @throws DecodeError that names the path of what is not such a text
 *
 * @example
 * ```ts
 * import { fromText } from '@messwerk/core/model'
 *
 * fromText('["$-Infinity", "$bigint:12"]') // => [Number.NEGATIVE_INFINITY, 12n]
 * ```
 */
export function fromText(text: string): unknown {
  return decode(parsed(text), [])
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DecodeError('fromText: value', 'must be JSON text', { cause })
  }
}

function decode(value: unknown, path: Path): unknown {
  if (typeof value === 'string') return decodeString(value, path)
  if (typeof value !== 'object' || value === null) return value
  if (path.length > DEEPEST) throw wrong(path, `must be at most ${DEEPEST} levels deep`)
  if (Array.isArray(value)) return decodeList(value, path)
  const entries = Object.entries(value)
  const [tag, body] = entries[0] ?? ['']
  if (tag.startsWith('$') && !tag.startsWith('$$')) {
    if (entries.length !== 1) throw wrong(path, `must have no other key beside '${tag}'`)
    return decodeTagged(tag, body, path)
  }
  return Object.fromEntries(entries.map(([key, part]) => [unescaped(key, path), decodeAt(part, key, path)]))
}

function decodeString(text: string, path: Path): unknown {
  if (!text.startsWith('$') || text.startsWith('$$')) return unescaped(text, path)
  if (SCALARS.has(text)) return SCALARS.get(text)
  const digits = BIGINT.exec(text)?.[1]
  if (digits !== undefined) return BigInt(digits)
  throw wrong(path, `'${text.slice(0, 40)}' is no value that this version knows`)
}

function unescaped(text: string, path: Path): string {
  if (!text.startsWith('$')) return text
  if (text.startsWith('$$')) return text.slice(1)
  throw wrong(path, `the key '${text.slice(0, 40)}' must begin with '$$' or stand alone`)
}

function decodeTagged(tag: string, body: unknown, path: Path): unknown {
  const kind = ARRAYS.get(tag.slice(1))
  if (kind) return decodeArray(kind, body, path)
  if (tag === '$Set') return new Set(decodeList(body, path))
  if (tag === '$Map') return new Map(decodeList(body, path).map((pair, i) => pairOf(pair, i, path)))
  const time = tag === '$Date' ? decode(body, path) : undefined
  if (typeof time === 'number') return new Date(time)
  throw wrong(path, `'${tag.slice(0, 40)}' is no value that this version knows`)
}

function decodeArray(kind: TypedArrayClass, body: unknown, path: Path): unknown {
  if (typeof body !== 'string') throw wrong(path, 'must be base64')
  const bytes = fromBase64(body, `fromText: ${pathText(path)}`)
  if (bytes.length % kind.BYTES_PER_ELEMENT === 0) {
    return new kind(swapToLittleEndian(bytes, kind.BYTES_PER_ELEMENT).buffer)
  }
  throw wrong(path, `must be a multiple of ${kind.BYTES_PER_ELEMENT} bytes, got ${bytes.length}`)
}

function pairOf(pair: unknown, i: number, path: Path): [unknown, unknown] {
  if (Array.isArray(pair) && pair.length === 2) return [pair[0], pair[1]]
  throw wrong([...path, i], 'must be a pair of key and value')
}

function decodeList(list: unknown, path: Path): unknown[] {
  if (!Array.isArray(list)) throw wrong(path, 'must be a list')
  return list.map((part, i) => decodeAt(part, i, path))
}

function decodeAt(part: unknown, key: string | number, path: Path): unknown {
  path.push(key)
  const value = decode(part, path)
  path.pop()
  return value
}

function wrong(path: Path, why: string): DecodeError {
  return new DecodeError(`fromText: ${pathText(path)}`, why)
}
