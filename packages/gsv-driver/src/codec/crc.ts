const CRC8 = new Uint8Array(256)
/** Eight tables, one behind the other: table `t` is the checksum of a byte with `t` zero bytes behind it. */
const CRC16 = new Uint16Array(8 * 256)
for (let byte = 0; byte < 256; byte += 1) {
  let eight = byte
  let sixteen = byte
  for (let bit = 0; bit < 8; bit += 1) {
    eight = eight & 0x80 ? ((eight << 1) ^ 0x07) & 0xff : eight << 1
    sixteen = sixteen & 1 ? (sixteen >> 1) ^ 0xa001 : sixteen >> 1
  }
  CRC8[byte] = eight
  CRC16[byte] = sixteen
}
for (let i = 256; i < CRC16.length; i += 1) {
  const before = CRC16[i - 256] as number
  CRC16[i] = (before >> 8) ^ (CRC16[before & 0xff] as number)
}

/**
 * CRC-8 of requests and responses: polynomial 0x07, start 0, over bytes `from` to `to` (not included).
 *
 * @example
 * ```ts
 * import { crc8 } from '@messwerk/gsv-driver/codec'
 *
 * crc8(new TextEncoder().encode('123456789')) // => 0xf4
 * ```
 */
export function crc8(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = 0
  for (let i = from; i < to; i += 1) crc = CRC8[crc ^ (bytes[i] as number)] as number
  return crc
}

/**
 * CRC-16/MODBUS of measured frames: polynomial 0x8005 reflected, start 0xFFFF, over bytes `from` to `to` (not
 * included). On the wire its low byte comes first.
 *
 * @example
 * ```ts
 * import { crc16 } from '@messwerk/gsv-driver/codec'
 *
 * crc16(new TextEncoder().encode('123456789')) // => 0x4b37
 * ```
 */
export function crc16(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = 0xffff
  let i = from
  // Eight bytes a step: the look-ups do not wait for one another.
  for (; i + 8 <= to; i += 8) {
    crc =
      (CRC16[0x700 | ((crc ^ (bytes[i] as number)) & 0xff)] as number) ^
      (CRC16[0x600 | ((crc >> 8) ^ (bytes[i + 1] as number))] as number) ^
      (CRC16[0x500 | (bytes[i + 2] as number)] as number) ^
      (CRC16[0x400 | (bytes[i + 3] as number)] as number) ^
      (CRC16[0x300 | (bytes[i + 4] as number)] as number) ^
      (CRC16[0x200 | (bytes[i + 5] as number)] as number) ^
      (CRC16[0x100 | (bytes[i + 6] as number)] as number) ^
      (CRC16[bytes[i + 7] as number] as number)
  }
  for (; i < to; i += 1) crc = (crc >> 8) ^ (CRC16[(crc ^ (bytes[i] as number)) & 0xff] as number)
  return crc
}
