import type { TextDecoder } from 'node:util'
import { DecodeError, Quality } from '@messwerk/core/model'
import { parseNumber, skipBlank } from './parse-number.ts'
import { TimeParser } from './parse-time.ts'
import type { RecordFeed } from './record-feed.ts'
import type { RecordReader } from './record-reader.ts'
import type { ReplayPlan } from './replay-plan.ts'

const NOT_A_NUMBER = /^[+-]?(?:nan|inf|infinity)$/i

/**
 * Turns records into numbers, qualities, a time and a group, each in place: nothing is allocated for a good line.
 *
 * @internal
 */
export class RowParser {
  /** Values of the current line, in channel order. */
  readonly values: Float64Array
  readonly quality: Uint8Array
  /** Whether any quality is not good. */
  flawed = false
  /** Time of the current line; undefined when the file has none. */
  readonly time: TimeParser | undefined
  /** What is wrong with the current line. */
  complaint = ''
  readonly #plan: ReplayPlan
  readonly #reader: RecordReader
  readonly #decoder: TextDecoder
  readonly #headings: readonly string[]
  readonly #columns: Int32Array
  readonly #timeColumn: number
  readonly #groupColumn: number
  readonly #point: number
  #group: string | undefined
  #groupBytes = new Uint8Array(0)

  /** @throws DecodeError that lists the headings when one is missing or stands twice */
  constructor(plan: ReplayPlan, feed: RecordFeed) {
    const { options, headings, decimal } = plan
    this.#plan = plan
    this.#reader = feed.reader
    this.#decoder = feed.decoder
    this.#headings = feed.headings
    const find = (name: string): number => fieldOf(plan.path, feed.headings, name)
    this.#columns = Int32Array.from(headings, find)
    this.#timeColumn = options.time ? find(options.time.column) : -1
    this.#groupColumn = options.group ? find(options.group.column) : -1
    this.#point = decimal.charCodeAt(0)
    this.time = options.time && new TimeParser(options.time.unit, this.#point)
    this.values = new Float64Array(headings.length)
    this.quality = new Uint8Array(headings.length)
  }

  /** Whether the current record is a good line; else `complaint` says why not. */
  parse(): boolean {
    const reader = this.#reader
    if (reader.broken !== undefined) return this.#refuse(reader.broken)
    if (reader.fields !== this.#headings.length) {
      return this.#refuse(`${reader.fields} cells where the header has ${this.#headings.length}`)
    }
    if (this.flawed) this.#forgive()
    const { bytes, starts, ends } = reader
    const columns = this.#columns
    for (let c = 0; c < columns.length; c += 1) {
      const field = columns[c] as number
      const value = parseNumber(bytes, starts[field] as number, ends[field] as number, this.#point)
      if (value - value === 0) this.values[c] = value
      else if (!this.#special(c, field, value)) return false
    }
    const by = this.#groupColumn
    if (by >= 0 && skipBlank(bytes, starts[by] as number, ends[by] as number) === ends[by]) {
      return this.#refuse(`no value in column '${this.#heading(by)}'`)
    }
    const at = this.#timeColumn
    if (at < 0 || (this.time as TimeParser).parse(bytes, starts[at] as number, ends[at] as number)) return true
    const unit = this.#plan.options.time?.unit
    const kind = unit === 'iso' ? 'an ISO 8601 time' : `a time in ${unit}`
    return this.#refuse(`'${this.#text(at)}' is not ${kind} in column '${this.#heading(at)}'`)
  }

  /** The group of the current record; that of the record before it when it has none; undefined before any. */
  group(): string | undefined {
    const { fields, starts, ends, bytes } = this.#reader
    const field = this.#groupColumn
    if (field < 0 || field >= fields) return this.#group
    const from = starts[field] as number
    const length = (ends[field] as number) - from
    const known = this.#groupBytes
    let same = known.length === length
    for (let i = 0; same && i < length; i += 1) same = known[i] === bytes[from + i]
    if (same && this.#group !== undefined) return this.#group
    const text = this.#text(field)
    if (text === '') return this.#group
    this.#groupBytes = Uint8Array.from(bytes.subarray(from, from + length))
    this.#group = text
    return text
  }

  /** The complaint about the current line with its place. */
  error(): DecodeError {
    return new DecodeError(`${this.#plan.path}, line ${this.#reader.line}`, this.complaint)
  }

  /** Empty cells, NaN, labels in words and what is no number at all. */
  #special(c: number, field: number, value: number): boolean {
    const text = this.#text(field)
    const { channels, options } = this.#plan
    if (text === '' || options.missing?.includes(text)) return this.#flaw(c, Quality.missing)
    if (NOT_A_NUMBER.test(text) || value === Infinity || value === -Infinity) return this.#flaw(c, Quality.bad)
    const label = channels[c]?.role === 'flag'
    if (label && /^(?:true|false)$/i.test(text)) {
      this.values[c] = text.toLowerCase() === 'true' ? 1 : 0
      return true
    }
    const hint = label ? ' (text can be a group, not a label)' : ''
    return this.#refuse(`'${text.slice(0, 80)}' is not a number in column '${this.#heading(field)}'${hint}`)
  }

  #flaw(c: number, quality: Quality): true {
    this.values[c] = Number.NaN
    this.quality[c] = quality
    this.flawed = true
    return true
  }

  #forgive(): void {
    this.quality.fill(Quality.good)
    this.flawed = false
  }

  #refuse(complaint: string): false {
    this.complaint = complaint
    return false
  }

  #text(field: number): string {
    return this.#reader.text(field, this.#decoder)
  }

  #heading(field: number): string {
    return this.#headings[field] as string
  }
}

function fieldOf(path: string, headings: readonly string[], name: string): number {
  const field = headings.indexOf(name)
  const shown = headings.map((heading) => `'${heading}'`).join(', ')
  if (field < 0) {
    const hint = headings.length === 1 ? '; if that is several columns, give the delimiter' : ''
    throw new DecodeError(path, `there is no column '${name}'; the header has: ${shown}${hint}`)
  }
  if (headings.indexOf(name, field + 1) >= 0) {
    throw new DecodeError(path, `column '${name}' stands twice in the header: ${shown}; give other names with header`)
  }
  return field
}
