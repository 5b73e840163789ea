import type { JsonOptions } from '../payload/json-payload.ts'
import type { Payload } from '../payload/payload.ts'
import { type AvroLibrary, avroDecoder, avroType, loadAvsc, registeredAvroType } from './avro-types.ts'
import { type Decoding, fixedDecoding, RegisteredDecoding } from './decoding.ts'
import { recordPayload } from './record-payload.ts'
import type { SchemaRegistry } from './schema-registry.ts'

/**
 * Options of {@link avro}.
 *
 * @example
 * ```ts
 * import type { AvroOptions } from '@messwerk/transports/codecs'
 *
 * const schema = { type: 'record', name: 'Reading', fields: [{ name: 'rms', type: 'double' }] }
 * const options: AvroOptions<'rms'> = { schema, channels: { rms: 'mm/s' } }
 * options.channels.rms // => 'mm/s'
 * ```
 */
export interface AvroOptions<C extends string> extends JsonOptions<C> {
  /**
   * The schema, as an object or as JSON text. Without `registry` payloads are bare Avro of this schema; with it, each
   * names the schema that it was written with, and is read as this one (defaults, aliases, promotions).
   */
  readonly schema?: object | string | undefined
  /** Payloads name their schema (magic byte 0, id of 4 bytes). */
  readonly registry?: SchemaRegistry | undefined
  /** The library, when it is not to be loaded by name. */
  readonly lib?: AvroLibrary | undefined
}

/**
 * Payloads in Avro's binary encoding: a record is a scan, an array of records several. Fields are found by name as in
 * `json`; a field that is null or NaN is missing; a long keeps all its digits (`time: { at, unit: 'ns' }`).
 *
 * The library `avsc` and schemas of a registry are fetched when the first payload needs them; the messages behind it
 * wait. A payload whose schema the registry does not know is rejected; while the registry cannot be reached the source
 * fails with an error that may be retried.
 *
 * @throws TypeError or RangeError when an option is wrong; a schema that is none is found at the first payload unless `lib` is given
 *
 * @example
 * ```ts
 * import { avro, fetchAndDecode } from '@messwerk/transports/codecs'
 *
 * const schema = {
 *   type: 'record', name: 'Reading',
 *   fields: [{ name: 'ts', type: 'long' }, { name: 'rms', type: ['null', 'double'] }]
 * }
 * const payload = avro({ schema, channels: { rms: 'mm/s' }, time: { at: 'ts', unit: 'ms' } })
 * const bytes = Uint8Array.of(20, 2, 0, 0, 0, 0, 0, 0, 4, 64)
 * await fetchAndDecode(payload, bytes) // => [{ time: new Date(10), rms: 2.5 }]
 * ```
 */
export function avro<const C extends string>(options: AvroOptions<C>): Payload<C> {
  return recordPayload(options, 'avro', decodingOf(options))
}

function decodingOf({ schema, registry, lib }: AvroOptions<string>): Decoding {
  if (schema === undefined && registry === undefined) throw new TypeError('avro: needs schema or registry')
  if (schema !== undefined && typeof schema !== 'string' && (typeof schema !== 'object' || schema === null)) {
    throw new TypeError(`avro: schema must be an object or JSON text, got ${typeof schema}`)
  }
  const given = lib && schema !== undefined ? avroType(lib, schema, 'avro') : undefined
  if (!registry) {
    if (given) return fixedDecoding(avroDecoder(given), true)
    return fixedDecoding(async () => avroDecoder(avroType(await loadAvsc(lib), schema as object, 'avro')), false)
  }
  return new RegisteredDecoding(registry, async (registered) => {
    const loaded = await loadAvsc(lib)
    const writer = registeredAvroType(loaded, registered)
    return avroDecoder(writer, schema === undefined ? writer : (given ?? avroType(loaded, schema, 'avro')))
  })
}
