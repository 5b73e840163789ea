// Sixteen tables in one array, so that sixteen bytes are folded in at once ("slicing by 8", Kounavis and Berry, 2005, and twice that).
const TABLES = 16

/** Of each byte, by how many follow it: table `n` begins at `256 * n`. @internal */
export const crcTables: Int32Array = tables()

function tables(): Int32Array {
  const all = new Int32Array(TABLES * 256)
  for (let i = 0; i < 256; i += 1) {
    let crc = i
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    all[i] = crc
  }
  for (let at = 256; at < all.length; at += 1) {
    const before = all[at - 256]!
    all[at] = (before >>> 8) ^ all[before & 255]!
  }
  return all
}

/**
 * CRC-32C (Castagnoli) of bytes, as iSCSI, Kafka and many wire formats have it: from 0 to 2^32 - 1.
 *
 * @param before - CRC of the bytes before, to go on from
 *
 * @example
 * ```ts
 * import { crc32c } from '@messwerk/core/driver'
 *
 * const bytes = new TextEncoder().encode('123456789')
 * crc32c(bytes) // => 0xe3069283
 * crc32c(bytes.subarray(4), crc32c(bytes.subarray(0, 4))) // => 0xe3069283
 * ```
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const t = crcTables
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let crc = ~before
  let at = 0
  for (const end = bytes.length - 15; at < end; at += 16) {
    const a = view.getInt32(at, true) ^ crc
    const b = view.getInt32(at + 4, true)
    const c = view.getInt32(at + 8, true)
    const d = view.getInt32(at + 12, true)
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
  for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}
