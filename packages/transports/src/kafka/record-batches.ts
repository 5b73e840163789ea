import type { Buffer } from 'node:buffer'
import { crc32c } from '@messwerk/core/driver'
import { ByteCursor, Damaged } from './byte-cursor.ts'
import { MOST_RECORDS } from './most-records.ts'
import { readMessage } from './old-messages.ts'
import { type Aborted, ReadCommitted } from './read-committed.ts'
import { RecordColumns } from './record-columns.ts'
import { skipHeaders } from './record-headers.ts'

// Kafka's protocol, "Record Batch": offset, length, leader epoch, magic, CRC; what the CRC covers begins with the attributes.
const AT = { length: 8, magic: 16, crc: 17, attributes: 21, lastDelta: 23, base: 27, max: 35, producer: 43, count: 57 }
const HEADER = 61
const BEFORE_LENGTH = 12
const UP_TO_MAGIC = 17
const FLAGS = { codec: 7, appendTime: 8, transactional: 16, control: 32 } as const
/** Length, attributes, time, offset, key, value, headers: one byte each. */
const LEAST_RECORD = 7

/** So much was unzipped of an answer that the rest has to wait for the next one. @internal */
export class NoRoom extends Error {
  override readonly name = 'NoRoom'
}

/** Undoes the compression of a batch, by its number in the protocol. @throws NoRoom @internal */
export type Unzip = (codec: number, bytes: Buffer) => Promise<Buffer>

/** What is being read of a partition. @internal */
export interface Batches {
  readonly records: RecordColumns
  /** Records before it do not count. */
  readonly from: number
  /** Behind the last batch, whether it has records or not. */
  next: number
  isAppendTime: boolean
  /** There are bytes, and not one whole batch. */
  isCut: boolean
}

/**
 * Reads the record batches of a partition, as they lie in an answer. Damage behind whole batches ends it: it comes again, as the
 * first of the next answer.
 *
 * @param most - records after which the rest waits for the next answer, too
 * @throws Damaged where the first batch is
 * @internal
 */
export async function readBatches(
  bytes: Buffer,
  from: number,
  aborted: readonly Aborted[],
  unzip: Unzip,
  most = MOST_RECORDS
): Promise<Batches> {
  const into: Batches = { records: new RecordColumns(), from, next: from, isAppendTime: false, isCut: false }
  const committed = new ReadCommitted(aborted)
  let at = 0
  let behind = 0
  while (at + UP_TO_MAGIC <= bytes.length && into.records.length < most) {
    const { length } = into.records
    try {
      const size = sizeAt(bytes, at)
      if (at + size > bytes.length) break
      const isOld = (bytes[at + AT.magic] as number) < 2
      behind = isOld
        ? await readMessage(bytes, at, size, into, unzip)
        : await readBatch(bytes, at, size, behind, committed, into, unzip)
      at += size
      into.next = Math.max(into.next, behind)
    } catch (error) {
      into.records.length = length
      if (into.next > from || error instanceof NoRoom) return into
      throw error
    }
  }
  into.isCut = at === 0 && bytes.length > 0
  return into
}

function sizeAt(bytes: Buffer, at: number): number {
  const length = bytes.readInt32BE(at + AT.length)
  const magic = bytes.readInt8(at + AT.magic)
  if (magic < 0 || magic > 2) throw new Damaged(`a record batch is of version ${magic}`)
  if (length < UP_TO_MAGIC - BEFORE_LENGTH || (magic === 2 && length < HEADER - BEFORE_LENGTH)) {
    throw new Damaged(`a record batch is ${length} B long`)
  }
  return BEFORE_LENGTH + length
}

/** Adds the records of a batch; returns the offset behind it. */
async function readBatch(
  bytes: Buffer,
  at: number,
  size: number,
  behind: number,
  committed: ReadCommitted,
  into: Batches,
  unzip: Unzip
): Promise<number> {
  const end = at + size
  if (crc32c(bytes.subarray(at + AT.attributes, end)) !== bytes.readUInt32BE(at + AT.crc)) {
    throw new Damaged('the checksum of a record batch is wrong')
  }
  const cursor = new ByteCursor(bytes, at)
  const firstOffset = cursor.int64()
  const attributes = bytes.readInt16BE(at + AT.attributes)
  const lastDelta = bytes.readInt32BE(at + AT.lastDelta)
  const lastOffset = firstOffset + lastDelta
  if (firstOffset < behind || lastDelta < 0 || !Number.isSafeInteger(lastOffset)) {
    throw new Damaged(`a record batch is of the offsets ${firstOffset} to ${lastOffset}, behind ${behind}`)
  }
  cursor.at = at + AT.producer
  const transacted = {
    producer: cursor.int64(),
    lastOffset,
    isTransactional: (attributes & FLAGS.transactional) !== 0,
    isControl: (attributes & FLAGS.control) !== 0
  }
  if (!committed.counts(transacted) || lastOffset < into.from) return lastOffset + 1
  const codec = attributes & FLAGS.codec
  const isAppendTime = (attributes & FLAGS.appendTime) !== 0
  cursor.at = at + (isAppendTime ? AT.max : AT.base)
  const time = cursor.int64()
  const count = bytes.readInt32BE(at + AT.count)
  if (into.records.length === 0) into.isAppendTime = isAppendTime
  if (codec === 0) addRecords(bytes, at + HEADER, end, count, firstOffset, lastOffset, time, isAppendTime, into)
  else {
    const plain = await unzip(codec, bytes.subarray(at + HEADER, end))
    addRecords(plain, 0, plain.length, count, firstOffset, lastOffset, time, isAppendTime, into)
  }
  return lastOffset + 1
}

function addRecords(
  bytes: Buffer,
  start: number,
  end: number,
  count: number,
  firstOffset: number,
  lastOffset: number,
  time: number,
  isAppendTime: boolean,
  { records, from }: Batches
): void {
  if (count < 0 || count > MOST_RECORDS || count * LEAST_RECORD > end - start)
    throw new Damaged(`a record batch has ${count} records`)
  records.read(bytes, end - start)
  records.reserve(count)
  const cursor = new ByteCursor(bytes, start)
  let least = firstOffset
  for (let i = 0; i < count; i += 1) {
    const length = cursor.varint()
    const recordEnd = cursor.at + length
    cursor.at += 1
    const delta = cursor.varlong()
    const offset = firstOffset + cursor.varint()
    const keyLength = cursor.skip(cursor.varint())
    const keyAt = keyLength < 0 ? 0 : cursor.at - keyLength
    const valueLength = cursor.skip(cursor.varint())
    const valueAt = valueLength < 0 ? 0 : cursor.at - valueLength
    const headersAt = cursor.at
    const hasHeaders = skipHeaders(cursor) > 0
    if (length < 0 || cursor.at !== recordEnd || recordEnd > end) throw new Damaged(`a record is not ${length} B long`)
    if (offset < least || offset > lastOffset) throw new Damaged(`a record has the offset ${offset}`)
    least = offset + 1
    if (offset < from) continue
    const timestamp = isAppendTime ? time : time + delta
    records.add(offset, timestamp, keyAt, keyLength, valueAt, valueLength, hasHeaders ? headersAt : 0)
  }
  if (cursor.at !== end) throw new Damaged(`a record batch has ${count} records, and more bytes`)
}
