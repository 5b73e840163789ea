import type { ScanBuffer } from './scan-buffer.ts'

/**
 * Unit of a time in a payload: since the Unix epoch, or ISO 8601 with a zone.
 *
 * @example
 * ```ts
 * import type { TimeUnit } from '@messwerk/transports/mqtt'
 *
 * const unit: TimeUnit = 'iso'
 * unit // => 'iso'
 * ```
 */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'iso'

const UNITS: readonly string[] = ['s', 'ms', 'us', 'ns', 'iso']
/** Year 2262: ns beyond it do not fit into 64 bits. */
const LATEST_MS = 9_223_372_036_854
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/
const DIGITS = /^\d{7,25}$/

/** @throws RangeError @internal */
export function checkTimeUnit(unit: unknown, option: string): void {
  if (UNITS.includes(unit as string)) return
  throw new RangeError(`${option} must be one of ${UNITS.join(', ')}, got ${JSON.stringify(unit)}`)
}

/** ± ns that a number of this unit, read as a double, may be off: 2^-53 of today's time. @internal */
export function uncertaintyOf(unit: TimeUnit): number {
  if (unit === 'ns') return 128
  return unit === 's' || unit === 'ms' ? 500 : 0
}

/** Sets the time of a scan; returns the rule that the value breaks. @internal */
export function setTime(into: ScanBuffer, at: number, value: unknown, unit: TimeUnit): string | undefined {
  const rule = unit === 'iso' ? setIso(into, at, value) : setNumber(into, at, value, unit)
  if (rule !== undefined) return rule
  return Math.abs(into.ms[at] as number) <= LATEST_MS ? undefined : `the time ${String(value)} ${unit} is out of range`
}

function setIso(into: ScanBuffer, at: number, value: unknown): string | undefined {
  const match = typeof value === 'string' ? ISO.exec(value) : null
  const ms = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN
  if (Number.isNaN(ms)) return `the time must be ISO 8601 with a zone, got ${shown(value)}`
  const fraction = Number((match?.[2] ?? '').padEnd(9, '0'))
  const wholeMs = Math.floor(fraction / 1e6)
  into.ms[at] = ms + wholeMs
  into.ns[at] = fraction - wholeMs * 1e6
  return undefined
}

function setNumber(into: ScanBuffer, at: number, value: unknown, unit: TimeUnit): string | undefined {
  if (typeof value === 'bigint') return setWhole(into, at, value, unit)
  // ns since the epoch do not fit into a JSON number: publishers that need the last digits send them as text
  if (unit === 'ns' && typeof value === 'string' && DIGITS.test(value)) {
    into.ms[at] = Number(value.slice(0, -6))
    into.ns[at] = Number(value.slice(-6))
    return undefined
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return `the time must be a number, got ${shown(value)}`
  if (unit === 'us' || unit === 'ns') {
    const inMs = unit === 'us' ? 1e3 : 1e6
    const ms = Math.floor(value / inMs)
    into.ms[at] = ms
    into.ns[at] = Math.round((value - ms * inMs) * (1e6 / inMs))
  } else setMilliseconds(into, at, unit === 's' ? value * 1000 : value)
  return undefined
}

/** Exact, whatever its digits: 64-bit numbers of binary formats. */
function setWhole(into: ScanBuffer, at: number, value: bigint, unit: TimeUnit): string | undefined {
  if (unit !== 'ns') return setNumber(into, at, Number(value), unit)
  const rest = ((value % 1_000_000n) + 1_000_000n) % 1_000_000n
  into.ms[at] = Number((value - rest) / 1_000_000n)
  into.ns[at] = Number(rest)
  return undefined
}

/** A double holds today's ms to a quarter of a microsecond: more digits would be noise. */
function setMilliseconds(into: ScanBuffer, at: number, value: number): void {
  const ms = Math.floor(value)
  const us = Math.round((value - ms) * 1000)
  into.ms[at] = us === 1000 ? ms + 1 : ms
  into.ns[at] = us === 1000 ? 0 : us * 1000
}

/** A value as an error message shows it. @internal */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value, asJson) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

function asJson(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
