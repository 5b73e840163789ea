import type { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { ByteCursor, Damaged } from './byte-cursor.ts'
import type { Batches, Unzip } from './record-batches.ts'

// What brokers before 0.11 wrote, and topics still hold: offset, length, CRC, magic, attributes, from magic 1 on a time, key, value.
// A compressed message holds messages; from magic 1 on their offsets count from the first, and its own is that of the last.
const AT = { crc: 12, magic: 16 }
const FLAGS = { codec: 7, appendTime: 8 } as const
const NO_TIME = -1
const LEAST_MESSAGE = 26

/** One message, where it lies in its bytes. */
interface Message {
  readonly offset: number
  readonly attributes: number
  readonly magic: number
  readonly timestamp: number
  readonly keyAt: number
  readonly keyLength: number
  readonly valueAt: number
  readonly valueLength: number
  readonly end: number
}

/** Adds a message of an old format, or those that it holds; returns the offset behind it. @internal */
export async function readMessage(
  bytes: Buffer,
  at: number,
  size: number,
  into: Batches,
  unzip: Unzip
): Promise<number> {
  const outer = messageAt(bytes, at)
  if (outer.end !== at + size) throw new Damaged(`a message is not ${size} B long`)
  if (!Number.isSafeInteger(outer.offset) || outer.offset < 0)
    throw new Damaged(`a message has the offset ${outer.offset}`)
  if (outer.offset < into.from) return outer.offset + 1
  const codec = outer.attributes & FLAGS.codec
  if (into.records.length === 0) into.isAppendTime = (outer.attributes & FLAGS.appendTime) !== 0
  if (codec === 0) addMessage(bytes, outer, outer.offset, outer.timestamp, into, size)
  else {
    const { valueAt, valueLength } = outer
    addHeld(await unzip(codec, bytes.subarray(valueAt, valueAt + Math.max(0, valueLength))), outer, into)
  }
  return outer.offset + 1
}

function addHeld(plain: Buffer, outer: Message, into: Batches): void {
  const held: Message[] = []
  for (let at = 0; at < plain.length; at = (held.at(-1) as Message).end) held.push(messageAt(plain, at))
  const shift = outer.magic === 0 ? 0 : outer.offset - (held.at(-1)?.offset ?? 0)
  const isAppendTime = (outer.attributes & FLAGS.appendTime) !== 0
  let least = 0
  for (const message of held) {
    const offset = message.offset + shift
    if (!(offset >= least) || offset > outer.offset || message.attributes & FLAGS.codec) {
      throw new Damaged(`a message in another has the offset ${offset}`)
    }
    least = offset + 1
    if (offset >= into.from)
      addMessage(plain, message, offset, isAppendTime ? outer.timestamp : message.timestamp, into)
  }
}

function addMessage(
  bytes: Buffer,
  { keyAt, keyLength, valueAt, valueLength, end }: Message,
  offset: number,
  timestamp: number,
  { records }: Batches,
  held = end - keyAt
): void {
  records.read(bytes, held)
  records.reserve(1)
  records.add(offset, timestamp, keyAt, keyLength, valueAt, valueLength, 0)
}

function messageAt(bytes: Buffer, at: number): Message {
  const cursor = new ByteCursor(bytes, at)
  const offset = cursor.int64()
  const end = at + AT.crc + cursor.int32()
  if (end < at + LEAST_MESSAGE || end > bytes.length) throw new Damaged('a message ends too early or too late')
  if (crc32(bytes.subarray(at + AT.magic, end)) !== bytes.readUInt32BE(at + AT.crc)) {
    throw new Damaged('the checksum of a message is wrong')
  }
  cursor.at = at + AT.magic
  const magic = cursor.int8()
  if (magic < 0 || magic > 1) throw new Damaged(`a message is of version ${magic}`)
  const attributes = cursor.int8()
  const timestamp = magic === 0 ? NO_TIME : cursor.int64()
  const keyLength = cursor.skip(cursor.int32())
  const keyAt = cursor.at - Math.max(0, keyLength)
  const valueLength = cursor.skip(cursor.int32())
  const valueAt = cursor.at - Math.max(0, valueLength)
  if (cursor.at !== end) throw new Damaged('a message ends too early or too late')
  return { offset, attributes, magic, timestamp, keyAt, keyLength, valueAt, valueLength, end }
}
