import { Buffer } from 'node:buffer'
import * as zlib from 'node:zlib'
import { loadLibrary } from '../connection/load-library.ts'
import type { KafkaCodec } from './compression.ts'
import { MOST_BYTES } from './most-bytes.ts'
import { zstdFrames } from './zstd-frames.ts'

type Library = Pick<typeof import('fzstd'), 'Decompress'>

/** From Node 22.15 on. */
interface NodeZstd {
  readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer
  readonly zstdDecompressSync?: Decompress
}
type Decompress = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Buffer
const { zstdCompressSync, zstdDecompressSync } = zlib as NodeZstd

/** Whether this Node can write it. @internal */
export const canWriteZstd = zstdCompressSync !== undefined

/** Zstandard by Node; where it has none, `fzstd` reads it and nothing writes it. @internal */
export const zstd: KafkaCodec = {
  compress: (bytes) => {
    if (zstdCompressSync) return zstdCompressSync(bytes)
    throw new Error('Node writes zstd from 22.15 on; give codecs.zstd')
  },
  decompress: (bytes) => {
    const frames = zstdFrames(bytes)
    return zstdDecompressSync ? byNode(frames, zstdDecompressSync) : byLibrary(frames)
  }
}

function byNode(frames: readonly Uint8Array[], decompress: Decompress): Uint8Array {
  let room = MOST_BYTES
  const parts = frames.map((frame) => {
    const part = decompress(frame, { maxOutputLength: Math.max(1, room) })
    room -= part.length
    return part
  })
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

async function byLibrary(frames: readonly Uint8Array[]): Promise<Uint8Array> {
  const { Decompress: Stream } = await loadLibrary<Library>(
    undefined,
    'fzstd',
    'Decompress',
    'topics compressed with zstd (before Node 22.15)',
    () => import('fzstd')
  )
  const parts: Uint8Array[] = []
  let length = 0
  const take = (part: Uint8Array): void => {
    length += part.length
    if (length > MOST_BYTES) throw new Error(`it becomes more than ${MOST_BYTES} B`)
    parts.push(part)
  }
  for (const frame of frames) new Stream(take).push(frame, true)
  return Buffer.concat(parts)
}
