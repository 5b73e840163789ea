import { Buffer } from 'node:buffer'
import { decodePayload } from '../payload/decode-payload.ts'
import type { Payload } from '../payload/payload.ts'

/**
 * The scans of one payload as objects: to try out a payload's description without a broker. Loads the library and asks
 * the registry, as a source does.
 *
 * @param topic - for decoders that look at it
 * @throws DecodeError that names the rule which the payload breaks; MissingDependencyError; of a registry AuthError,
 * NotConnectedError and TimeoutError
 *
 * @example
 * ```ts
 * import { avro, fetchAndDecode } from '@messwerk/transports/codecs'
 *
 * const schema = { type: 'record', name: 'Reading', fields: [{ name: 't', type: 'double' }] }
 * const payload = avro({ schema, channels: { t: 'Cel' } })
 * await fetchAndDecode(payload, Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf0, 0x3f)) // => [{ t: 1 }]
 * ```
 */
export async function fetchAndDecode<C extends string>(
  payload: Payload<C>,
  bytes: Uint8Array | string,
  topic = 'topic'
): Promise<(Record<C, number> & { time?: Date })[]> {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  await payload.prepare?.(buffer)
  return decodePayload(payload, buffer, topic)
}
