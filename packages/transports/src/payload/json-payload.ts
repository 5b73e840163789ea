import { JsonReader } from './json-reader.ts'
import { addAll, addOne, pathOf, type Shape } from './json-shape.ts'
import type { Payload } from './payload.ts'
import { checkTimeUnit, type TimeUnit, uncertaintyOf } from './payload-time.ts'
import type { ScanBuffer } from './scan-buffer.ts'
import { textOf } from './text-of.ts'

/**
 * Where the time stands in a JSON payload, and its unit.
 *
 * @example
 * ```ts
 * import type { JsonTime } from '@messwerk/transports/mqtt'
 *
 * const time: JsonTime = { at: 'meta.ts', unit: 'ms' }
 * time.at // => 'meta.ts'
 * ```
 */
export interface JsonTime {
  /** Path of the field, its steps divided by dots. */
  readonly at: string
  readonly unit: TimeUnit
}

/**
 * Another shape of the same payload, tried when those before do not fit.
 *
 * @example
 * ```ts
 * import type { JsonAlternative } from '@messwerk/transports/mqtt'
 *
 * const older: JsonAlternative<'temperature'> = { channels: { temperature: 'temp' }, time: { at: 't', unit: 's' } }
 * older.channels.temperature // => 'temp'
 * ```
 */
export interface JsonAlternative<C extends string> {
  /** Path by channel name; a channel that is not named is missing in this shape. */
  readonly channels: Readonly<Partial<Record<C, string>>>
  /** @defaultValue as in the first shape */
  readonly time?: JsonTime | undefined
  /** @defaultValue as in the first shape */
  readonly sequence?: string | undefined
}

/**
 * Shape of a JSON payload, see {@link json}.
 *
 * @example
 * ```ts
 * import type { JsonOptions } from '@messwerk/transports/mqtt'
 *
 * const options: JsonOptions<'temperature' | 'pressure'> = {
 *   channels: { temperature: 'Cel', pressure: { unit: 'bar', at: 'hydraulics.p' } },
 *   time: { at: 'ts', unit: 'ms' },
 *   sequence: 'seq',
 * }
 * options.sequence // => 'seq'
 * ```
 */
export interface JsonOptions<C extends string> {
  /** By channel name: its unit (UCUM code) when the field has that name, else the unit and the path of the field. */
  readonly channels: Readonly<Record<C, string | { readonly unit: string; readonly at: string }>>
  /** When it was measured. Absent = the time of arrival counts, and a redelivery after a crash is a new row. */
  readonly time?: JsonTime | undefined
  /** Path of a number that the publisher counts up by one with each message: skipped ones become declared gaps. */
  readonly sequence?: string | undefined
  /** Other shapes, tried in order. */
  readonly alternatives?: readonly JsonAlternative<C>[] | undefined
}

/**
 * Payloads in JSON: an object is a scan, an array of objects several.
 *
 * A field that is missing or null is NaN with quality missing; true and false are 1 and 0; fields that are not named
 * are ignored. What is not UTF-8, not JSON (NaN and Infinity are not), has another type where a number is expected, or
 * none of the channels, is rejected with its reason.
 *
 * @throws TypeError or RangeError when an option is wrong
 *
 * @example
 * ```ts
 * import { decodePayload, json } from '@messwerk/transports/mqtt'
 *
 * const payload = json({
 *   channels: { temperature: 'Cel', pressure: { unit: 'bar', at: 'hydraulics.p' } },
 *   time: { at: 'ts', unit: 'ms' },
 *   alternatives: [{ channels: { temperature: 'temp' } }],
 * })
 * decodePayload(payload, '{"ts":1700000000000,"temperature":21.5,"hydraulics":{"p":6}}')
 * // => [{ time: new Date(1700000000000), temperature: 21.5, pressure: 6 }]
 * decodePayload(payload, '{"ts":1700000000000,"temp":22}') // => [{ time: new Date(1700000000000), temperature: 22, pressure: NaN }]
 * ```
 */
