import { isMarked, RECORD_HEADER, recordLength } from './record.ts'
import { SEGMENT_HEADER, saltOf } from './segment-name.ts'
import type { SpoolFile } from './spool-files.ts'

const CHUNK = 1 << 20

/**
 * Goes through the records of a segment. What is no record is skipped to the next that is one, and counted.
 *
 * @internal
 */
export class SegmentCursor {
  bytes: Uint8Array = new Uint8Array(0)
  view = new DataView(this.bytes.buffer as ArrayBuffer)
  /** Of the record that was found: where its payload begins in `bytes`, where it ends, and its head. */
  payload = 0
  end = 0
  kind = 0
  position = 0
  arrival = 0
  /** Where the next record is looked for in the file, and bytes that were skipped because they are none. */
  offset = SEGMENT_HEADER
  skipped = 0
  readonly #file: SpoolFile
  readonly #salt: number
  #buffer = new Uint8Array(0)
  #words = new Int32Array(0)
  #start = 0
  #need = RECORD_HEADER

  constructor(file: SpoolFile, first: number) {
    this.#file = file
    this.#salt = saltOf(first)
  }

  /** Where the record that was found begins in the file. */
  get recordStart(): number {
    return this.#start + this.payload - RECORD_HEADER
  }

  /** Finds the next record in what was read of the file, before `end`. */
  step(end: number): boolean {
    while (this.offset < end) {
      const at = this.offset - this.#start
      const length = recordLength(this.#words, this.view, at, this.#salt)
      if (length > 0) {
        this.#found(at, length)
        return true
      }
      if (length < 0 && this.offset - length <= end) {
        this.#need = -length
        return false
      }
      this.#skip(at, end)
    }
    return false
  }

  /** Reads on, and finds the next record. False: there is none before `end`. */
  async load(end: number): Promise<boolean> {
    while (this.offset < end) {
      const size = Math.min(end - this.offset, Math.max(CHUNK, this.#need))
      if (this.#buffer.length < size) this.#grow(size)
      const read = await this.#file.read(this.#buffer.subarray(0, size), this.offset)
      this.bytes = this.#buffer.subarray(0, read)
      this.view = new DataView(this.#buffer.buffer, 0, read)
      this.#start = this.offset
      const isShort = read < size
      if (this.step(isShort ? this.offset + read : end)) return true
      if (isShort) this.#skip(this.bytes.length, end) // the file was cut since
    }
    return false
  }

  #grow(size: number): void {
    this.#buffer = new Uint8Array(Math.ceil(size / 8) * 8)
    this.#words = new Int32Array(this.#buffer.buffer)
  }

  #found(at: number, length: number): void {
    this.payload = at + RECORD_HEADER
    this.end = at + length - this.view.getUint16(at + 14, true)
    this.kind = this.view.getUint16(at + 12, true)
    this.position = this.view.getFloat64(at + 16, true)
    this.arrival = this.view.getFloat64(at + 24, true)
    this.offset += length
    this.#need = RECORD_HEADER
  }

  /** To the next place where a record may begin. */
  #skip(from: number, end: number): void {
    let at = from + 8
    const last = this.bytes.length - 4
    while (at <= last && !isMarked(this.view, at)) at += 8
    const to = Math.min(end, Math.max(this.offset, this.#start + at))
    this.skipped += to - this.offset
    this.offset = at > last && this.#start + this.bytes.length >= end ? end : to
    if (this.offset === end) this.skipped += end - to
    this.#need = RECORD_HEADER
  }
}
