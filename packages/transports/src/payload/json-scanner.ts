import { isUtf8 } from 'node:buffer'
import { DecimalReader, latin1 } from './decimal-reader.ts'
import { escapeAt } from './json-escape.ts'
import { Found, fieldAt, type JsonField } from './json-field.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN = 0x7b
const CLOSE = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const SPACE = 0x20
const DEEPEST = 32
const NO_FIELDS: readonly JsonField[] = []

/**
 * Reads wanted fields of JSON where it lies, and looks over the rest: no text, no object is made. It knows what is usual; whatever is
 * not, and all that is wrong, is left to `JSON.parse`: each method tells whether it went well.
 *
 * @internal
 */
export class JsonScanner {
  /** Of each slot, what was found, as `Found`. */
  readonly kinds: Uint8Array
  /** The number, 0 and 1 for a boolean, where a text begins. */
  readonly values: Float64Array
  readonly ends: Float64Array
  at = 0
  readonly #decimal = new DecimalReader()
  #bytes: Uint8Array = new Uint8Array(0)
  #end = 0
  #isAscii = true
  #object = 0

  constructor(slots: number) {
    this.kinds = new Uint8Array(slots)
    this.values = new Float64Array(slots)
    this.ends = new Float64Array(slots)
  }

  begin(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes
    this.at = from
    this.#end = to
    this.#isAscii = true
  }

  /** The next byte that is no white space; 0 at the end. */
  next(): number {
    const bytes = this.#bytes
    const end = this.#end
    let at = this.at
    while (at < end) {
      const byte = bytes[at] as number
      if (byte > SPACE || (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
        this.at = at
        return byte
      }
      at += 1
    }
    this.at = at
    return 0
  }

  /** Whether the text ends here, and all of it was UTF-8. */
  isDone(from: number): boolean {
    if (this.next() !== 0 || this.at < this.#end) return false
    return this.#isAscii || isUtf8(this.#bytes.subarray(from, this.#end))
  }

  /** The text of a slot. */
  text(slot: number): string {
    return latin1(this.#bytes, this.values[slot] as number, this.ends[slot] as number)
  }

  /** An object, from its brace on. */
  object(fields: readonly JsonField[], depth = 0): boolean {
    if (depth === 0) this.kinds.fill(Found.nothing)
    if (depth > DEEPEST) return false
    this.#object += 1
    const number = this.#object
    this.at += 1
    if (this.next() === CLOSE) {
      this.at += 1
      return true
    }
    for (;;) {
      if (this.next() !== QUOTE) return false
      const from = this.at + 1
      if (!this.#string(fields.length === 0)) return false
      const field = fields.length === 0 ? undefined : fieldAt(fields, this.#bytes, from, this.at - 1 - from)
      if (field !== undefined) {
        if (field.metIn === number) return false
        field.metIn = number
      }
      if (this.next() !== COLON) return false
      this.at += 1
      if (!this.#value(field, depth)) return false
      const byte = this.next()
      this.at += 1
      if (byte === CLOSE) return true
      if (byte !== COMMA) return false
    }
  }

  #value(field: JsonField | undefined, depth: number): boolean {
    const byte = this.next()
    const slot = field === undefined ? -1 : field.slot
    if (byte === QUOTE) return this.#text(slot)
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.#number(slot)
    if (byte === OPEN) return slot < 0 && this.object(field === undefined ? NO_FIELDS : field.fields, depth + 1)
    if (byte === OPEN_LIST) return field === undefined && this.#list(depth + 1)
    if (byte === 0x74) return this.#word('true', slot, Found.boolean, 1)
    if (byte === 0x66) return this.#word('false', slot, Found.boolean, 0)
    return byte === 0x6e && this.#word('null', slot, Found.null, 0)
  }

  #list(depth: number): boolean {
    if (depth > DEEPEST) return false
    this.at += 1
    if (this.next() === CLOSE_LIST) {
      this.at += 1
      return true
    }
    for (;;) {
      if (!this.#value(undefined, depth)) return false
      const byte = this.next()
      this.at += 1
      if (byte === CLOSE_LIST) return true
      if (byte !== COMMA) return false
    }
  }

  #word(word: string, slot: number, kind: number, value: number): boolean {
    for (let i = 0; i < word.length; i += 1) if (this.#bytes[this.at + i] !== word.charCodeAt(i)) return false
    this.at += word.length
    if (this.at > this.#end) return false
    if (slot >= 0) {
      this.kinds[slot] = kind
      this.values[slot] = value
    }
    return true
  }

  #text(slot: number): boolean {
    const from = this.at + 1
    const wasAscii = this.#isAscii
    this.#isAscii = true
    const isRead = this.#string(slot < 0)
    // a text that is wanted must be plain
    if (!isRead || (slot >= 0 && !this.#isAscii)) return false
    this.#isAscii &&= wasAscii
    if (slot >= 0) {
      this.kinds[slot] = Found.text
      this.values[slot] = from
      this.ends[slot] = this.at - 1
    }
    return true
  }

  /** Goes behind a string. */
  #string(mayEscape: boolean): boolean {
    const bytes = this.#bytes
    const end = this.#end
    let at = this.at + 1
    while (at < end) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.at = at + 1
        return true
      }
      if (byte < SPACE) return false
      if (byte === BACKSLASH) {
        const length = mayEscape ? escapeAt(bytes, at) : 0
        if (length === 0) return false
        at += length
      } else {
        if (byte > 0x7f) this.#isAscii = false
        at += 1
      }
    }
    return false
  }

  #number(slot: number): boolean {
    const decimal = this.#decimal
    const end = decimal.read(this.#bytes, this.at, this.#end, slot >= 0)
    if (end < 0) return false
    this.at = end
    if (slot >= 0) {
      this.kinds[slot] = Found.number
      this.values[slot] = decimal.value
    }
    return true
  }
}
