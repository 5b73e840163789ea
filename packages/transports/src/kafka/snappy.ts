import { Buffer } from 'node:buffer'
import { loadLibrary } from '../connection/load-library.ts'
import type { KafkaCodec } from './compression.ts'
import { MOST_BYTES } from './most-bytes.ts'
import { checkSnappyLengths } from './snappy-lengths.ts'

type Library = Pick<typeof import('snappyjs'), 'compress' | 'uncompress'>

// What Java's clients write is not bare Snappy: a header of 16 bytes, then blocks, each behind its length.
const MAGIC = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0])
const HEADER = Buffer.concat([MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])])
const BLOCK = 32 * 1024

const load = (): Promise<Library> =>
  loadLibrary<Library>(undefined, 'snappyjs', 'uncompress', 'topics compressed with snappy', () => import('snappyjs'))

/** Snappy in the framing of snappy-java; reads bare Snappy, too. @internal */
export const snappy: KafkaCodec = {
  compress: async (bytes) => {
    const lib = await load()
    const parts: Uint8Array[] = [HEADER]
    for (let at = 0; at < bytes.length; at += BLOCK) {
      const block = lib.compress(bytes.subarray(at, at + BLOCK))
      const length = Buffer.alloc(4)
      length.writeUInt32BE(block.length)
      parts.push(length, block)
    }
    return Buffer.concat(parts)
  },
  decompress: async (bytes) => {
    const lib = await load()
    if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) return blockOf(lib, bytes, MOST_BYTES)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const parts: Uint8Array[] = []
    let room = MOST_BYTES
    for (let at = HEADER.length; at < bytes.length; ) {
      const end = at + 4 + view.getUint32(at)
      if (end > bytes.length) throw new Error('a block ends too late')
      const part = blockOf(lib, bytes.subarray(at + 4, end), room)
      room -= part.length
      parts.push(part)
      at = end
    }
    return Buffer.concat(parts)
  }
}

function blockOf(lib: Library, block: Uint8Array, most: number): Uint8Array {
  checkSnappyLengths(block)
  return lib.uncompress(block, most)
}
