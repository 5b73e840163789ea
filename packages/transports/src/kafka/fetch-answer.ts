import type { Buffer } from 'node:buffer'
import { ByteCursor, Damaged } from './byte-cursor.ts'
import type { Aborted } from './read-committed.ts'

/** What an answer says of one partition. @internal */
export interface PartitionAnswer {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly aborted: readonly Aborted[]
  /** Its record batches; the last one may be cut. */
  readonly batches: Buffer
}

/** The answer to a fetch request, up to the record batches. @internal */
export interface FetchAnswer {
  /** How long this client is to be silent. */
  readonly throttleMs: number
  readonly errorCode: number
  readonly topics: readonly { readonly topicName: string; readonly partitions: readonly PartitionAnswer[] }[]
}

// what came with which version of the request
const SINCE = { throttle: 1, aborted: 4, logStart: 5, session: 7, replica: 11 } as const
// later ones are laid out differently
const NEWEST_FETCH = 11

/** @throws Damaged @internal */
export function fetchAnswer(bytes: Buffer, version: number): FetchAnswer {
  if (version > NEWEST_FETCH) throw new Damaged(`an answer to a fetch is of version ${version}`)
  const cursor = new ByteCursor(bytes)
  try {
    const throttleMs = version >= SINCE.throttle ? cursor.int32() : 0
    const errorCode = version >= SINCE.session ? cursor.int16() : 0
    if (version >= SINCE.session) cursor.int32()
    const topics = listOf(cursor, () => ({
      topicName: textOf(cursor),
      partitions: listOf(cursor, () => partitionOf(cursor, version))
    }))
    return { throttleMs, errorCode, topics }
  } catch (error) {
    if (error instanceof RangeError) throw new Damaged('an answer to a fetch ends too early')
    throw error
  }
}

function partitionOf(cursor: ByteCursor, version: number): PartitionAnswer {
  const partition = cursor.int32()
  const errorCode = cursor.int16()
  const highWatermark = cursor.int64()
  let aborted: readonly Aborted[] = []
  if (version >= SINCE.aborted) {
    cursor.int64() // last stable offset
    if (version >= SINCE.logStart) cursor.int64()
    aborted = listOf(cursor, () => ({ producer: cursor.int64(), firstOffset: cursor.int64() }))
  }
  if (version >= SINCE.replica) cursor.int32()
  return { partition, errorCode, highWatermark, aborted, batches: bytesOf(cursor, cursor.int32()) }
}

/** Null is empty. */
function listOf<T>(cursor: ByteCursor, item: () => T): T[] {
  const items: T[] = []
  for (let left = cursor.int32(); left > 0; left -= 1) items.push(item())
  return items
}

function textOf(cursor: ByteCursor): string {
  return bytesOf(cursor, cursor.int16()).toString()
}

function bytesOf(cursor: ByteCursor, length: number): Buffer {
  const from = cursor.at
  cursor.skip(length)
  if (cursor.at > cursor.bytes.length) throw new Damaged('an answer to a fetch ends too early')
  return cursor.bytes.subarray(from, cursor.at)
}
