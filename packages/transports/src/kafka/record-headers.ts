import type { UserProperties } from '../payload/payload.ts'
import type { ByteCursor } from './byte-cursor.ts'

/** Name and value, each behind its length. */
const LEAST_BYTES = 2

/** Goes over the headers of a record; returns how many there are. @internal */
export function skipHeaders(cursor: ByteCursor): number {
  const count = cursor.count(cursor.varint(), LEAST_BYTES)
  for (let i = 0; i < count; i += 1) {
    cursor.skip(cursor.varint())
    cursor.skip(cursor.varint())
  }
  return count
}

/** Headers as texts, those without a value left out; undefined when there are none. @internal */
export function readHeaders(cursor: ByteCursor): UserProperties | undefined {
  let texts: Record<string, string | string[]> | undefined
  for (let left = cursor.varint(); left > 0; left -= 1) {
    const name = textAt(cursor) ?? ''
    const value = textAt(cursor)
    if (value === undefined) continue
    texts ??= {}
    const before = Object.hasOwn(texts, name) ? texts[name] : undefined
    const now = before === undefined ? value : ([] as string[]).concat(before, value)
    // a name may be `__proto__`
    Object.defineProperty(texts, name, { value: now, enumerable: true, writable: true, configurable: true })
  }
  return texts
}

function textAt(cursor: ByteCursor): string | undefined {
  const length = cursor.skip(cursor.varint())
  return length < 0 ? undefined : cursor.bytes.toString('utf8', cursor.at - length, cursor.at)
}
