import type { DeadLetter } from '../model/dead-letter.ts'
import type { Sink } from '../model/sink.ts'
import { deadLetterLine } from './dead-letter-line.ts'
import { LineFile } from './line-file.ts'

/**
 * Options of {@link deadLetterFile}.
 *
 * @example
 * ```ts
 * import type { DeadLetterFileOptions } from '@messwerk/core/node'
 *
 * const options: DeadLetterFileOptions = { path: 'state/dead-letters.ndjson' }
 * options.path // => 'state/dead-letters.ndjson'
 * ```
 */
export interface DeadLetterFileOptions {
  /** The file to append to; made when it does not exist. Its directory must exist. */
  readonly path: string
}

/**
 * Dead letters as a file of JSON lines, one each: `{ at, from, split, position, reason: { name, code, retryable, message,
 * cause }, block | event | payload }`. {@link readDeadLetters} gives them back.
 *
 * `at` is ISO 8601, to the ms; a block is as `blockToJson` has it, a payload is base64. Of a payload longer than 1 MiB the
 * first MiB is kept, and `payloadBytes` says how long it was.
 *
 * Durable: a write resolves when the system has the data on disk. A write that fails leaves nothing behind, and a line
 * that was torn by a crash is removed when the file is opened again.
 *
 * @throws TypeError for a path that is none. Writing throws StorageError: no such directory, no permission, disk full
 * (retryable).
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { DecodeError } from '@messwerk/core/model'
 * import { deadLetterFile } from '@messwerk/core/node'
 *
 * const sink = deadLetterFile({ path: 'dead-letters.ndjson' })
 * const error = new DecodeError('line/1', 'must be JSON')
 * const letter = { error, from: 'line/1', split: 'mqtt', position: 12, at: 0, payload: Uint8Array.of(0x7b) }
 * await sink.write([letter], AbortSignal.timeout(5000))
 * await sink.close?.()
 * const { reason, payload } = JSON.parse(readFileSync('dead-letters.ndjson', 'utf8'))
 * reason.code // => 'DECODE_FAILED'
 * payload // => 'ew=='
 * ```
 */
export function deadLetterFile({ path }: DeadLetterFileOptions): Sink<DeadLetter> {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(`deadLetterFile: path must be the path of a file, got ${JSON.stringify(path) ?? String(path)}`)
  }
  const file = new LineFile(path)
  return {
    id: `dead letters ${path}`,
    open: () => file.open(),
    write: (letters) => file.append(linesOf(letters)),
    close: () => file.close()
  }
}

function* linesOf(letters: readonly DeadLetter[]): Generator<string> {
  for (const letter of letters) yield deadLetterLine(letter)
}
