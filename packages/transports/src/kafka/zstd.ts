import { Buffer } from 'node:buffer'
import * as zlib from 'node:zlib'
import { loadLibrary } from '../connection/load-library.ts'
import type { KafkaCodec } from './compression.ts'
import { MOST_BYTES } from './most-bytes.ts'

type Library = Pick<typeof import('fzstd'), 'Decompress'>

/** From Node 22.15 on. */
interface NodeZstd {
  readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Buffer
}
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
    if (zstdDecompressSync) return zstdDecompressSync(bytes, { maxOutputLength: MOST_BYTES })
    return decompressed(bytes)
  }
}

async function decompressed(bytes: Uint8Array): Promise<Uint8Array> {
  const { Decompress } = await loadLibrary<Library>(
    undefined,
    'fzstd',
    'Decompress',
    'topics compressed with zstd (before Node 22.15)',
    () => import('fzstd')
  )
  const parts: Uint8Array[] = []
  let length = 0
  let isEnded = false
  const stream = new Decompress((part, isLast) => {
    length += part.length
    if (length > MOST_BYTES) throw new Error(`it becomes more than ${MOST_BYTES} B`)
    parts.push(part)
    isEnded ||= isLast === true
  })
  stream.push(bytes, true)
  if (!isEnded) throw new Error('it ends too early')
  return Buffer.concat(parts)
}
