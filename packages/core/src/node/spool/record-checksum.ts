import { crc32c, crcTables } from '../../model/crc-32c.ts'
import { isLittleEndian } from '../../model/little-endian.ts'

// As `crc32c`, of words as they lie in memory: no view of the bytes is made.
/** CRC-32C of the words `from` to `to`: equal to `crc32c` of their bytes. @internal */
export function checksumOfWords(words: Int32Array, from: number, to: number, before: number): number {
  if (!isLittleEndian) return crc32c(new Uint8Array(words.buffer, words.byteOffset + 4 * from, 4 * (to - from)), before)
  const t = crcTables
  let crc = ~before
  let at = from
  for (const end = to - 3; at < end; at += 4) {
    const a = words[at]! ^ crc
    const b = words[at + 1]!
    const c = words[at + 2]!
    const d = words[at + 3]!
    crc =
      t[3840 + (a & 255)]! ^
      t[3584 + ((a >>> 8) & 255)]! ^
      t[3328 + ((a >>> 16) & 255)]! ^
      t[3072 + (a >>> 24)]! ^
      t[2816 + (b & 255)]! ^
      t[2560 + ((b >>> 8) & 255)]! ^
      t[2304 + ((b >>> 16) & 255)]! ^
      t[2048 + (b >>> 24)]! ^
      t[1792 + (c & 255)]! ^
      t[1536 + ((c >>> 8) & 255)]! ^
      t[1280 + ((c >>> 16) & 255)]! ^
      t[1024 + (c >>> 24)]! ^
      t[768 + (d & 255)]! ^
      t[512 + ((d >>> 8) & 255)]! ^
      t[256 + ((d >>> 16) & 255)]! ^
      t[d >>> 24]!
  }
  for (; at < to; at += 1) {
    const a = words[at]! ^ crc
    crc = t[768 + (a & 255)]! ^ t[512 + ((a >>> 8) & 255)]! ^ t[256 + ((a >>> 16) & 255)]! ^ t[a >>> 24]!
  }
  return ~crc >>> 0
}
