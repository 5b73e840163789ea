import type { Block, MeasurementEvent } from '@messwerk/core/model'
import { type AvroLibrary, avroType, loadAvsc } from './avro-types.ts'
import { checkEncoder, type EncoderOptions, idOfSchema, itemEncoder } from './item-records.ts'
import { envelope } from './wire-format.ts'

/**
 * Options of {@link avroEncoder}.
 *
 * @example
 * ```ts
 * import type { AvroEncoderOptions } from '@messwerk/transports/codecs'
 *
 * const options: AvroEncoderOptions = { schema: { type: 'map', values: 'double' } }
 * options.registry // => undefined
 * ```
 */
export interface AvroEncoderOptions extends EncoderOptions {
  /** The schema of the records, as an object or as JSON text. */
  readonly schema: object | string
  /** The library, when it is not to be loaded by name. */
  readonly lib?: AvroLibrary | undefined
}

/**
 * Messages in Avro for the `payload` option of a sink: `payload: await avroEncoder({ .. })`. What does not fit the
 * schema is a ProtocolError of that item, which goes to the dead letters.
 *
 * @throws TypeError or RangeError when an option is wrong; MissingDependencyError; with a registry AuthError,
 * NotConnectedError, TimeoutError, and ProtocolError where the schema is not registered
 *
 * @example
 * ```ts
 * import { blockOf } from '@messwerk/core/model'
 * import { avro, avroEncoder, fetchAndDecode } from '@messwerk/transports/codecs'
 *
 * const schema = {
 *   type: 'record', name: 'Reading',
 *   fields: [{ name: 'time', type: 'long' }, { name: 'rms', type: 'double' }]
 * }
 * const encode = await avroEncoder({ schema })
 * const [bytes] = encode(blockOf({ stream: 's', channels: { rms: 'mm/s' }, rate: 10, start: 5 }, { rms: [2.5] }))
 * const payload = avro({ schema, channels: { rms: 'mm/s' }, time: { at: 'time', unit: 'ms' } })
 * await fetchAndDecode(payload, bytes!) // => [{ time: new Date(5), rms: 2.5 }]
 * ```
 */
export async function avroEncoder(
  options: AvroEncoderOptions
): Promise<(item: Block | MeasurementEvent) => Uint8Array[]> {
  checkEncoder(options, 'avroEncoder')
  const { schema } = options
  const type = avroType(await loadAvsc(options.lib), schema, 'avroEncoder')
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema)
  const id = await idOfSchema(options, 'AVRO', text, 'avroEncoder')
  return itemEncoder(options, 'avroEncoder', (record) => {
    const bytes = type.toBuffer(record)
    return id === undefined ? bytes : envelope(id, bytes)
  })
}
