import { Found, fieldsOf, type JsonField } from './json-field.ts'
import { JsonScanner } from './json-scanner.ts'
import type { Shape } from './json-shape.ts'
import { setTime } from './payload-time.ts'
import type { ScanBuffer } from './scan-buffer.ts'

const OPEN = 0x7b
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const COMMA = 0x2c

/**
 * Adds the scans of usual JSON without making objects of it: several times as fast as `JSON.parse` and looking at what it gives.
 *
 * @internal
 */
export class JsonReader {
  readonly #shape: Shape
  readonly #fields: readonly JsonField[]
  readonly #scanner: JsonScanner

  /** Undefined where the shape does not allow for it. */
  static of(shape: Shape): JsonReader | undefined {
    const fields = fieldsOf(shape)
    return fields && new JsonReader(shape, fields)
  }

  private constructor(shape: Shape, fields: readonly JsonField[]) {
    this.#shape = shape
    this.#fields = fields
    this.#scanner = new JsonScanner(shape.paths.length + 2)
  }

  /** Whether it has added the scans; if not, nothing has changed, and the bytes are for `JSON.parse` and its errors. */
  add(bytes: Uint8Array, from: number, to: number, into: ScanBuffer): boolean {
    const scanner = this.#scanner
    const { length } = into
    scanner.begin(bytes, from, to)
    const first = scanner.next()
    const isRead = first === OPEN ? this.#addOne(into) : first === OPEN_LIST && this.#addAll(into)
    if (isRead && scanner.isDone(from)) {
      into.held = into.length - length
      return true
    }
    into.length = length
    return false
  }

  #addAll(into: ScanBuffer): boolean {
    const scanner = this.#scanner
    for (;;) {
      scanner.at += 1
      if (scanner.next() !== OPEN || !this.#addOne(into)) return false
      const byte = scanner.next()
      if (byte === CLOSE_LIST) {
        scanner.at += 1
        return true
      }
      if (byte !== COMMA) return false
    }
  }

  #addOne(into: ScanBuffer): boolean {
    const scanner = this.#scanner
    if (!scanner.object(this.#fields)) return false
    const { kinds, values } = scanner
    const { paths, time, sequence } = this.#shape
    const width = paths.length
    const at = into.begin()
    const base = at * into.width
    let found = 0
    for (let c = 0; c < width; c += 1) {
      const kind = kinds[c] as number
      if (kind === Found.nothing || kind === Found.null) continue
      const value = values[c] as number
      if (kind === Found.text || !Number.isFinite(value)) return false
      found += 1
      into.values[base + c] = value
    }
    if (found === 0) return false
    if (time && setTime(into, at, this.#valueOf(width), time.unit) !== undefined) return false
    if (!sequence) return true
    const number = values[width + 1] as number
    into.sequence[at] = number
    return kinds[width + 1] === Found.number && Number.isSafeInteger(number)
  }

  /** A number or a text; nothing where it is neither. */
  #valueOf(slot: number): number | string | undefined {
    const kind = this.#scanner.kinds[slot]
    if (kind === Found.number) return this.#scanner.values[slot] as number
    return kind === Found.text ? this.#scanner.text(slot) : undefined
  }
}
