type Table = Uint32Array
type Tables = readonly [Table, Table, Table, Table, Table, Table, Table, Table]

// Eight tables, so that eight bytes are folded in at once ("slicing by 8", Kounavis and Berry, 2005).
const TABLES = tables()

function tables(): Tables {
  let previous = Uint32Array.from({ length: 256 }, (_, i) => {
    let crc = i
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    return crc
  })
  const first = previous
  const all = [first]
  while (all.length < 8) {
    previous = previous.map((crc) => (crc >>> 8) ^ first[crc & 0xff]!)
    all.push(previous)
  }
  return all as unknown as Tables
}

/**
 * CRC-32C (Castagnoli) of bytes.
 *
 * @param before - CRC of the bytes before, to go on from
 *
 * @internal
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES
  let crc = ~before
  let at = 0
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      t7[crc & 0xff]! ^
      t6[(crc >>> 8) & 0xff]! ^
      t5[(crc >>> 16) & 0xff]! ^
      t4[crc >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}
