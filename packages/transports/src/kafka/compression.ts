import { Buffer } from 'node:buffer'
import { isSdkError, ProtocolError } from '@messwerk/core/model'
import type { KafkaLibrary } from './load-kafkajs.ts'
import { lz4 } from './lz4.ts'
import { snappy } from './snappy.ts'
import { zstd } from './zstd.ts'

/**
 * A way to compress record batches, in place of the one that is loaded by name.
 *
 * @example
 * ```ts
 * import { gunzipSync, gzipSync } from 'node:zlib'
 * import type { KafkaCodec } from '@messwerk/transports/kafka'
 *
 * const codec: KafkaCodec = { compress: (bytes) => gzipSync(bytes), decompress: (bytes) => gunzipSync(bytes) }
 * typeof codec.compress // => 'function'
 * ```
 */
export interface KafkaCodec {
  /** The records of a batch, compressed. */
  compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** The reverse. */
  decompress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** @internal */
export type CodecName = 'snappy' | 'lz4' | 'zstd'

/** @internal */
export type KafkaCodecs = { readonly [name in CodecName]?: KafkaCodec | undefined }

/** Numbers of the codecs in the protocol. @internal */
export const COMPRESSIONS = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

const OWN: Readonly<Record<CodecName, KafkaCodec>> = { snappy, lz4, zstd }

/** @throws TypeError that names the option @internal */
export function checkCodecs(codecs: KafkaCodecs, what: string): void {
  for (const [name, codec] of Object.entries(codecs)) {
    if (codec === undefined) continue
    if (!Object.hasOwn(OWN, name)) throw new RangeError(`${what}: codecs has snappy, lz4 and zstd, got ${name}`)
    if (typeof codec.compress === 'function' && typeof codec.decompress === 'function') continue
    throw new TypeError(`${what}: codecs.${name} must have compress and decompress`)
  }
}

/**
 * Teaches a library the codecs that it has not. They are of the library, for everyone in this process: one that somebody
 * has registered stays, unless another one is given.
 *
 * @internal
 */
export function registerCodecs(lib: KafkaLibrary, codecs: KafkaCodecs = {}): void {
  for (const name of ['snappy', 'lz4', 'zstd'] as const) {
    const given = codecs[name]
    if (!given && isThere(lib, COMPRESSIONS[name])) continue
    const codec = codecOf(name, given ?? OWN[name])
    lib.CompressionCodecs[COMPRESSIONS[name]] = () => codec
  }
}

function isThere(lib: KafkaLibrary, type: number): boolean {
  try {
    return lib.CompressionCodecs[type as 2]() !== undefined
  } catch {
    return false // it says that it is not implemented
  }
}

function codecOf(name: CodecName, codec: KafkaCodec) {
  const run = async (bytes: Uint8Array, how: keyof KafkaCodec): Promise<Buffer> => {
    try {
      const made = await codec[how](bytes)
      return Buffer.from(made.buffer, made.byteOffset, made.byteLength)
    } catch (error) {
      if (isSdkError(error)) throw error
      throw new ProtocolError(`${name}: cannot ${how} a record batch: ${(error as Error).message}`, { cause: error })
    }
  }
  return {
    compress: ({ buffer }: { readonly buffer: Buffer }) => run(buffer, 'compress'),
    decompress: (bytes: Buffer) => run(bytes, 'decompress')
  }
}
