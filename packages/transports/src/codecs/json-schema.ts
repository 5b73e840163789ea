import { ProtocolError } from '@messwerk/core/model'
import { loadLibrary } from '../connection/load-library.ts'
import type { JsonOptions } from '../payload/json-payload.ts'
import type { Payload } from '../payload/payload.ts'
import { textOf } from '../payload/text-of.ts'
import { type Decoder, type Decoding, fixedDecoding, RegisteredDecoding } from './decoding.ts'
import { checkOneOf, recordPayload } from './record-payload.ts'
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts'

/**
 * The library that checks JSON: the class `Ajv` of `ajv`, or `Ajv2019`, `Ajv2020` of `ajv/dist/2020.js`.
 *
 * @example
 * ```ts
 * import { type AjvLibrary, jsonSchema } from '@messwerk/transports/codecs'
 *
 * const reading = (lib: AjvLibrary) => jsonSchema({ schema: { type: 'object' }, channels: { t: 'Cel' }, lib })
 * reading.length // => 1
 * ```
 */
export type AjvLibrary = new (options?: {
  strict?: boolean
  logger?: false
}) => Pick<import('ajv').Ajv, 'compile' | 'addSchema'>

/**
 * Options of {@link jsonSchema}.
 *
 * @example
 * ```ts
 * import type { JsonSchemaOptions } from '@messwerk/transports/codecs'
 *
 * const schema = { type: 'object', required: ['rms'], properties: { rms: { type: 'number', minimum: 0 } } }
 * const options: JsonSchemaOptions<'rms'> = { schema, channels: { rms: 'mm/s' } }
 * options.channels.rms // => 'mm/s'
 * ```
 */
export interface JsonSchemaOptions<C extends string> extends JsonOptions<C> {
  /** The schema that each payload must keep, as an object: payloads are bare JSON. */
  readonly schema?: object | undefined
  /** Payloads name their schema (magic byte 0, id of 4 bytes, then JSON). */
  readonly registry?: SchemaRegistry | undefined
  /** The class, when it is not to be loaded by name. Loaded is that of the draft which the schema names, 07 or 2020-12. */
  readonly lib?: AjvLibrary | undefined
}

/**
 * Payloads in JSON that keep a schema; what does not is rejected with the rule that it breaks. Otherwise as `json`.
 *
 * The library `ajv` makes code of a schema: take schemas only from those whom you let run code. Library and schemas are
 * fetched as by `avro`.
 *
 * @throws TypeError or RangeError when an option is wrong; a schema that is none is found at the first payload unless `lib` is given
 *
 * @example
 * ```ts
 * import { fetchAndDecode, jsonSchema } from '@messwerk/transports/codecs'
 *
 * const schema = { type: 'object', required: ['rms'], properties: { rms: { type: 'number', minimum: 0 } } }
 * const payload = jsonSchema({ schema, channels: { rms: 'mm/s' } })
 * await fetchAndDecode(payload, '{"rms":2.5}') // => [{ rms: 2.5 }]
 * ```
 */
export function jsonSchema<const C extends string>(options: JsonSchemaOptions<C>): Payload<C> {
  checkOneOf(options, ['schema', 'registry'], 'jsonSchema')
  return recordPayload(options, 'jsonSchema', decodingOf(options))
}

function decodingOf({ schema, registry, lib }: JsonSchemaOptions<string>): Decoding {
  if (registry) {
    return new RegisteredDecoding(registry, async (registered) => {
      if (registered.type !== 'JSON') throw new ProtocolError(`it is of type ${registered.type}, not JSON`)
      const text = registered.schema
      const loaded = await loadAjv(lib, text)
      return made(() => checkedJson(loaded, JSON.parse(text), registered.references), ProtocolError)
    })
  }
  if (typeof schema !== 'object' || schema === null) {
    throw new TypeError(`jsonSchema: schema must be an object, got ${typeof schema}`)
  }
  if (lib)
    return fixedDecoding(
      made(() => checkedJson(lib, schema), TypeError),
      true
    )
  const load = async (): Promise<Decoder> => {
    const loaded = await loadAjv(lib, JSON.stringify(schema))
    return made(() => checkedJson(loaded, schema), TypeError)
  }
  return fixedDecoding(load, false)
}

function made(make: () => Decoder, Failure: new (message: string, options: ErrorOptions) => Error): Decoder {
  try {
    return make()
  } catch (error) {
    throw new Failure(`jsonSchema: schema: ${(error as Error).message}`, { cause: error })
  }
}

const CHECKED = 'JSON payloads with a schema'

async function loadAjv(lib: AjvLibrary | undefined, text: string): Promise<AjvLibrary> {
  if (lib) return lib
  const isNewer = text.includes('json-schema.org/draft/2020-12') || text.includes('json-schema.org/draft/2019-09')
  if (!isNewer)
    return (await loadLibrary<{ Ajv: AjvLibrary }>(undefined, 'ajv', 'Ajv', CHECKED, () => import('ajv'))).Ajv
  const load = (): Promise<unknown> => import('ajv/dist/2020.js')
  return (await loadLibrary<{ Ajv2020: AjvLibrary }>(undefined, 'ajv', 'Ajv2020', CHECKED, load)).Ajv2020
}

function checkedJson(lib: AjvLibrary, schema: object, references: RegisteredSchema['references'] = []): Decoder {
  const ajv = new lib({ strict: false, logger: false })
  for (const { name, schema: text } of references) ajv.addSchema(JSON.parse(text) as object, name)
  const keeps = ajv.compile(schema)
  return (bytes) => {
    const text = textOf(bytes)
    if (text === undefined) throw new Error('is not UTF-8')
    const value = parsedJson(text)
    if (keeps(value)) return value
    const { instancePath = '', message = '' } = keeps.errors?.[0] ?? {}
    throw new Error(`breaks its schema: ${instancePath === '' ? 'it' : instancePath} ${message}`)
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`is not JSON: ${(error as Error).message.slice(0, 120)}`, { cause: error })
  }
}
