import { crc8, crc16 } from './crc.ts'
import { PREFIX, SUFFIX } from './frame-layout.ts'

/** Longest a frame can be: a long response with CRC. @internal */
export const LONGEST = 3 + 270 + 2
/** Instead of a length: more bytes are needed to tell. @internal */
export const MORE = 0
/** Instead of a length: no frame begins here. @internal */
export const REJECT = -1
/** Instead of a length: a frame whose checksum is wrong. @internal */
export const BAD_CRC = -2

/** Whether the CRC-16 of a measured frame is right. @internal */
export function measuredCrcOk(bytes: Uint8Array, at: number, length: number): boolean {
  const end = at + length - 3
  return crc16(bytes, at + 1, end) === ((bytes[end] as number) | ((bytes[end + 1] as number) << 8))
}

/**
 * Length of the response at `at`, or MORE, REJECT or BAD_CRC. Data comes with success only; long responses count where
 * they can be, since a false one would swallow up to 275 bytes.
 *
 * @internal
 */
export function responseLength(bytes: Uint8Array, at: number, end: number, allowLong: boolean): number {
  const header = bytes[at + 1] as number
  const second = bytes[at + 2] as number
  const short = header & 15
  if (short === 15 ? !allowLong : short > 0 && second > 1) return REJECT
  const crc = header & 0x20 ? 1 : 0
  const data = short === 15 ? 15 + second : short
  const length = 4 + data + crc
  if (end - at < length) return MORE
  if (bytes[at + length - 1] !== SUFFIX) return REJECT
  return crc && crc8(bytes, at + 1, at + 3 + data) !== bytes[at + 3 + data] ? BAD_CRC : length
}

/**
 * Length of the measured frame at `at`, or MORE, REJECT or BAD_CRC. The reserved bits of the status must be 0 where
 * `strict`, which is while the beginning of a frame has yet to be found.
 *
 * @internal
 */
export function measuredLength(bytes: Uint8Array, at: number, end: number, strict: boolean): number {
  const header = bytes[at + 1] as number
  const status = bytes[at + 2] as number
  const type = (status >> 4) & 7
  if (status < 0x80 || type < 1 || type > 3 || (strict && status & 0x0c)) return REJECT
  const crc = (header & 0x20) !== 0
  const length = 4 + ((header & 15) + 1) * (type + 1) + (crc ? 2 : 0)
  if (end - at < length) return MORE
  if (bytes[at + length - 1] !== SUFFIX) return REJECT
  return crc && !measuredCrcOk(bytes, at, length) ? BAD_CRC : length
}

/**
 * Whether a frame of the same layout as the one at `at`, or a response, lies behind it: more than 0 when it does, or
 * MORE, or less for none. The end is enough where nothing more comes.
 *
 * @internal
 */
export function confirmation(
  bytes: Uint8Array,
  at: number,
  length: number,
  end: number,
  allowLong: boolean,
  final: boolean
): number {
  const next = at + length
  if (next === end && final) return 1
  if (next < end && bytes[next] !== PREFIX) return REJECT
  if (end - next < 3) return MORE
  const header = bytes[next + 1] as number
  if ((header & 0xd0) === 0x50) return responseLength(bytes, next, end, allowLong)
  const alike = header === bytes[at + 1] && (((bytes[next + 2] as number) ^ (bytes[at + 2] as number)) & 0xf0) === 0
  if (!alike) return REJECT
  if (next + length > end) return MORE
  return bytes[next + length - 1] === SUFFIX ? 1 : REJECT
}
