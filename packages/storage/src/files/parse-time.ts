import { skipBlank, trimBlank } from './parse-number.ts'

/**
 * How the time column is written: a number of seconds, milliseconds, microseconds or nanoseconds, or ISO 8601.
 *
 * @example
 * ```ts
 * import type { TimeUnit } from '@messwerk/storage/files'
 *
 * const unit: TimeUnit = 'us'
 * unit // => 'us'
 * ```
 */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'iso'

/** Decimal places of the unit below a second. */
const PLACES: Readonly<Record<Exclude<TimeUnit, 'iso'>, number>> = { s: 0, ms: 3, us: 6, ns: 9 }
const ISO =
  /^([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,}))?)?(?:\s*(Z|[+-]\d\d(?::?\d\d)?))?)?$/i

/**
 * Reads instants to the nanosecond, as whole seconds and nanoseconds: a number alone holds today's time to 0.2 µs
 * only, and a bigint a scan costs an allocation.
 *
 * @internal
 */
export class TimeParser {
  seconds = 0
  /** 0 to 999 999 999. */
  nanos = 0
  readonly #places: number
  readonly #point: number
  #day = ''
  #daySeconds = 0

  /** @param point - code of the decimal sign */
  constructor(unit: TimeUnit, point: number) {
    this.#places = unit === 'iso' ? -1 : PLACES[unit]
    this.#point = point
  }

  /** Whether `bytes[from..to)` is a time; then it is in `seconds` and `nanos`. */
  parse(bytes: Buffer, from: number, to: number): boolean {
    const begin = skipBlank(bytes, from, to)
    const end = trimBlank(bytes, begin, to)
    if (begin === end) return false
    return this.#places < 0 ? this.#iso(bytes.toString('latin1', begin, end)) : this.#decimal(bytes, begin, end)
  }

  #decimal(bytes: Buffer, from: number, end: number): boolean {
    const negative = bytes[from] === 45
    const begin = negative || bytes[from] === 43 ? from + 1 : from
    let dot = begin
    while (dot < end && bytes[dot] !== this.#point) {
      const code = bytes[dot] as number
      if (code < 48 || code > 57) return this.#floating(bytes, from, end)
      dot += 1
    }
    if (dot === begin && end <= begin + 1) return false
    let seconds = 0
    let at = begin
    for (; at < dot - this.#places; at += 1) seconds = seconds * 10 + ((bytes[at] as number) - 48)
    let nanos = 0
    // digits behind the second: `places` of them before the decimal sign at most, the others behind it
    let taken = this.#places - (dot - at)
    for (; at < dot; at += 1, taken += 1) nanos = nanos * 10 + ((bytes[at] as number) - 48)
    for (at = dot + 1; at < end; at += 1, taken += 1) {
      const digit = (bytes[at] as number) - 48
      if (digit < 0 || digit > 9) return this.#floating(bytes, from, end)
      if (taken < 9) nanos = nanos * 10 + digit
      else if (taken === 9 && digit >= 5) nanos += 1
    }
    for (; taken < 9; taken += 1) nanos *= 10
    return this.#set(negative ? -seconds : seconds, negative ? -nanos : nanos)
  }

  /** Exponents and the like: as exact as a number is. */
  #floating(bytes: Buffer, from: number, end: number): boolean {
    const text = bytes.toString('latin1', from, end)
    if (!/^[+-]?\d*[.,]?\d*e[+-]?\d+$/i.test(text)) return false
    const value = Number(this.#point === 44 ? text.replace(',', '.') : text)
    if (!Number.isFinite(value)) return false
    const perSecond = Number(`1e${this.#places}`)
    const seconds = Math.floor(value / perSecond)
    return this.#set(seconds, Math.round((value - seconds * perSecond) * Number(`1e${9 - this.#places}`)))
  }

  #iso(text: string): boolean {
    const match = ISO.exec(text)
    if (!match) return false
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match
    const date = text.slice(0, (year as string).length + 6)
    if (date !== this.#day) {
      const start = Date.UTC(Number(year), Number(month) - 1, Number(day))
      const parsed = new Date(start)
      if (parsed.getUTCMonth() + 1 !== Number(month) || parsed.getUTCDate() !== Number(day)) return false
      this.#day = date
      this.#daySeconds = start / 1000
    }
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return false
    const clock = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
    const nanos = Math.round(
      Number(`${fraction.slice(0, 10).padEnd(9, '0').slice(0, 9)}.${fraction.slice(9, 10) || '0'}`)
    )
    return this.#set(this.#daySeconds + clock - zoneSeconds(zone), nanos)
  }

  #set(seconds: number, nanos: number): boolean {
    if (nanos < 0 || nanos >= 1e9) {
      const carry = Math.floor(nanos / 1e9)
      this.seconds = seconds + carry
      this.nanos = nanos - carry * 1e9
    } else {
      this.seconds = seconds
      this.nanos = nanos
    }
    return Number.isSafeInteger(this.seconds)
  }
}

function zoneSeconds(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0
  const sign = zone.startsWith('-') ? -1 : 1
  return sign * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(3).replace(':', '') || '0') * 60)
}