export function json<const C extends string>(options: JsonOptions<C>): Payload<C> {
  const { shapes, ...facts } = planRecords(options, 'json')
  const reader = JsonReader.of(shapes[0] as Shape)
  const decodeAt = (bytes: Uint8Array, from: number, to: number, into: ScanBuffer): string | undefined => {
    if (reader?.add(bytes, from, to, into)) return undefined
    return parse(shapes, from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), into)
  }
  return { ...facts, decodeAt, decode: (bytes, _topic, into) => decodeAt(bytes, 0, bytes.length, into) }
}

function parse(shapes: readonly Shape[], bytes: Uint8Array, into: ScanBuffer): string | undefined {
  const text = textOf(bytes)
  if (text === undefined) return 'is not UTF-8'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (text.trimStart().startsWith('{')) into.held = 1
    return `is not JSON: ${(error as Error).message.slice(0, 120)}`
  }
  into.held = Array.isArray(value) ? value.length : 1
  return Array.isArray(value) ? addAll(shapes, value, into) : addOne(shapes, value, into)
}

/** What the options say of payloads that are records, whatever their encoding. @internal */
export interface RecordPlan<C extends string> extends Omit<Payload<C>, 'decode' | 'decodeAt' | 'prepare'> {
  readonly shapes: readonly Shape[]
}

/**
 * @param what - the function that was called, for errors
 * @throws TypeError or RangeError when an option is wrong
 * @internal
 */
export function planRecords<C extends string>(options: JsonOptions<C>, what: string): RecordPlan<C> {
  const units = unitsOf(options.channels, what)
  const names = Object.keys(units)
  return {
    channels: units as Readonly<Record<C, string>>,
    hasTime: options.time !== undefined,
    uncertainty: options.time ? uncertaintyOf(options.time.unit) : 0,
    hasSequence: options.sequence !== undefined,
    shapes: [firstShape(options, names, what), ...(options.alternatives ?? []).map(alternative(options, names, what))]
  }
}

/** @internal */
export function checkUnits(channels: unknown, what: string): asserts channels is Readonly<Record<string, unknown>> {
  if (typeof channels === 'object' && channels !== null && Object.keys(channels).length > 0) return
  throw new TypeError(`${what}: channels must be a record of units by name, such as { temperature: 'Cel' }`)
}

function unitsOf(channels: JsonOptions<string>['channels'], what: string): Record<string, string> {
  checkUnits(channels, what)
  const units: Record<string, string> = {}
  for (const [name, channel] of Object.entries(channels)) {
    const unit = typeof channel === 'string' ? channel : channel?.unit
    if (typeof unit !== 'string' || unit === '') {
      throw new TypeError(`${what}: channel '${name}' needs a unit (a UCUM code such as 'bar', '1' for a ratio)`)
    }
    units[name] = unit
  }
  return units
}

function firstShape(options: JsonOptions<string>, names: readonly string[], what: string): Shape {
  const { channels, time, sequence } = options
  const at = (name: string): string => (typeof channels[name] === 'object' ? channels[name].at : name)
  return shapeOf(names, at, time, sequence, what)
}

function alternative(first: JsonOptions<string>, names: readonly string[], what: string) {
  return ({ channels, time, sequence }: JsonAlternative<string>): Shape => {
    checkUnits(channels, `${what}: alternatives`)
    const unknown = Object.keys(channels).find((name) => !names.includes(name))
    if (unknown !== undefined) {
      throw new RangeError(`${what}: alternatives name the channel '${unknown}'; the channels are: ${names.join(', ')}`)
    }
    if (time && !first.time) throw new RangeError(`${what}: an alternative has a time and the first shape has none`)
    return shapeOf(names, (name) => channels[name], time ?? first.time, sequence ?? first.sequence, what)
  }
}

function shapeOf(
  names: readonly string[],
  at: (name: string) => string | undefined,
  time: JsonTime | undefined,
  sequence: string | undefined,
  what: string
): Shape {
  if (time) checkTimeUnit(time.unit, `${what}: time.unit`)
  return {
    names,
    paths: names.map((name) => {
      const path = at(name)
      return path === undefined ? undefined : pathOf(path, `${what}: channel '${name}'`)
    }),
    time: time && { path: pathOf(time.at, `${what}: time.at`), at: time.at, unit: time.unit },
    sequence: sequence === undefined ? undefined : { path: pathOf(sequence, `${what}: sequence`), at: sequence }
  }
}
