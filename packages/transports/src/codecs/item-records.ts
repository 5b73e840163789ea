import { type Block, type MeasurementEvent, ProtocolError, timeNs } from '@messwerk/core/model'
import type { JsonTime } from '../payload/json-payload.ts'
import { checkTimeUnit, type TimeUnit } from '../payload/payload-time.ts'
import { isoOf } from '../payload/sink-item.ts'
import type { SchemaRegistry } from './schema-registry.ts'

/**
 * What encoders have in common.
 *
 * @example
 * ```ts
 * import type { EncoderOptions } from '@messwerk/transports/codecs'
 *
 * const options: EncoderOptions = { time: { at: 'ts', unit: 'us' }, record: undefined }
 * options.time?.unit // => 'us'
 * ```
 */
export interface EncoderOptions {
  /**
   * Field of the time in the record of a scan, and its unit; `ms`, `us` and `ns` are whole numbers (`ns` as a 64-bit one), `s` has a
   * fraction. @defaultValue `{ at: 'time', unit: 'ms' }`
   */
  readonly time?: JsonTime | undefined
  /**
   * Records of an item, one for each message. @defaultValue of a block one a scan, its time and channels by name (NaN = no value); an
   * event as it is
   */
  readonly record?: ((item: Block | MeasurementEvent) => object | readonly object[]) | undefined
  /** Messages name their schema. With `subject`. */
  readonly registry?: SchemaRegistry | undefined
  /** Under which the schema is registered, by Confluent's default `<topic>-value`. */
  readonly subject?: string | undefined
  /** Whether a schema that is not there is registered; otherwise it is an error. @defaultValue false */
  readonly register?: boolean | undefined
}

/** @throws TypeError or RangeError that names the option @internal */
export function checkEncoder({ time, record, registry, subject }: EncoderOptions, what: string): void {
  if (time) checkTimeUnit(time.unit, `${what}: time.unit`)
  if (time && (typeof time.at !== 'string' || time.at === '')) throw new TypeError(`${what}: time.at must name a field`)
  if (record !== undefined && typeof record !== 'function') throw new TypeError(`${what}: record must be a function`)
  if ((registry === undefined) !== (subject === undefined)) {
    throw new TypeError(`${what}: registry and subject belong together`)
  }
}

/** The id of the schema of an encoder; undefined without a registry. @throws ProtocolError where it is not registered @internal */
export async function idOfSchema(
  { registry, subject = '', register }: EncoderOptions,
  type: 'AVRO' | 'PROTOBUF',
  schema: string,
  what: string
): Promise<number | undefined> {
  if (!registry) return undefined
  const id = await registry.idOf(subject, { type, schema }, register)
  if (id !== undefined) return id
  throw new ProtocolError(`${what}: ${registry.url} has no such schema under '${subject}'; register: true adds it`)
}

/**
 * The encoder of items: one message a record.
 *
 * @param encode - throws an Error that says what is wrong with a record
 * @internal
 */
export function itemEncoder(
  { time = { at: 'time', unit: 'ms' }, record }: EncoderOptions,
  what: string,
  encode: (record: object) => Uint8Array
): (item: Block | MeasurementEvent) => Uint8Array[] {
  return (item) => {
    const made = record ? record(item) : 'phase' in item ? item : recordsOf(item, time)
    const records: readonly object[] = Array.isArray(made) ? made : [made]
    try {
      return records.map((one) => encode(one))
    } catch (error) {
      throw new ProtocolError(`${what}: ${(error as Error).message.slice(0, 300)}`, { cause: error })
    }
  }
}

function recordsOf(block: Block, { at, unit }: JsonTime): object[] {
  const { channels } = block.stream
  if (channels.some(({ name }) => name === at)) {
    throw new ProtocolError(
      `stream '${block.stream.id}' has a channel '${at}', where the time stands; give time or record`
    )
  }
  return Array.from({ length: block.length }, (_, i) => {
    const record: Record<string, unknown> = { [at]: timeIn(unit, timeNs(block, i)) }
    for (let c = 0; c < channels.length; c += 1) {
      record[channels[c]?.name as string] = block.values[c * block.length + i]
    }
    return record
  })
}

function timeIn(unit: TimeUnit, ns: bigint): unknown {
  if (unit === 'iso') return isoOf(ns)
  if (unit === 'ns') return ns
  if (unit === 's') return Number(ns / 1000n) / 1e6
  const size = unit === 'ms' ? 1_000_000n : 1000n
  const rest = ((ns % size) + size) % size
  return Number((ns - rest) / size)
}
