import type { Block } from './block.ts'
import { bodyBytes } from './block-body.ts'
import { aligned, CRC_AT, checksum, HAS, HEADER, MAGIC, VERSION } from './block-layout.ts'
import { numberToJson } from './json-reader.ts'
import { swapToLittleEndian } from './little-endian.ts'
import type { Stream } from './stream.ts'
import { streamToJson } from './stream-json.ts'

const text = new TextEncoder()

/**
 * How {@link encodeBlock} writes.
 *
 * @example
 * ```ts
 * import type { EncodeBlockOptions } from '@messwerk/core/model'
 *
 * const options: EncodeBlockOptions = { checksum: false }
 * options.checksum // => false
 * ```
 */
export interface EncodeBlockOptions {
  /** Adds a CRC-32C; leave it out where the carrier has one. @defaultValue true */
  readonly checksum?: boolean | undefined
}

/**
 * A block as bytes, exact in every bit: some 300 bytes and 8 for each value. `decodeBlock` reads them.
 *
 * @example
 * ```ts
 * import { blockOf, decodeBlock, encodeBlock } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, -0, Number.NaN] })
 * decodeBlock(encodeBlock(block)) // => block
 * ```
 */
export function encodeBlock(block: Block, options: EncodeBlockOptions = {}): Uint8Array<ArrayBuffer> {
  const { stream, length, values, time, quality, origin } = block
  const streamBytes = streamText(stream)
  const head = text.encode(headText(block))
  const start = aligned(HEADER + streamBytes.length + head.length)
  const flags = flagsOf(block) | (options.checksum === false ? 0 : HAS.checksum)
  const bytes = new Uint8Array(start + bodyBytes(length, stream.channels.length, flags))
  const header = [
    MAGIC,
    VERSION | (flags << 8),
    bytes.length,
    0,
    streamBytes.length,
    head.length,
    length,
    stream.channels.length
  ]
  const view = new DataView(bytes.buffer)
  for (const [i, word] of header.entries()) view.setUint32(4 * i, word, true)
  bytes.set(streamBytes, HEADER)
  bytes.set(head, HEADER + streamBytes.length)
  let at = start
  for (const column of [values, time.offsets, origin.positions]) {
    if (column) at = putFloats(bytes, column, at)
  }
  if (quality) bytes.set(quality, at)
  if (flags & HAS.checksum) view.setUint32(CRC_AT, checksum(bytes), true)
  return bytes
}

function flagsOf({ time, origin, quality }: Block): number {
  return (time.offsets ? HAS.offsets : 0) | (origin.positions ? HAS.positions : 0) | (quality ? HAS.quality : 0)
}

function putFloats(bytes: Uint8Array<ArrayBuffer>, column: Float64Array, at: number): number {
  new Float64Array(bytes.buffer, at, column.length).set(column)
  swapToLittleEndian(bytes.subarray(at, at + column.byteLength), 8)
  return at + column.byteLength
}

function headText({ time, gap, origin }: Block): string {
  const phase = time.offsets ? undefined : time.phase
  return JSON.stringify({
    time: {
      start: String(time.start),
      clock: time.clock,
      uncertainty: numberToJson(time.uncertainty),
      period: time.period,
      phase: phase === undefined ? undefined : numberToJson(phase)
    },
    gap: gap && { scans: gap.scans, cause: gap.cause },
    origin: { split: origin.split, position: origin.position, historical: origin.historical || undefined }
  })
}

const streamTexts = new WeakMap<Stream, Uint8Array>()

function streamText(stream: Stream): Uint8Array {
  const known = streamTexts.get(stream)
  if (known) return known
  const made = text.encode(JSON.stringify(streamToJson(stream)))
  streamTexts.set(stream, made)
  return made
}
