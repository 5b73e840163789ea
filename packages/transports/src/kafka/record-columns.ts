import type { Buffer } from 'node:buffer'
import type { UserProperties } from '../payload/payload.ts'
import { ByteCursor } from './byte-cursor.ts'
import type { KafkaRecords } from './kafka-client.ts'
import { readHeaders } from './record-headers.ts'

const FIRST_CAPACITY = 64
// offset, timestamp
const WIDE = 2
// which bytes, key (place, length), value (place, length), place of the headers; a length of -1 is null, a place of 0 none
const NARROW = 6
const RECORD_BYTES = 8 * WIDE + 4 * NARROW

/** Records as they lie in the answer of a broker: numbers and places, no object for each. @internal */
export class RecordColumns implements KafkaRecords {
  length = 0
  #held = 0
  #capacity = 0
  #wide = new Float64Array(0)
  #narrow = new Int32Array(0)
  readonly #sources: Buffer[] = []

  get bytes(): number {
    return this.#held + this.#capacity * RECORD_BYTES
  }

  /** Bytes with records that follow, of which so many are kept alive by them. */
  read(bytes: Buffer, held: number): void {
    this.#held += held
    if (this.#sources.at(-1) !== bytes) this.#sources.push(bytes)
  }

  /** Makes room for so many more. */
  reserve(more: number): void {
    const wanted = this.length + more
    if (wanted <= this.#capacity) return
    this.#capacity = Math.max(wanted, this.#capacity * 2, Math.min(FIRST_CAPACITY, wanted * 2))
    const wide = new Float64Array(this.#capacity * WIDE)
    const narrow = new Int32Array(this.#capacity * NARROW)
    wide.set(this.#wide)
    narrow.set(this.#narrow)
    this.#wide = wide
    this.#narrow = narrow
  }

  /** One more, of the last source; there must be room. */
  add(
    offset: number,
    timestamp: number,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
    headersAt: number
  ): void {
    const wide = this.length * WIDE
    this.#wide[wide] = offset
    this.#wide[wide + 1] = timestamp
    const narrow = this.length * NARROW
    this.#narrow[narrow] = this.#sources.length - 1
    this.#narrow[narrow + 1] = keyAt
    this.#narrow[narrow + 2] = keyLength
    this.#narrow[narrow + 3] = valueAt
    this.#narrow[narrow + 4] = valueLength
    this.#narrow[narrow + 5] = headersAt
    this.length += 1
  }

  offset(i: number): number {
    return this.#wide[i * WIDE] as number
  }

  timestamp(i: number): number {
    return this.#wide[i * WIDE + 1] as number
  }

  keyAt(i: number): number {
    return this.#narrow[i * NARROW + 1] as number
  }

  keyLength(i: number): number {
    return this.#narrow[i * NARROW + 2] as number
  }

  key(i: number): string | undefined {
    const length = this.keyLength(i)
    if (length < 0) return undefined
    const at = this.keyAt(i)
    return this.source(i).toString('utf8', at, at + length)
  }

  valueLength(i: number): number {
    return this.#narrow[i * NARROW + 4] as number
  }

  valueAt(i: number): number {
    return this.#narrow[i * NARROW + 3] as number
  }

  value(i: number): Buffer {
    const at = this.valueAt(i)
    return this.source(i).subarray(at, at + Math.max(0, this.valueLength(i)))
  }

  source(i: number): Buffer {
    return this.#sources[this.#narrow[i * NARROW] as number] as Buffer
  }

  headers(i: number): UserProperties | undefined {
    const at = this.#narrow[i * NARROW + 5] as number
    return at === 0 ? undefined : readHeaders(new ByteCursor(this.source(i), at))
  }
}
