import { Buffer } from 'node:buffer'
import { ProtocolError } from '@messwerk/core/model'
import { loadLibrary } from '../connection/load-library.ts'
import { avroBounds } from './avro-bounds.ts'
import type { Decoder } from './decoding.ts'
import { bufferOf } from './record-payload.ts'
import type { RegisteredSchema } from './schema-registry.ts'

/**
 * The library for Avro: what `import avsc from 'avsc'` gives.
 *
 * @example
 * ```ts
 * import { type AvroLibrary, avro } from '@messwerk/transports/codecs'
 *
 * const reading = (lib: AvroLibrary) => avro({ schema: { type: 'map', values: 'double' }, channels: { t: 'Cel' }, lib })
 * reading.length // => 1
 * ```
 */
export type AvroLibrary = Pick<typeof import('avsc'), 'Type' | 'types'>

/** @internal */
export type AvroType = import('avsc').Type

const MOST = 2n ** 53n

/** @throws MissingDependencyError @internal */
export function loadAvsc(lib: AvroLibrary | undefined): Promise<AvroLibrary> {
  return loadLibrary(lib, 'avsc', 'Type', 'Avro payloads', () => import('avsc'))
}

/** The type of a schema of one's own. @throws TypeError that names the option @internal */
export function avroType(lib: AvroLibrary, schema: object | string, what: string): AvroType {
  try {
    return parsedType(lib, typeof schema === 'string' ? JSON.parse(schema) : schema, {})
  } catch (error) {
    throw new TypeError(`${what}: schema is no Avro schema: ${(error as Error).message}`, { cause: error })
  }
}

/** The type of a schema of a registry. @throws ProtocolError @internal */
export function registeredAvroType(lib: AvroLibrary, { type, schema, references }: RegisteredSchema): AvroType {
  if (type !== 'AVRO') throw new ProtocolError(`it is of type ${type}, not AVRO`)
  try {
    const registry = {}
    for (const reference of references) parsedType(lib, JSON.parse(reference.schema), registry)
    return parsedType(lib, JSON.parse(schema), registry)
  } catch (error) {
    throw new ProtocolError((error as Error).message, { cause: error })
  }
}

/** @param reader - the schema as which it is read, when that is another one @throws ProtocolError @internal */
export function avroDecoder(writer: AvroType, reader: AvroType = writer): Decoder {
  const check = avroBounds(writer)
  const resolver = reader === writer ? undefined : resolverOf(reader, writer)
  return (bytes) => {
    try {
      check?.(bytes)
      return reader.fromBuffer(bufferOf(bytes), resolver)
    } catch (error) {
      throw new Error(`is not what its Avro schema says: ${(error as Error).message.slice(0, 200)}`, { cause: error })
    }
  }
}

function resolverOf(reader: AvroType, writer: AvroType) {
  try {
    return reader.createResolver(writer)
  } catch (error) {
    throw new ProtocolError(`it cannot be read as the schema that was given: ${(error as Error).message}`, {
      cause: error
    })
  }
}

/** avsc throws where a long is no safe integer, as ns since the epoch never are: those become bigint. */
function parsedType(lib: AvroLibrary, schema: unknown, registry: object): AvroType {
  const long = lib.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => {
      const value = bytes.readBigInt64LE()
      return value < MOST && value > -MOST ? Number(value) : value
    },
    toBuffer: (value: number | bigint) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(BigInt(value))
      return bytes
    },
    fromJSON: (value: number) => value,
    toJSON: (value: number | bigint) => Number(value),
    isValid: (value: unknown) =>
      typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value),
    compare: (a: number | bigint, b: number | bigint) => (a < b ? -1 : a > b ? 1 : 0)
  })
  const isLong = (one: unknown): boolean => one === 'long' || (one as { readonly type?: unknown })?.type === 'long'
  return lib.Type.forSchema(schema as Parameters<typeof lib.Type.forSchema>[0], {
    registry: registry as Record<string, AvroType>,
    typeHook: ((one: unknown) => (isLong(one) ? long : undefined)) as never
  })
}
