import type { TextDecoder } from 'node:util'
import { DecodeError } from '@messwerk/core/model'

const LF = 10
const CR = 13
const QUOTE = 34
/** A record that is still open after so many bytes is taken for a broken one. */
const LONGEST = 1 << 20

const PLAIN = 0
const QUOTED = 1
const DOUBLED = 2

/**
 * Cuts the bytes of a CSV file (RFC 4180; LF or CRLF; empty lines are skipped) into records and their fields, without
 * making a string of anything. Every complete record is offered as field borders within `bytes`.
 *
 * A record that cannot be right costs one line, not more: {@link RecordReader.giveUp} goes on at the second line of a
 * record that spans several, so that a lone quote does not swallow what follows.
 *
 * @internal
 */
export class RecordReader {
  /** Holds the current record. Valid until the next `next` or `feed`. */
  bytes: Buffer = Buffer.allocUnsafe(1 << 16)
  /** Fields of the current record. */
  fields = 0
  starts = new Int32Array(64)
  ends = new Int32Array(64)
  /** Line of the file at which the current record begins, from 1. */
  line = 0
  /** Lines that the current record spans. */
  lines = 1
  /** What is wrong with the form of the current record, if anything. */
  broken: string | undefined
  readonly #delimiter: number
  #kinds = new Uint8Array(64)
  #begin = 0
  #at = 0
  #end = 0
  #base = 0
  #nextLine = 1
  #final = false
  #skipping = false
  #drop = 0

  constructor(delimiter: number) {
    this.#delimiter = delimiter
  }

  /** Place in the (decoded) file of the current record. */
  get offset(): number {
    return this.#base + this.#begin
  }

  /** Place in the file of what comes next. */
  get nextOffset(): number {
    return this.#base + this.#at
  }

  /** Starts anew at a place of the file. */
  reset(offset: number, line: number): void {
    this.#base = offset
    this.#begin = this.#at = this.#end = this.#drop = 0
    this.#nextLine = line
    this.#final = this.#skipping = false
  }

  /** How many bytes after what is held a place lies; negative or 0 when it is held; undefined when it was before. */
  beyond(offset: number): number | undefined {
    return offset < this.#base ? undefined : offset - this.#base - this.#end
  }

  /** Goes on at a place that is held or comes later, which begins the given line. */
  skipTo(offset: number, line: number): void {
    const at = offset - this.#base
    this.#nextLine = line
    this.#skipping = false
    this.#drop = Math.max(0, at - this.#end)
    this.#at = Math.min(at, this.#end)
  }

