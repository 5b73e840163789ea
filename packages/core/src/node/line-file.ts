import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from './durable-file.ts'
import { storageError } from './storage-error.ts'

/** Text is written in pieces of about so many characters. */
const PIECE = 1 << 20
const CHUNK_BYTES = 1 << 16
/** A last line that is longer is not looked into. */
const LONGEST_BYTES = 1 << 28

/**
 * A file of JSON lines that is appended to: one write at a time, each durable when it resolves, all of it or nothing. A
 * line that a crash has torn is removed at the opening.
 *
 * @internal
 */
export class LineFile {
  readonly #path: string
  #file: Promise<FileHandle> | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  async open(): Promise<void> {
    await this.#opened()
  }

  /** Lines end with a line feed. */
  append(lines: Iterable<string>): Promise<void> {
    const written = this.#turn.then(async () => this.#append(await this.#opened(), lines))
    this.#turn = written.catch(() => {})
    return written
  }

  async close(): Promise<void> {
    await this.#turn
    const closing = this.#file
    this.#file = undefined
    await (await closing)?.close()
  }

  #opened(): Promise<FileHandle> {
    this.#file ??= openWhole(this.#path).catch((error: unknown) => {
      this.#file = undefined
      throw storageError(this.#path, error)
    })
    return this.#file
  }

  async #append(file: FileHandle, lines: Iterable<string>): Promise<void> {
    const { size } = await file.stat()
    try {
      let text = ''
      for (const line of lines) {
        text += line
        if (text.length < PIECE) continue
        await file.appendFile(text)
        text = ''
      }
      if (text !== '') await file.appendFile(text)
      await file.datasync()
    } catch (error) {
      await file.truncate(size).catch(() => {})
      throw storageError(this.#path, error)
    }
  }
}

async function openWhole(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+')
  try {
    const status = await file.stat()
    if (status.isFile() && status.size === 0) await syncFolder(dirname(path))
    await repairTail(file, status.size)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Completes a last line that only lacks its end, and removes one that was torn. */
async function repairTail(file: FileHandle, size: number): Promise<void> {
  const end = await endOfLines(file, size)
  if (end === size) return
  const length = size - end
  const last = Buffer.alloc(Math.min(length, LONGEST_BYTES))
  await file.read(last, 0, last.length, end)
  if (length <= LONGEST_BYTES && isJson(last.toString())) await file.appendFile('\n')
  else await file.truncate(end)
}

/** Where the last line feed ends. */
async function endOfLines(file: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(Math.min(size, CHUNK_BYTES))
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - chunk.length)
    const { bytesRead } = await file.read(chunk, 0, to - from, from)
    const at = chunk.subarray(0, bytesRead).lastIndexOf(10)
    if (at >= 0) return from + at + 1
    to = from
  }
  return 0
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
