import { checkUnits } from './json-payload.ts'
import type { Payload } from './payload.ts'
import { shown } from './payload-time.ts'
import { textOf } from './text-of.ts'

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/
const LONGEST = 64

/**
 * Payloads that are one number as text: `21.5`. The time of arrival counts.
 *
 * @param channels - the one channel: its unit (UCUM code) by its name
 * @throws TypeError or RangeError when there is not exactly one channel
 *
 * @example
 * ```ts
 * import { decodePayload, number } from '@messwerk/transports/mqtt'
 *
 * decodePayload(number({ temperature: 'Cel' }), ' 21.5 ') // => [{ temperature: 21.5 }]
 * ```
 */
export function number<const C extends string>(channels: Readonly<Record<C, string>>): Payload<C> {
  checkUnits(channels, 'number')
  const names = Object.keys(channels)
  if (names.length !== 1) throw new RangeError(`number: needs exactly one channel, got ${names.join(', ')}`)
  return {
    channels,
    hasTime: false,
    uncertainty: 0,
    hasSequence: false,
    decode: (bytes, _topic, into) => {
      into.held = 1
      const text = bytes.length > LONGEST ? undefined : textOf(bytes)?.trim()
      if (text === undefined)
        return bytes.length > LONGEST ? `is too long for a number: ${bytes.length} B` : 'is not UTF-8'
      const value = NUMBER.test(text) ? Number(text) : Number.NaN
      if (!Number.isFinite(value)) return `is not a number: ${shown(text)}`
      into.values[into.begin() * into.width] = value
      return undefined
    }
  }
}
