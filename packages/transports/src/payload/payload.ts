import type { ScanBuffer } from './scan-buffer.ts'

/**
 * User properties (MQTT 5) or headers (Kafka) of a message: a text by name, or several.
 *
 * @example
 * ```ts
 * import type { UserProperties } from '@messwerk/transports/mqtt'
 *
 * const properties: UserProperties = { firmware: '2.1', label: ['a', 'b'] }
 * properties.firmware // => '2.1'
 * ```
 */
export type UserProperties = Readonly<Record<string, string | string[]>>

/**
 * How payloads become scans. Made by `json`, `number`, `custom`, and those of `@messwerk/transports/codecs`.
 *
 * @example
 * ```ts
 * import { number, type Payload } from '@messwerk/transports/mqtt'
 *
 * const payload: Payload<'temperature'> = number({ temperature: 'Cel' })
 * payload.channels // => { temperature: 'Cel' }
 * ```
 */
export interface Payload<C extends string> {
  /** Unit (UCUM code) by channel name. */
  readonly channels: Readonly<Record<C, string>>
  /** Whether the payload says when it was measured; if not, the time of arrival counts. */
  readonly hasTime: boolean
  /** ± ns of the times. */
  readonly uncertainty: number
  /** Whether the payload has a sequence number. */
  readonly hasSequence: boolean
  /** Adds the scans of a payload; returns the rule that it breaks, after which `held` alone counts. @internal */
  decode(bytes: Uint8Array, topic: string, into: ScanBuffer, properties?: UserProperties): string | undefined
  /**
   * `decode` of bytes that are part of others, `from` to `to`, where neither topic nor properties matter.
   *
   * @internal
   */
  decodeAt?(bytes: Uint8Array, from: number, to: number, into: ScanBuffer): string | undefined
  /**
   * Fetches what `decode` needs for these bytes: a library, a schema. Undefined where it is there, as it nearly always is.
   * The promise rejects where that can be tried again, or can never be had; bytes that are wrong are `decode`'s matter.
   *
   * @internal
   */
  prepare?(bytes: Uint8Array): Promise<void> | undefined
}
