import { bodyBytes } from './block-body.ts'
import { crc32c } from './crc-32c.ts'
import { DecodeError } from './errors.ts'

// 0 'MWBK' · 4 version · 5 flags · 6 zero · 8 bytes in all · 12 CRC-32C of the rest · 16 bytes of stream JSON ·
// 20 bytes of head JSON · 24 scans · 28 channels · 32 stream JSON, head JSON, zeros to a multiple of 8, then
// values, offsets, positions (float64), quality (bytes). Numbers are little-endian, 4 bytes where not said.
/** @internal */
export const MAGIC = 0x4b42574d
/** @internal */
export const VERSION = 1
/** @internal */
export const HEADER = 32
/** @internal */
export const CRC_AT = 12
/** @internal */
export const HAS = { offsets: 1, positions: 2, quality: 4, checksum: 8 } as const
const ALL_FLAGS = 15

/** @internal */
export interface Header {
  readonly flags: number
  readonly scans: number
  readonly channels: number
  readonly streamEnd: number
  readonly headEnd: number
  readonly start: number
}

/** The header of a block, its lengths checked against the bytes that are there. @internal */
export function readHeader(bytes: Uint8Array): Header {
  if (bytes.length < HEADER) throw wrongAt(bytes.length, `ends here; a block has at least ${HEADER} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number): number => view.getUint32(at, true)
  if (word(0) !== MAGIC) throw wrongAt(0, "is no block: its first four bytes are not 'MWBK'")
  if (bytes[4] !== VERSION) throw wrongAt(4, `is of version ${bytes[4]}; this release reads version ${VERSION}`)
  const flags = bytes[5] as number
  if ((flags & ~ALL_FLAGS) !== 0 || view.getUint16(6, true) !== 0)
    throw wrongAt(5, 'has flags that this release does not know')
  if (bytes.length < word(8)) throw wrongAt(bytes.length, `ends here; the block has ${word(8)} bytes`)
  if (bytes.length > word(8)) throw wrongAt(word(8), `ends here, but ${bytes.length - word(8)} more bytes follow`)
  if (flags & HAS.checksum && word(CRC_AT) !== checksum(bytes))
    throw wrongAt(CRC_AT, 'is damaged: the CRC-32C does not match')
  const streamEnd = HEADER + word(16)
  const headEnd = streamEnd + word(20)
  const start = aligned(headEnd)
  const [scans, channels] = [word(24), word(28)]
  if (scans === 0 || channels === 0) throw wrongAt(24, 'has no scans or no channels')
  const needed = start + bodyBytes(scans, channels, flags)
  if (needed !== bytes.length) throw wrongAt(8, `has ${bytes.length} bytes, but its lengths add up to ${needed}`)
  return { flags, scans, channels, streamEnd, headEnd, start }
}

/** @internal */
export function aligned(length: number): number {
  return Math.ceil(length / 8) * 8
}

/** @internal */
export function checksum(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(CRC_AT + 4), crc32c(bytes.subarray(0, CRC_AT)))
}

/** A DecodeError that names the byte. @internal */
export function wrongAt(at: number, why: string, cause?: unknown): DecodeError {
  return new DecodeError(`block, byte ${at}`, why, cause === undefined ? undefined : { cause })
}
