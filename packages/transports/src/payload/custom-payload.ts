import { checkUnits } from './json-payload.ts'
import type { Payload, UserProperties } from './payload.ts'
import { setTime, shown } from './payload-time.ts'
import type { ScanBuffer } from './scan-buffer.ts'

/**
 * One scan as one's own decoder gives it.
 *
 * @example
 * ```ts
 * import type { Reading } from '@messwerk/transports/mqtt'
 *
 * const reading: Reading<'force'> = { values: { force: 12.5 }, time: 1_700_000_000_000 }
 * reading.values.force // => 12.5
 * ```
 */
export interface Reading<C extends string> {
  /** A number by channel; NaN or absent = no value. */
  readonly values: Readonly<Partial<Record<C, number>>>
  /** When it was measured; ms since the Unix epoch. */
  readonly time?: Date | number | undefined
  /** A number that the publisher counts up by one. */
  readonly sequence?: number | undefined
}

/**
 * One's own decoder, see {@link custom}.
 *
 * @example
 * ```ts
 * import type { CustomOptions } from '@messwerk/transports/mqtt'
 *
 * const options: CustomOptions<'force'> = { channels: { force: 'N' }, read: (bytes) => ({ values: { force: bytes[0]! } }) }
 * options.channels.force // => 'N'
 * ```
 */
export interface CustomOptions<C extends string> {
  /** Unit (UCUM code) by channel name. */
  readonly channels: Readonly<Record<C, string>>
  /** Whether every reading has a time. @defaultValue false */
  readonly time?: boolean | undefined
  /** Whether every reading has a sequence number. @defaultValue false */
  readonly sequence?: boolean | undefined
  /**
   * The scans of a payload. What it throws rejects the payload: its message becomes the reason. The bytes are only
   * valid during the call.
   *
   * @param properties - user properties (MQTT 5) or headers (Kafka) of the message
   */
  read(bytes: Uint8Array, topic: string, properties?: UserProperties): Reading<C> | readonly Reading<C>[]
}

/**
 * Payloads in a format of one's own.
 *
 * @throws TypeError when an option is wrong
 *
 * @example
 * ```ts
 * import { custom, decodePayload } from '@messwerk/transports/mqtt'
 *
 * const payload = custom({
 *   channels: { force: 'N' },
 *   read: (bytes) => ({ values: { force: new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0) } }),
 * })
 * decodePayload(payload, Uint8Array.of(0x41, 0x48, 0, 0)) // => [{ force: 12.5 }]
 * ```
 */
export function custom<const C extends string>(options: CustomOptions<C>): Payload<C> {
  const { channels, time = false, sequence = false } = options
  checkUnits(channels, 'custom')
  if (typeof options.read !== 'function') throw new TypeError('custom: read must be a function')
  const names = Object.keys(channels) as C[]
  return {
    channels,
    hasTime: time,
    uncertainty: 0,
    hasSequence: sequence,
    decode: (bytes, topic, into, properties) => {
      try {
        const readings = options.read(bytes, topic, properties)
        into.held = Array.isArray(readings) ? readings.length : 1
        if (!Array.isArray(readings)) return add(readings as Reading<C>, names, options, into)
        if (readings.length === 0) return 'has no readings'
        for (const reading of readings) {
          const rule = add(reading, names, options, into)
          if (rule !== undefined) return rule
        }
        return undefined
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    }
  }
}

function add<C extends string>(
  reading: Reading<C>,
  names: readonly C[],
  { time = false, sequence = false }: CustomOptions<C>,
  into: ScanBuffer
): string | undefined {
  if (typeof reading?.values !== 'object') return `the decoder gave ${shown(reading)} where a reading was expected`
  const at = into.begin()
  for (let c = 0; c < names.length; c += 1) {
    const value = reading.values[names[c] as C] ?? Number.NaN
    if (typeof value !== 'number') return `channel '${names[c]}' must be a number, got ${shown(value)}`
    if (Math.abs(value) === Number.POSITIVE_INFINITY) return `channel '${names[c]}' must be finite, got ${value}`
    into.values[at * into.width + c] = value
  }
  if (sequence) {
    if (!Number.isSafeInteger(reading.sequence)) return `has no sequence number, got ${reading.sequence}`
    into.sequence[at] = reading.sequence as number
  }
  return time ? setTime(into, at, Number(reading.time ?? Number.NaN), 'ms') : undefined
}
