import { createReadStream } from 'node:fs'
import { DecodeError } from '../model/errors.ts'
import { deadLetterOf, type StoredDeadLetter } from './dead-letter-line.ts'
import { storageError } from './storage-error.ts'

const CHUNK_BYTES = 1 << 18

/**
 * The dead letters of a file that {@link deadLetterFile} wrote, in order, one at a time: blocks equal to the bit, to be
 * looked at or written again. An error has the name, code and message of the original, not its class.
 *
 * A last line that is just being written, or that a crash has torn, is left out.
 *
 * @throws StorageError when the file cannot be read; DecodeError that names the line that is no dead letter
 *
 * @example
 * ```ts
 * import { blockOf, OperatorError } from '@messwerk/core/model'
 * import { deadLetterFile, readDeadLetters } from '@messwerk/core/node'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1] })
 * const error = new OperatorError('rms', 's')
 * const sink = deadLetterFile({ path: 'letters.ndjson' })
 * await sink.write([{ error, from: 'rms', split: 's', position: 1, at: 0, block }], AbortSignal.timeout(5000))
 * const blocks: unknown[] = []
 * for await (const letter of readDeadLetters('letters.ndjson')) blocks.push(letter.block)
 * blocks // => [block]
 * ```
 */
export async function* readDeadLetters(path: string): AsyncGenerator<StoredDeadLetter, void> {
  let number = 0
  for await (const { text, isEnded } of linesOf(path)) {
    number += 1
    if (isEnded || isWhole(text)) yield letterOf(text, path, number)
  }
}

interface Line {
  readonly text: string
  /** By a line feed. */
  readonly isEnded: boolean
}

async function* linesOf(path: string): AsyncGenerator<Line, void> {
  let pieces: Buffer[] = []
  const textWith = (end: Buffer): string => Buffer.concat(pieces.concat(end)).toString()
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      let from = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        yield { text: textWith(chunk.subarray(from, at)), isEnded: true }
        pieces = []
        from = at + 1
      }
      if (from < chunk.length) pieces.push(chunk.subarray(from))
    }
  } catch (error) {
    throw storageError(path, error)
  }
  if (pieces.length > 0) yield { text: textWith(Buffer.alloc(0)), isEnded: false }
}

function letterOf(line: string, path: string, number: number): StoredDeadLetter {
  try {
    return deadLetterOf(line)
  } catch (cause) {
    throw new DecodeError(`${path}, line ${number}`, 'must be a dead letter', { cause })
  }
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