  /** Takes the next bytes of the file. */
  feed(chunk: Uint8Array): void {
    if (this.#drop >= chunk.length) {
      this.#drop -= chunk.length
      this.#base += chunk.length
      return
    }
    const fresh = this.#drop > 0 ? chunk.subarray(this.#drop) : chunk
    const rest = this.#end - this.#at
    this.#base += this.#at + this.#drop
    this.#drop = 0
    if (rest + fresh.length + 1 > this.bytes.length) {
      const grown = Buffer.allocUnsafe(2 * (rest + fresh.length) + 1)
      this.bytes.copy(grown, 0, this.#at, this.#end)
      this.bytes = grown
    } else this.bytes.copyWithin(0, this.#at, this.#end)
    this.bytes.set(fresh, rest)
    this.#begin = this.#at = 0
    this.#end = rest + fresh.length
  }

  /** Says that no bytes follow, so that the last line is complete without a line break. */
  finish(): void {
    this.#final = true
  }

  /** Goes to the next record; `more` asks for bytes. */
  next(): 'record' | 'more' | 'end' {
    if (this.#skipping && !this.#skipLine()) return this.#final ? 'end' : 'more'
    if (!this.#skipEmptyLines()) return this.#final ? 'end' : 'more'
    this.#begin = this.#at
    this.line = this.#nextLine
    this.lines = 1
    this.broken = undefined
    const end = this.#fields()
    if (end >= 0) {
      this.#at = end
      this.#nextLine += this.lines
      return 'record'
    }
    if (!this.#final && this.#end - this.#at < LONGEST) return 'more'
    return this.#overlong()
  }

  /** Goes on at the second line of the current record. */
  giveUp(): void {
    const feed = this.bytes.indexOf(LF, this.#begin)
    this.#at = feed < 0 || feed >= this.#end ? this.#end : feed + 1
    this.#nextLine = this.line + 1
    this.lines = 1
  }

  /** A field as text, without quotes and the spaces around it. */
  text(field: number, decoder: TextDecoder): string {
    const text = decoder.decode(this.bytes.subarray(this.starts[field], this.ends[field])).trim()
    return this.#kinds[field] === DOUBLED ? text.replaceAll('""', '"') : text
  }

  /** Places the borders of all fields; returns where the record ends, or -1 when bytes are missing. */
  #fields(): number {
    const { bytes } = this
    const delimiter = this.#delimiter
    const end = this.#end
    bytes[end] = LF // stops the search; there is always room for it
    let at = this.#at
    let field = 0
    for (;;) {
      if (field === this.starts.length) this.#widen()
      this.starts[field] = at
      this.#kinds[field] = PLAIN
      if (bytes[at] === QUOTE) {
        at = this.#quoted(field, at)
        if (at < 0) return -1
      } else {
        let code = bytes[at] as number
        while (code !== delimiter && code !== LF) code = bytes[++at] as number
        this.ends[field] = at
      }
      field += 1
      if (at === end && !this.#final) return -1
      if (at === end || bytes[at] === LF) break
      at += 1
    }
    this.fields = field
    const last = field - 1
    const lastEnd = this.ends[last] as number
    if (this.#kinds[last] === PLAIN && lastEnd > (this.starts[last] as number) && bytes[lastEnd - 1] === CR) {
      this.ends[last] = lastEnd - 1
    }
    return at === end ? end : at + 1
  }

  /** Places the borders of a quoted field; returns the delimiter or line end behind it, or -1. */
  #quoted(field: number, from: number): number {
    const { bytes } = this
    let at = from + 1
    let kind = QUOTED
    for (;;) {
      if (at >= this.#end) return -1
      const code = bytes[at] as number
      if (code === LF) this.lines += 1
      if (code !== QUOTE) at += 1
      else if (at + 1 < this.#end && bytes[at + 1] === QUOTE) {
        kind = DOUBLED
        at += 2
      } else break
    }
    if (at + 1 === this.#end && !this.#final) return -1
    this.starts[field] = from + 1
    this.ends[field] = at
    this.#kinds[field] = kind
    at += 1
    const behind = at
    while (bytes[at] !== this.#delimiter && bytes[at] !== LF) at += 1
    const onlyReturn = at === behind + 1 && bytes[behind] === CR
    if (at > behind && !onlyReturn) this.broken ??= `text behind the closing quote of field ${field + 1}`
    return at
  }

  /** The current record does not end within what is allowed: its first line alone is bad. */
  #overlong(): 'record' {
    const feed = this.bytes.indexOf(LF, this.#at)
    const spans = feed >= 0 && feed < this.#end
    this.fields = 0
    this.broken = spans || this.#final ? 'a quote is not closed' : `a line of more than ${LONGEST} bytes`
    this.giveUp()
    this.#skipping = !spans && !this.#final
    return 'record'
  }

  #skipLine(): boolean {
    const feed = this.bytes.indexOf(LF, this.#at)
    const found = feed >= 0 && feed < this.#end
    this.#at = found ? feed + 1 : this.#end
    this.#skipping = !found
    return found
  }

  /** Whether something follows that is not an empty line. */
  #skipEmptyLines(): boolean {
    const { bytes } = this
    for (;;) {
      if (this.#at >= this.#end) return false
      if (bytes[this.#at] === LF) this.#at += 1
      else if (bytes[this.#at] !== CR) return true
      else if (this.#at + 1 < this.#end && bytes[this.#at + 1] !== LF) return true
      else if (this.#at + 1 === this.#end) {
        if (!this.#final) return false
        this.#at = this.#end
      } else this.#at += 2
      this.#nextLine += 1
    }
  }

  #widen(): void {
    if (this.starts.length > LONGEST) throw new DecodeError(`line ${this.line}`, 'more columns than can be read')
    const starts = new Int32Array(this.starts.length * 2)
    const ends = new Int32Array(starts.length)
    const kinds = new Uint8Array(starts.length)
    starts.set(this.starts)
    ends.set(this.ends)
    kinds.set(this.#kinds)
    this.starts = starts
    this.ends = ends
    this.#kinds = kinds
  }
}
