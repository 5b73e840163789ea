import { Buffer } from 'node:buffer'

const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const RLE = 1
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const
const DICTIONARY_BYTES = [0, 1, 2, 4] as const

/**
 * The frames of Zstandard (RFC 8878, section 3.1), found by their block headers; those to be skipped are left out. Node 22
 * gives what it has where one is cut off, without a word, and every Node drops what follows the first.
 *
 * @throws Error where the last of them is not whole
 * @internal
 */
export function zstdFrames(bytes: Uint8Array): readonly Uint8Array[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Uint8Array[] = []
  let at = 0
  do {
    const isSkipped = all.length >= at + 8 && (all.readUInt32LE(at) & 0xfffffff0) === SKIPPABLE
    const end = isSkipped ? at + 8 + all.readUInt32LE(at + 4) : endOfFrame(all, at)
    if (end > all.length) throw new Error('it ends too early')
    if (!isSkipped) frames.push(all.subarray(at, end))
    at = end
  } while (at < all.length)
  return frames
}

/** @throws RangeError by Node where a header is not there */
function endOfFrame(all: Buffer, start: number): number {
  if (all.readUInt32LE(start) !== FRAME) throw new Error('it is no Zstandard frame')
  const descriptor = all.readUInt8(start + 4)
  let at = start + 5 + headerBytes(descriptor)
  for (let isLast = false; !isLast; ) {
    const header = all.readUIntLE(at, 3)
    isLast = (header & 1) === 1
    const isRepeated = ((header >> 1) & 3) === RLE
    at += 3 + (isRepeated ? 1 : header >> 3)
  }
  const hasChecksum = (descriptor & 4) !== 0
  return at + (hasChecksum ? 4 : 0)
}

/** Behind the descriptor: window, dictionary, content size. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 32) !== 0
  const size = CONTENT_SIZE_BYTES[(descriptor >> 6) as 0]
  const dictionary = DICTIONARY_BYTES[(descriptor & 3) as 0]
  return (isSingle ? Math.max(1, size) : 1 + size) + dictionary
}
