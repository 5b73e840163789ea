/* eslint-disable no-restricted-syntax -- JSON for people is not a hot path: its columns cost a thousand times as much; absent stays absent */
import type { Block, Origin } from './block.ts'
import { readGap, readLength, readOrigin } from './block-head.ts'
import type { Gap } from './gap.ts'
import { type JsonNumber, numberToJson, readColumn, readFields, readRecord, wrongField } from './json-reader.ts'
import { type StreamJson, streamFromJson, streamToJson } from './stream-json.ts'
import { type TimeJson, timeFromJson, timeToJson } from './time-json.ts'

/**
 * A block as plain JSON that people can read: columns by channel name; NaN, infinities and -0 as strings.
 *
 * @example
 * ```ts
 * import { blockOf, blockToJson, type BlockJson } from '@messwerk/core/model'
 *
 * const json: BlockJson = blockToJson(blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, Number.NaN] }))
 * json.values // => { a: [1, 'NaN'] }
 * ```
 */
export interface BlockJson {
  /** Of this form. */
  readonly version: 1
  readonly stream: StreamJson
  /** Number of scans. */
  readonly length: number
  readonly time: TimeJson
  readonly values: Readonly<Record<string, readonly JsonNumber[]>>
  /** {@link Quality} of each value; absent = all good. */
  readonly quality?: Readonly<Record<string, readonly number[]>>
  readonly gap?: Gap
  readonly origin: {
    readonly split: string
    readonly position: number
    readonly positions?: readonly number[]
    /** Present where it is true. */
    readonly historical?: boolean
  }
}

/**
 * A block as plain JSON. {@link blockFromJson} makes an equal block of it.
 *
 * @example
 * ```ts
 * import { blockOf, blockToJson } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10, start: 1_700_000_000_000 }, { a: [1, 2] })
 * blockToJson(block).time.start // => '1700000000000000000'
 * ```
 */
export function blockToJson(block: Block): BlockJson {
  const { stream, length, time, values, quality, gap, origin } = block
  const { split, position, positions, historical } = origin
  return {
    version: 1,
    stream: streamToJson(stream),
    length,
    time: timeToJson(time),
    values: columnsToJson(block, values, numberToJson),
    ...(quality && { quality: columnsToJson(block, quality, (q) => q) }),
    ...(gap && { gap: { scans: gap.scans, cause: gap.cause } }),
    origin: {
      split,
      position,
      ...(positions && { positions: Array.from(positions) }),
      ...(historical && { historical })
    }
  }
}

function columnsToJson<T>(
  { stream, length }: Block,
  all: Float64Array | Uint8Array,
  one: (value: number) => T
): Readonly<Record<string, readonly T[]>> {
  return Object.fromEntries(
    stream.channels.map(({ name }, c) => [name, Array.from(all.subarray(c * length, (c + 1) * length), one)])
  )
}

const FIELDS = ['version', 'stream', 'length', 'time', 'values', 'quality', 'gap', 'origin']

/**
 * The block of what {@link blockToJson} made, equal in every bit but those of a NaN.
 *
 * @throws DecodeError that names the path, the rule and the value of the first field that is wrong
 *
 * @example
 * ```ts
 * import { blockFromJson, blockOf, blockToJson } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, Number.NaN] })
 * blockFromJson(JSON.parse(JSON.stringify(blockToJson(block)))) // => block
 * ```
 */
export function blockFromJson(json: unknown): Block {
  const { version } = readRecord(json, 'block')
  if (version !== 1) throw wrongField('block.version', '1, the newest that this release reads', version)
  const fields = readFields(json, 'block', FIELDS)
  const stream = streamFromJson(fields.stream, 'block.stream')
  const length = readLength(fields.length, 'block.length')
  const names = stream.channels.map(({ name }) => name)
  const values = joined(columnsFromJson(fields.values, 'block.values', names, length), length)
  const quality = fields.quality === undefined ? undefined : qualityFromJson(fields.quality, names, length)
  return {
    stream,
    length,
    values,
    time: timeFromJson(fields.time, length),
    quality,
    gap: readGap(fields.gap, 'block.gap'),
    origin: originFromJson(fields.origin, length)
  }
}

function columnsFromJson(
  json: unknown,
  path: string,
  names: readonly string[],
  length: number,
  rule?: string,
  holds?: (value: number) => boolean
): readonly Float64Array[] {
  const columns = readFields(json, path, names)
  return names.map((name) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined
    return readColumn(column, `${path}.${name}`, length, rule, holds)
  })
}

function joined(columns: readonly Float64Array[], length: number): Float64Array {
  const values = new Float64Array(columns.length * length)
  for (const [c, column] of columns.entries()) values.set(column, c * length)
  return values
}

function qualityFromJson(json: unknown, names: readonly string[], length: number): Uint8Array {
  const rule = 'a quality: 0 good, 1 uncertain, 2 bad, 3 missing'
  const columns = columnsFromJson(
    json,
    'block.quality',
    names,
    length,
    rule,
    (q) => q === 0 || q === 1 || q === 2 || q === 3
  )
  return Uint8Array.from(joined(columns, length))
}

function originFromJson(json: unknown, length: number): Origin {
  const path = 'block.origin'
  const known = ['split', 'position', 'positions', 'historical']
  const { split, position, positions, historical } = readFields(json, path, known)
  if (positions === undefined) return readOrigin(split, position, path, undefined, historical)
  const each = readColumn(positions, `${path}.positions`, length, 'a safe integer', Number.isSafeInteger)
  return readOrigin(split, position, path, each, historical)
}
