import { TextDecoder } from 'node:util'
import { DecodeError } from '@messwerk/core/model'
import { type FileBytes, fileBytes } from './file-bytes.ts'
import { RecordReader } from './record-reader.ts'
import type { ReplayPlan } from './replay-plan.ts'

/** What is skipped by reading on, rather than by opening anew. */
const NEAR = 1 << 20

/**
 * The records of an opened file, from any place on.
 *
 * @internal
 */
export class RecordFeed {
  readonly reader: RecordReader
  readonly headings: readonly string[]
  readonly decoder: TextDecoder
  /** Place and line of the first record with data. */
  readonly begin: { readonly offset: number; readonly line: number }
  readonly #file: FileBytes
  #pieces: AsyncGenerator<Uint8Array, void, undefined>

  constructor(
    file: FileBytes,
    pieces: AsyncGenerator<Uint8Array, void, undefined>,
    reader: RecordReader,
    given: Headings
  ) {
    this.#file = file
    this.#pieces = pieces
    this.reader = reader
    this.decoder = new TextDecoder(file.encoding)
    this.headings = given ?? Array.from({ length: reader.fields }, (_, i) => reader.text(i, this.decoder))
    this.begin = given
      ? { offset: reader.offset, line: reader.line }
      : { offset: reader.nextOffset, line: reader.line + reader.lines }
    reader.skipTo(this.begin.offset, this.begin.line)
  }

  /** Brings the next bytes to the reader, or tells it that there are none. */
  async more(): Promise<void> {
    const { value } = await this.#pieces.next()
    if (value === undefined) this.reader.finish()
    else this.reader.feed(value)
  }

  /** Goes on at a place of the file. */
  async seek(offset: number, line: number): Promise<void> {
    const { reader } = this
    const beyond = reader.beyond(offset)
    const far = beyond === undefined || (this.#file.seekable && beyond > NEAR)
    if (far) {
      await this.#pieces.return()
      this.#pieces = this.#file.read(offset)
      reader.reset(this.#file.seekable ? offset : 0, line)
    }
    reader.skipTo(offset, line)
  }

  async close(): Promise<void> {
    await this.#pieces.return()
    await this.#file.close()
  }
}

type Headings = readonly string[] | undefined

/**
 * Opens a file and reads its first line.
 *
 * @throws StorageError when it cannot be read, DecodeError when there is no first line
 * @internal
 */
export async function recordFeed({ path, options, decimal }: ReplayPlan): Promise<RecordFeed> {
  const file = await fileBytes(path, options.encoding)
  const pieces = file.read(0)
  try {
    const { value: first } = await pieces.next()
    const delimiter = options.delimiter ?? sniff(first ?? new Uint8Array(0), decimal)
    const reader = new RecordReader(delimiter.charCodeAt(0))
    if (first) reader.feed(first)
    for (let state = reader.next(); state !== 'record'; state = reader.next()) {
      if (state === 'end') throw new DecodeError(path, 'the file is empty; its first line should name the columns')
      const { value } = await pieces.next()
      if (value === undefined) reader.finish()
      else reader.feed(value)
    }
    if (reader.broken)
      throw new DecodeError(`${path}, line ${reader.line}`, `the header cannot be read: ${reader.broken}`)
    return new RecordFeed(file, pieces, reader, options.header)
  } catch (error) {
    await pieces.return()
    await file.close()
    throw error
  }
}

/** The separator that stands most often in the first line, outside quotes. */
function sniff(bytes: Uint8Array, decimal: '.' | ','): string {
  const counts = new Map([';', '\t', ','].map((sign) => [sign.charCodeAt(0), 0]))
  let quoted = false
  let any = false
  for (const code of bytes) {
    if (code === 34) quoted = !quoted
    else if (code === 10 && !quoted && any) break
    else if (!quoted && counts.has(code)) counts.set(code, (counts.get(code) as number) + 1)
    any ||= code > 32
  }
  const [best, count] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))
  if (count > 0) return String.fromCharCode(best)
  return decimal === ',' ? ';' : ','
}
