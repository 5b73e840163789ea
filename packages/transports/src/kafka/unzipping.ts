import { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import { unzip as zlibUnzip } from 'node:zlib'
import { isSdkError, ProtocolError } from '@messwerk/core/model'
import { COMPRESSIONS } from './compression.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'
import { MOST_BYTES } from './most-bytes.ts'
import { NoRoom, type Unzip } from './record-batches.ts'

const unzip = promisify(zlibUnzip)
const NAMES = Object.keys(COMPRESSIONS)

/**
 * Undoes the compression of the batches of one answer. gzip is always Node's, which stops at `most` bytes; the others are those that
 * the library knows. What all of them become is bounded as well: then the rest of the answer is asked for again.
 *
 * @internal
 */
export function unzipping(codecs: KafkaLibrary['CompressionCodecs'], most = MOST_BYTES): Unzip {
  let made = 0
  return async (codec, bytes) => {
    if (made >= most) throw new NoRoom()
    const plain = codec === COMPRESSIONS.gzip ? await gunzipped(bytes, most) : await unzipped(codecs, codec, bytes)
    if (plain.length > most) throw new ProtocolError(`${NAMES[codec]}: a record batch becomes more than ${most} B`)
    made += plain.length
    return plain
  }
}

async function gunzipped(bytes: Buffer, most: number): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: most })
  } catch (error) {
    throw new ProtocolError(`gzip: cannot decompress a record batch: ${(error as Error).message}`, { cause: error })
  }
}

async function unzipped(codecs: KafkaLibrary['CompressionCodecs'], codec: number, bytes: Buffer): Promise<Buffer> {
  const find = codecs[codec as 2]
  if (!find) throw new ProtocolError(`a record batch is compressed with codec ${codec}, which is unknown`)
  try {
    const plain: Uint8Array = await find().decompress(bytes)
    return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength)
  } catch (error) {
    if (isSdkError(error) || (error as Error).name === 'KafkaJSNotImplemented') throw error
    throw new ProtocolError(`${NAMES[codec]}: cannot decompress a record batch: ${(error as Error).message}`, {
      cause: error
    })
  }
}
