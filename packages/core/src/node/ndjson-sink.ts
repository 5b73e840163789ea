import { type FileHandle, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Block } from '../model/block.ts'
import { StorageError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Sink } from '../model/sink.ts'
import { blockLines, isBlock } from './block-lines.ts'

/**
 * Options of {@link ndjsonSink}.
 *
 * @example
 * ```ts
 * import type { NdjsonOptions } from '@messwerk/core/node'
 *
 * const options: NdjsonOptions = { path: 'scores.ndjson' }
 * options.path // => 'scores.ndjson'
 * ```
 */
export interface NdjsonOptions {
  /** The file to append to; made when it does not exist. Its directory must exist. */
  readonly path: string
}

/** Text is written in pieces of about so many characters. */
const PIECE = 1 << 20
const TAIL_BYTES = 1 << 16

const ADVICE: Readonly<Record<string, string>> = {
  EISDIR: 'this is a directory; give a file',
  EACCES: 'this process may not write it; change its permissions',
  EPERM: 'this process may not write it; change its permissions',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full; nothing of this write was kept',
  EDQUOT: 'the disk quota is used up; nothing of this write was kept',
  EFBIG: 'the file may not grow further; nothing of this write was kept'
}
const RETRYABLE = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EAGAIN']

/**
 * Appends to a file of JSON lines: a scan a line as `{ stream, time, <channel>: value }`, an event a line.
 *
 * `time` is ISO 8601 to the nanosecond. A value that is not finite is null; `quality` names the channels whose quality
 * is not good; a gap is a line of its own, `{ stream, time, gap: { scans, cause } }`, before the scan it precedes.
 *
 * Durable: a write resolves when the system has the data on disk. A write that fails leaves nothing behind, and a line
 * that was torn by a crash is removed when the file is opened again. A log, not a table: what is written twice stands in
 * it twice (after a crash between a write and its checkpoint); join by `stream` and `time`, or by `id` for events.
 *
 * @throws TypeError for a path that is none. Writing throws StorageError: no such directory, no permission, disk full
 * (retryable).
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { blockOf } from '@messwerk/core/model'
 * import { ndjsonSink } from '@messwerk/core/node'
 *
 * const sink = ndjsonSink({ path: 'scores.ndjson' })
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [3.1] })
 * await sink.write([block], AbortSignal.timeout(5000))
 * await sink.close?.()
 * readFileSync('scores.ndjson', 'utf8') // => '{"stream":"pump-1","time":"1970-01-01T00:00:00.000Z","pressure":3.1}\n'
 * ```
 */
export function ndjsonSink({ path }: NdjsonOptions): Sink<Block | MeasurementEvent> {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(`ndjsonSink: path must be the path of a file, got ${JSON.stringify(path) ?? String(path)}`)
  }
  let file: Promise<FileHandle> | undefined
  let turn: Promise<unknown> = Promise.resolve()
  const opened = (): Promise<FileHandle> => {
    file ??= openWhole(path).catch((error: unknown) => {
      file = undefined
      throw storageError(path, error)
    })
    return file
  }
  return {
    id: `ndjson ${path}`,
    async open() {
      await opened()
    },
    write(items) {
      const written = turn.then(async () => append(await opened(), path, items))
      turn = written.catch(() => {})
      return written
    },
    async close() {
      await turn
      const closing = file
      file = undefined
      await (await closing)?.close()
    }
  }
}

/** One write at a time, all of it or nothing. */
async function append(file: FileHandle, path: string, items: readonly (Block | MeasurementEvent)[]): Promise<void> {
  const { size } = await file.stat()
  try {
    let text = ''
    for (const item of items) {
      text += isBlock(item) ? blockLines(item, path) : `${JSON.stringify(item)}\n`
      if (text.length < PIECE) continue
      await file.appendFile(text)
      text = ''
    }
    if (text !== '') await file.appendFile(text)
    await file.datasync()
  } catch (error) {
    await file.truncate(size).catch(() => {})
    throw storageError(path, error)
  }
}

/** Opens for appending and removes a line that a crash has torn. */
async function openWhole(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+')
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES))
    await file.read(tail, 0, tail.length, size - tail.length)
    const end = tail.lastIndexOf(10) + 1
    const last = tail.subarray(end)
    if (last.length === 0) return file
    if (isJson(last.toString())) await file.appendFile('\n')
    else if (end > 0 || size === tail.length) await file.truncate(size - last.length)
    else await file.appendFile('\n')
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function storageError(path: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const directory = `the directory ${dirname(resolve(path))} does not exist; make it first`
  const why = code === 'ENOENT' ? directory : (ADVICE[code] ?? `it cannot be written (${message})`)
  return new StorageError(path, why, RETRYABLE.includes(code), { cause: error })
}
