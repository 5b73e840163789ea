import { type FileHandle, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TextDecoder, TextEncoder } from 'node:util'
import { createGunzip } from 'node:zlib'
import { DecodeError, StorageError } from '@messwerk/core/model'

/**
 * How the text of a file is encoded. A byte order mark is left out, and that of UTF-16 is heeded where nothing is said.
 *
 * @example
 * ```ts
 * import type { TextEncoding } from '@messwerk/storage/files'
 *
 * const encoding: TextEncoding = 'latin1'
 * encoding // => 'latin1'
 * ```
 */
export type TextEncoding = 'utf-8' | 'latin1' | 'utf-16le'

const READ_BYTES = 1 << 18
/** What is unpacked at once: at the worst ratio of gzip, about a thousand, 64 MiB. */
const UNPACK_BYTES = 1 << 16

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a directory; give one file',
  EACCES: 'this process may not read it; change its permissions',
  EPERM: 'this process may not read it; change its permissions',
  EMFILE: 'too many open files'
}

/**
 * The bytes of a text file from any place on, unpacked, without a byte order mark and, when it was UTF-16, as UTF-8.
 *
 * @internal
 */
export interface FileBytes {
  /** How to decode a cell of it. */
  readonly encoding: 'utf-8' | 'latin1'
  /** Whether reading from a place costs nothing; else `from` reads from the beginning and leaves out. */
  readonly seekable: boolean
  /**
   * Pieces of the file, from place `from` where seekable, else from 0; a piece is valid until the next.
   *
   * @throws DecodeError after the readable part of damaged gzip data, StorageError when reading fails
   */
  read(from: number): AsyncGenerator<Uint8Array, void, undefined>
  close(): Promise<void>
}

/** Opens a file and looks at its first bytes. @throws StorageError that says what is in the way @internal */
export async function fileBytes(path: string, encoding: TextEncoding | undefined): Promise<FileBytes> {
  const file = await open(path).catch((error: unknown) => refuse(path, error))
  try {
    const head = Buffer.alloc(4)
    if ((await file.stat()).isDirectory()) refuse(path, Object.assign(new Error('directory'), { code: 'EISDIR' }))
    await file.read(head, 0, 4, 0)
    const packed = head[0] === 0x1f && head[1] === 0x8b
    const start = packed ? await firstUnpacked(path, file) : head
    return openedFile(path, file, packed, textOf(start, encoding))
  } catch (error) {
    await file.close()
    throw error
  }
}

interface Text {
  readonly mark: number
  readonly wide: boolean
  readonly encoding: 'utf-8' | 'latin1'
}

function textOf(head: Uint8Array, encoding: TextEncoding | undefined): Text {
  const wideMark = head[0] === 0xff && head[1] === 0xfe
  const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf
  const wide = encoding === 'utf-16le' || (encoding === undefined && wideMark)
  return { wide, mark: wide ? (wideMark ? 2 : 0) : mark ? 3 : 0, encoding: encoding === 'latin1' ? 'latin1' : 'utf-8' }
}

function openedFile(path: string, file: FileHandle, packed: boolean, text: Text): FileBytes {
  const seekable = !packed && !text.wide
  return {
    encoding: text.encoding,
    seekable,
    read(from) {
      const raw = (at: number, size: number) => plain(path, file, at, size)
      if (seekable) return raw(text.mark + from, READ_BYTES)
      const unpacked = packed ? gunzipped(path, raw(0, UNPACK_BYTES)) : raw(0, READ_BYTES)
      const unmarked = withoutMark(unpacked, text.mark)
      return text.wide ? asUtf8(unmarked) : unmarked
    },
    close: () => file.close()
  }
}

/** Reads one piece ahead, into the buffer that is not being looked at. */
async function* plain(path: string, file: FileHandle, from: number, size: number) {
  const buffers = [new Uint8Array(size), new Uint8Array(size)] as const
  let at = from
  let ahead = file.read(buffers[0], 0, size, at)
  try {
    for (let turn = 0; ; turn = 1 - turn) {
      const { bytesRead, buffer } = await ahead.catch((error: unknown) => refuse(path, error))
      if (bytesRead === 0) return
      at += bytesRead
      ahead = file.read(buffers[1 - turn] as Uint8Array<ArrayBuffer>, 0, size, at)
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await ahead.catch(() => {}) // the file may only be closed behind it
  }
}

/**
 * Fed by hand instead of piped: a stream that fails throws away what it had unpacked before, and that part of a cut
 * file is wanted.
 */
async function* gunzipped(
  path: string,
  packed: AsyncIterable<Uint8Array>
): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip({ chunkSize: 1 << 16 })
  let ready: Uint8Array[] = []
  let failure: Error | undefined
  let wake = (): void => {}
  gunzip.on('data', (chunk: Uint8Array) => ready.push(chunk))
  gunzip.on('error', (error) => {
    failure = error
  })
  gunzip.on('close', () => wake()) // after an error, a write in progress is never called back
  const take = (): Uint8Array[] => {
    const taken = ready
    ready = []
    return taken
  }
  try {
    for await (const chunk of packed) {
      await new Promise<void>((resolve) => {
        wake = resolve
        gunzip.write(chunk, () => resolve())
      })
      yield* take()
      if (failure) break
    }
    if (!failure && !gunzip.destroyed) {
      await new Promise<void>((resolve) => {
        wake = resolve
        gunzip.end()
      })
    }
    yield* take()
  } finally {
    gunzip.destroy()
  }
  if (failure) throw damaged(path, failure)
}

function damaged(path: string, cause: NodeJS.ErrnoException): DecodeError {
  const cut = cause.code === 'Z_BUF_ERROR'
  const why = cut ? 'the gzip data ends too early; the file was cut off' : `the gzip data is damaged (${cause.message})`
  return new DecodeError(path, `${why}. What was readable before has been delivered`, { cause })
}

async function firstUnpacked(path: string, file: FileHandle): Promise<Uint8Array> {
  const pieces = gunzipped(path, plain(path, file, 0, UNPACK_BYTES))
  try {
    const { value } = await pieces.next()
    return value ? value.slice(0, 4) : new Uint8Array(0)
  } finally {
    await pieces.return()
  }
}

async function* withoutMark(pieces: AsyncIterable<Uint8Array>, mark: number) {
  let left = mark
  for await (const piece of pieces) {
    const cut = Math.min(left, piece.length)
    left -= cut
    if (cut < piece.length) yield piece.subarray(cut)
  }
}

async function* asUtf8(pieces: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder('utf-16le', { ignoreBOM: true })
  const encoder = new TextEncoder()
  for await (const piece of pieces) yield encoder.encode(decoder.decode(piece, { stream: true }))
  const rest = decoder.decode()
  if (rest !== '') yield encoder.encode(rest)
}

function refuse(path: string, error: unknown): never {
  const { code = '', message } = error as NodeJS.ErrnoException
  const why = ADVICE[code] ?? `it cannot be read (${message})`
  const missing = code === 'ENOENT' ? `; looked for ${resolve(path)}` : ''
  throw new StorageError(path, why + missing, code === 'EMFILE' || code === 'EIO', { cause: error })
}
