import type { Block, MeasurementEvent } from '@messwerk/core/model'
import { checkEncoder, type EncoderOptions, idOfSchema, itemEncoder } from './item-records.ts'
import { ownType } from './protobuf.ts'
import { loadProtobufjs, type ProtobufLibrary, pathTo } from './protobuf-types.ts'
import { envelope, writeIndexes } from './wire-format.ts'

/**
 * Options of {@link protobufEncoder}.
 *
 * @example
 * ```ts
 * import type { ProtobufEncoderOptions } from '@messwerk/transports/codecs'
 *
 * const options: ProtobufEncoderOptions = { proto: 'syntax = "proto3"; message Reading { double rms = 1; }', message: 'Reading' }
 * options.message // => 'Reading'
 * ```
 */
export interface ProtobufEncoderOptions extends EncoderOptions {
  /** Text of a .proto file; it may import Google's well-known types. */
  readonly proto: string
  /** Name of the message, with its package where another has the same name. */
  readonly message: string
  /** The library, when it is not to be loaded by name. */
  readonly lib?: ProtobufLibrary | undefined
}

/**
 * Messages in Protobuf for the `payload` option of a sink: `payload: await protobufEncoder({ .. })`. A field that the
 * message has not, or a value of the wrong type, is a ProtocolError of that item, which goes to the dead letters.
 *
 * @throws as `avroEncoder`
 *
 * @example
 * ```ts
 * import { blockOf } from '@messwerk/core/model'
 * import { fetchAndDecode, protobuf, protobufEncoder } from '@messwerk/transports/codecs'
 *
 * const proto = 'syntax = "proto3"; message Reading { int64 time = 1; double rms = 2; }'
 * const encode = await protobufEncoder({ proto, message: 'Reading' })
 * const [bytes] = encode(blockOf({ stream: 's', channels: { rms: 'mm/s' }, rate: 10, start: 5 }, { rms: [2.5] }))
 * const payload = protobuf({ proto, message: 'Reading', channels: { rms: 'mm/s' }, time: { at: 'time', unit: 'ms' } })
 * await fetchAndDecode(payload, bytes!) // => [{ time: new Date(5), rms: 2.5 }]
 * ```
 */
export async function protobufEncoder(
  options: ProtobufEncoderOptions
): Promise<(item: Block | MeasurementEvent) => Uint8Array[]> {
  checkEncoder(options, 'protobufEncoder')
  const { proto, message } = options
  const lib = await loadProtobufjs(options.lib)
  const { file, type } = ownType(lib, proto, message, 'protobufEncoder')
  const id = await idOfSchema(options, 'PROTOBUF', proto, 'protobufEncoder')
  const indexes = writeIndexes(pathTo(lib, file, type))
  return itemEncoder(options, 'protobufEncoder', (record) => {
    const fields = plain(record)
    const unknown = Object.keys(fields).find((name) => !Object.hasOwn(type.fields, name))
    if (unknown !== undefined) throw new Error(`message ${type.name} has no field '${unknown}'`)
    const wrong = type.verify(fields)
    if (wrong !== null) throw new Error(`message ${type.name}: ${wrong}`)
    const bytes = type.encode(type.fromObject(fields)).finish()
    return id === undefined ? bytes : envelope(id, indexes, bytes)
  })
}

/** The library takes 64-bit numbers as bigint only in some places. */
function plain(record: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(record)) {
    fields[name] = typeof value === 'bigint' ? longOf(value) : value
  }
  return fields
}

function longOf(value: bigint): { low: number; high: number; unsigned: boolean } {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false }
}
