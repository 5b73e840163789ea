import type { Type } from 'protobufjs'
import type { JsonOptions } from '../payload/json-payload.ts'
import { type Path, pathOf } from '../payload/json-shape.ts'
import type { Payload } from '../payload/payload.ts'
import { type Decoder, type Decoding, fixedDecoding, RegisteredDecoding } from './decoding.ts'
import {
  loadProtobufjs,
  messageType,
  type ProtobufLibrary,
  type ProtoFile,
  protoFile,
  registeredProto,
  typeAt
} from './protobuf-types.ts'
import { bufferOf, checkOneOf, recordPayload } from './record-payload.ts'
import type { SchemaRegistry } from './schema-registry.ts'
import { readIndexes } from './wire-format.ts'

/**
 * Options of {@link protobuf}.
 *
 * @example
 * ```ts
 * import type { ProtobufOptions } from '@messwerk/transports/codecs'
 *
 * const proto = 'syntax = "proto3"; message Reading { double rms = 1; }'
 * const options: ProtobufOptions<'rms'> = { proto, message: 'Reading', channels: { rms: 'mm/s' } }
 * options.message // => 'Reading'
 * ```
 */
export interface ProtobufOptions<C extends string> extends JsonOptions<C> {
  /** Text of a .proto file, with `message`: payloads are bare Protobuf. It may import Google's well-known types. */
  readonly proto?: string | undefined
  /** Name of the message, with its package where another has the same name. With a registry: others are rejected. */
  readonly message?: string | undefined
  /** Payloads name their schema and message (magic byte 0, id of 4 bytes, message indexes). */
  readonly registry?: SchemaRegistry | undefined
  /** The library, when it is not to be loaded by name. */
  readonly lib?: ProtobufLibrary | undefined
}

/**
 * Payloads in Protobuf: a message is a scan. Fields are found by their names in the .proto file, as in `json`. A field
 * without presence that is not there is 0, as Protobuf says; an `optional` one, or one of a `oneof`, is missing. 64-bit
 * numbers keep all their digits; a `google.protobuf.Timestamp` is a time of unit `ns`.
 *
 * Library and schemas are fetched as by `avro`.
 *
 * @throws TypeError or RangeError when an option is wrong; a .proto that is none is found at the first payload unless `lib` is given
 *
 * @example
 * ```ts
 * import { fetchAndDecode, protobuf } from '@messwerk/transports/codecs'
 *
 * const proto = 'syntax = "proto3"; package plant; message Reading { int64 ts = 1; double rms = 2; }'
 * const payload = protobuf({ proto, message: 'Reading', channels: { rms: 'mm/s' } })
 * await fetchAndDecode(payload, Uint8Array.of(0x11, 0, 0, 0, 0, 0, 0, 4, 64)) // => [{ rms: 2.5 }]
 * ```
 */
export function protobuf<const C extends string>(options: ProtobufOptions<C>): Payload<C> {
  checkOneOf(options, ['proto', 'registry'], 'protobuf')
  const { message } = options
  if (message !== undefined && (typeof message !== 'string' || message === '')) {
    throw new TypeError('protobuf: message must be the name of a message')
  }
  return recordPayload(options, 'protobuf', decodingOf(options))
}

function decodingOf({ proto, message, registry, lib, time }: ProtobufOptions<string>): Decoding {
  const timePath = time && pathOf(time.at, 'protobuf: time.at')
  if (registry) {
    return new RegisteredDecoding(registry, async (registered) => {
      const loaded = await loadProtobufjs(lib)
      return registeredDecoder(loaded, registeredProto(loaded, registered), message, timePath)
    })
  }
  if (typeof proto !== 'string') throw new TypeError(`protobuf: proto must be text, got ${typeof proto}`)
  if (message === undefined) throw new TypeError('protobuf: proto needs message')
  const made = (loaded: ProtobufLibrary): Decoder =>
    messageDecoder(ownType(loaded, proto, message, 'protobuf').type, timePath)
  if (lib) return fixedDecoding(made(lib), true)
  return fixedDecoding(async () => made(await loadProtobufjs(lib)), false)
}

/** The message of a .proto of one's own. @throws TypeError that names the option @internal */
export function ownType(
  lib: ProtobufLibrary,
  proto: string,
  message: string,
  what: string
): { readonly file: ProtoFile; readonly type: Type } {
  try {
    const file = protoFile(lib, proto)
    return { file, type: messageType(lib, file, message) }
  } catch (error) {
    throw new TypeError(`${what}: proto: ${(error as Error).message}`, { cause: error })
  }
}

function registeredDecoder(
  lib: ProtobufLibrary,
  file: ProtoFile,
  message: string | undefined,
  time: Path | undefined
): Decoder {
  const decoders = new Map<Type, Decoder>()
  return (bytes) => {
    const { path, body } = readIndexes(bytes)
    const type = typeAt(lib, file, path)
    if (message !== undefined && type.name !== message && type.fullName !== `.${message}`) {
      throw new Error(`is a message ${type.fullName.slice(1)}, not ${message}`)
    }
    const known = decoders.get(type)
    const decoder = known ?? messageDecoder(type, time)
    if (!known) decoders.set(type, decoder)
    return decoder(body)
  }
}

const AS_RECORD = { longs: BigInt as never, enums: Number, defaults: true }

function messageDecoder(type: Type, time: Path | undefined): Decoder {
  return (bytes) => {
    let record: Record<string, unknown>
    try {
      record = type.toObject(type.decode(bufferOf(bytes)), AS_RECORD)
    } catch (error) {
      throw new Error(`is no message ${type.name}: ${(error as Error).message.slice(0, 200)}`, { cause: error })
    }
    if (time) makeExact(record, time)
    return record
  }
}

/** Makes ns of the Timestamp that stands there. */
function makeExact(record: Record<string, unknown>, path: Path): void {
  let at: unknown = record
  for (const step of path.slice(0, -1)) at = (at as Record<string, unknown> | null | undefined)?.[step]
  const last = path.at(-1) as string
  const value = (at as Record<string, { seconds?: unknown; nanos?: unknown } | null> | null | undefined)?.[last]
  if (typeof value?.seconds !== 'bigint' || typeof value.nanos !== 'number') return
  ;(at as Record<string, unknown>)[last] = value.seconds * 1_000_000_000n + BigInt(value.nanos)
}
