import type { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { ByteCursor, Damaged } from './byte-cursor.ts'
import { MOST_RECORDS } from './most-records.ts'
import type { Batches, Unzip } from './record-batches.ts'

// What brokers before 0.11 wrote, and topics still hold: offset, length, CRC, magic, attributes, from magic 1 on a time, key, value.
// A compressed message holds messages; from magic 1 on their offsets count from the first, and its own is that of the last.
const AT = { crc: 12, magic: 16 }
const FLAGS = { codec: 7, appendTime: 8 } as const
const NO_TIME = -1
const LEAST_MESSAGE = 26

/** Where a message lies in its bytes; one of these reads all that another one holds, one after the other. */
class Message {
  readonly #cursor: ByteCursor
  offset = 0
  attributes = 0
  magic = 0
  timestamp = NO_TIME
  keyAt = 0
  keyLength = 0
  valueAt = 0
  valueLength = 0
  end = 0

  constructor(bytes: Buffer) {
    this.#cursor = new ByteCursor(bytes)
  }

  /** @throws Damaged */
  read(at: number): void {
    try {
      this.#read(at)
    } catch (error) {
      if (error instanceof RangeError) throw new Damaged('a message ends too early or too late')
      throw error
    }
  }

  #read(at: number): void {
    const cursor = this.#cursor
    cursor.at = at
    this.offset = cursor.int64()
    this.end = at + AT.crc + cursor.int32()
    if (this.end < at + LEAST_MESSAGE || this.end > cursor.bytes.length)
      throw new Damaged('a message ends too early or too late')
    cursor.at = at + AT.magic
    this.magic = cursor.int8()
    if (this.magic < 0 || this.magic > 1) throw new Damaged(`a message is of version ${this.magic}`)
    this.attributes = cursor.int8()
    this.timestamp = this.magic === 0 ? NO_TIME : cursor.int64()
    this.keyLength = cursor.skip(cursor.int32())
    this.keyAt = cursor.at - Math.max(0, this.keyLength)
    this.valueLength = cursor.skip(cursor.int32())
    this.valueAt = cursor.at - Math.max(0, this.valueLength)
    if (cursor.at !== this.end) throw new Damaged('a message ends too early or too late')
  }
}

/**
 * Adds a message of an old format, or those that it holds; returns the offset behind it.
 *
 * @param most - messages that one may hold
 * @throws Damaged
 * @internal
 */
export async function readMessage(
  bytes: Buffer,
  at: number,
  size: number,
  into: Batches,
  unzip: Unzip,
  most = MOST_RECORDS
): Promise<number> {
  const outer = new Message(bytes)
  outer.read(at)
  checkSum(bytes, at, outer.end)
  if (outer.end !== at + size) throw new Damaged(`a message is not ${size} B long`)
  if (!Number.isSafeInteger(outer.offset) || outer.offset < 0)
    throw new Damaged(`a message has the offset ${outer.offset}`)
  if (outer.offset < into.from) return outer.offset + 1
  const codec = outer.attributes & FLAGS.codec
  if (into.records.length === 0) into.isAppendTime = (outer.attributes & FLAGS.appendTime) !== 0
  if (codec === 0) addMessage(bytes, outer, outer.offset, outer.timestamp, into, size)
  else {
    const { valueAt, valueLength } = outer
    addHeld(await unzip(codec, bytes.subarray(valueAt, valueAt + Math.max(0, valueLength))), outer, into, most)
  }
  return outer.offset + 1
}

function addHeld(plain: Buffer, outer: Message, into: Batches, most: number): void {
  const message = new Message(plain)
  const count = checkHeld(plain, message, most)
  const shift = outer.magic === 0 ? 0 : outer.offset - message.offset
  const isAppendTime = (outer.attributes & FLAGS.appendTime) !== 0
  into.records.reserve(count)
  let least = 0
  for (let at = 0; at < plain.length; at = message.end) {
    message.read(at)
    const offset = message.offset + shift
    if (!(offset >= least) || offset > outer.offset || message.attributes & FLAGS.codec) {
      throw new Damaged(`a message in another has the offset ${offset}`)
    }
    least = offset + 1
    if (offset >= into.from)
      addMessage(plain, message, offset, isAppendTime ? outer.timestamp : message.timestamp, into)
  }
}

/** Looks at all messages in another one; returns how many there are, and leaves the last one in `message`. */
function checkHeld(plain: Buffer, message: Message, most: number): number {
  let count = 0
  for (let at = 0; at < plain.length; at = message.end) {
    message.read(at)
    checkSum(plain, at, message.end)
    count += 1
    if (count > most) throw new Damaged(`a message holds more than ${most}`)
  }
  return count
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

function checkSum(bytes: Buffer, at: number, end: number): void {
  if (crc32(bytes.subarray(at + AT.magic, end)) === bytes.readUInt32BE(at + AT.crc)) return
  throw new Damaged('the checksum of a message is wrong')
}
