import { Buffer } from 'node:buffer'
import type { KafkaCodec } from './compression.ts'
import { compressBlock, decompressBlock } from './lz4-block.ts'
import { MOST_BYTES } from './most-bytes.ts'

const MAGIC = 0x184d2204
const BLOCK = 64 * 1024
// version 1, independent blocks of 64 KiB at most, no checksums; the last byte is the checksum of these two
const HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
const PLAIN = 0x80000000
const FLAGS = { dictionary: 1, contentSum: 4, contentSize: 8, blockSum: 16 } as const

/**
 * LZ4 frames, in TypeScript: the libraries that need no compiler do not check what they read. Checksums of other writers are
 * passed over: the record batch has its own.
 *
 * @internal
 */
export const lz4: KafkaCodec = {
  compress: (bytes) => {
    const parts: Uint8Array[] = [HEADER]
    for (let at = 0; at < bytes.length; at += BLOCK) {
      const plain = bytes.subarray(at, at + BLOCK)
      const packed = compressBlock(plain)
      parts.push(packed ? wordOf(packed.length) : wordOf(plain.length + PLAIN), packed ?? plain)
    }
    parts.push(wordOf(0))
    return Buffer.concat(parts)
  },
  decompress: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const { start, most, hasSums } = readHeader(view)
    let into = new Uint8Array(Math.min(most, Math.max(1024, bytes.length * 4)))
    let length = 0
    for (let at = start; ; ) {
      const word = view.getUint32(at, true)
      if (word === 0) return into.subarray(0, length)
      const size = word % PLAIN
      if (size > most || at + 4 + size > bytes.length) throw new Error('a block ends too late')
      const block = bytes.subarray(at + 4, at + 4 + size)
      into = roomFor(into, length + most)
      if (word >= PLAIN) into.set(block, length)
      length = word >= PLAIN ? length + size : decompressBlock(block, into, length, length + most)
      at += 4 + size + (hasSums ? 4 : 0)
    }
  }
}

function readHeader(view: DataView) {
  if (view.getUint32(0, true) !== MAGIC) throw new Error('it is no LZ4 frame')
  const flags = view.getUint8(4)
  const sizeCode = (view.getUint8(5) >> 4) & 7
  if (flags >> 6 !== 1 || flags & FLAGS.dictionary || sizeCode < 4) throw new Error('an LZ4 frame of an unknown kind')
  return {
    start: flags & FLAGS.contentSize ? 15 : 7,
    most: 4 ** sizeCode * 256,
    hasSums: (flags & FLAGS.blockSum) !== 0
  }
}

function roomFor(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length > MOST_BYTES + 4 * 1024 * 1024) throw new Error(`it becomes more than ${MOST_BYTES} B`)
  if (length <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(length, bytes.length * 2))
  larger.set(bytes)
  return larger
}

function wordOf(value: number): Buffer {
  const word = Buffer.alloc(4)
  word.writeUInt32LE(value)
  return word
}
