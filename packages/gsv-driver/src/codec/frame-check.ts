import { crc8, crc16 } from './crc.ts'
import { SUFFIX } from './frame-layout.ts'

/** Longest a frame can be: a long response with CRC. @internal */
export const LONGEST = 3 + 270 + 2
/** Instead of a length: more bytes are needed to tell. @internal */
export const MORE = 0
/** Instead of a length: no frame begins here. @internal */
export const REJECT = -1

/** Whether the CRC-16 of a measured frame is right. @internal */
export function measuredCrcOk(bytes: Uint8Array, at: number, length: number): boolean {
  const end = at + length - 3
  return crc16(bytes, at + 1, end) === ((bytes[end] as number) | ((bytes[end + 1] as number) << 8))
}

/** Length of the response at `at`, or MORE, or REJECT. Data comes with success only, long responses only in sync. @internal */
export function responseLength(bytes: Uint8Array, at: number, end: number, synced: boolean): number {
  const header = bytes[at + 1] as number
  const second = bytes[at + 2] as number
  const short = header & 15
  if (short === 15 ? !synced : short > 0 && second > 1) return REJECT
  const crc = header & 0x20 ? 1 : 0
  const data = short === 15 ? 15 + second : short
  const length = 4 + data + crc
  if (end - at < length) return MORE
  if (bytes[at + length - 1] !== SUFFIX) return REJECT
  return crc && crc8(bytes, at + 1, at + 3 + data) !== bytes[at + 3 + data] ? REJECT : length
}
