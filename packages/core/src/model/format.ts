import type { EventValue, MeasurementEvent } from './event.ts'
import { distinctTexts, numberText } from './number-text.ts'
import { unitText } from './unit-text.ts'

/**
 * How {@link format} writes.
 *
 * @example
 * ```ts
 * import type { FormatOptions } from '@messwerk/core/model'
 *
 * const options: FormatOptions = { utc: true }
 * options.utc // => true
 * ```
 */
export interface FormatOptions {
  /** Time of day in UTC instead of local time. @defaultValue false */
  readonly utc?: boolean | undefined
}

/**
 * An event as a sentence for people: when it began, the stream, the channel with the largest share of the score with its
 * value and normal band, and at its end how long it lasted.
 *
 * Numbers have three significant digits, or as many more as it takes to tell the value from its band.
 *
 * @example
 * ```ts
 * import { format, type MeasurementEvent } from '@messwerk/core/model'
 *
 * const start = Date.UTC(2026, 0, 1, 14, 2, 31)
 * const event: MeasurementEvent = {
 *   id: 'pump-1/score/0', kind: 'anomaly', phase: 'end', stream: 'pump-1', rule: 'score', start, end: start + 350,
 *   score: 8, contributions: { pressure: 7.28, current: 0.72 },
 *   values: { pressure: { value: 4.2, unit: 'bar', lower: 2.9, upper: 3.3 } }, origin: { split: 'pump-1', position: 12 },
 * }
 * format(event, { utc: true }) // => '14:02:31 pump-1: pressure 4.2 bar (normal 2.9..3.3), 91 % of the score, for 350 ms'
 * ```
 */
export function format(event: MeasurementEvent, options: FormatOptions = {}): string {
  const parts = event.kind === 'notice' ? [noticeText(event)] : anomalyTexts(event)
  const kind = event.kind === 'drift' ? 'drift: ' : ''
  const duration = event.phase === 'end' && event.end !== undefined ? event.end - event.start : 0
  if (duration > 0) parts.push(`for ${durationText(duration)}`)
  return `${timeText(event.start, options.utc === true)} ${event.stream}: ${kind}${parts.join(', ')}`
}

function anomalyTexts({ rule, score, limit, contributions, values }: MeasurementEvent): string[] {
  const name = largest(contributions) ?? (values && (Object.hasOwn(values, rule) ? rule : Object.keys(values)[0]))
  if (name === undefined) return [scoreText(rule, score, limit)]
  const value = values && Object.hasOwn(values, name) ? values[name] : undefined
  const share = shareText(contributions, name)
  const text = value ? `${name} ${valueText(value, contributions || hasBand(value) ? undefined : limit)}` : name
  if (share !== undefined) return [text, share]
  return value ? [text] : [text, scoreText(rule, score, limit)]
}

function hasBand({ lower, upper }: EventValue): boolean {
  return lower !== undefined || upper !== undefined
}

/** The channel with the largest share; of equal ones the first. */
function largest(contributions: MeasurementEvent['contributions']): string | undefined {
  let name: string | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const [channel, share] of Object.entries(contributions ?? {})) {
    if (share > most) [name, most] = [channel, share]
  }
  return name
}

function shareText(contributions: MeasurementEvent['contributions'], name: string): string | undefined {
  const shares = Object.values(contributions ?? {}).filter((share) => share > 0)
  if (Object.keys(contributions ?? {}).length < 2) return undefined
  const share = (contributions?.[name] ?? 0) / shares.reduce((sum, part) => sum + part, 0)
  return Number.isFinite(share) ? `${Math.round(100 * share)} % of the score` : undefined
}

function valueText({ value, unit, lower, upper }: EventValue, limit: number | undefined): string {
  const people = unitText(unit)
  const [shown, low, high, bound] = distinctTexts([value, lower, upper, limit]) as [string, string, string, string]
  const withUnit = (number: string): string => (people === '' ? number : `${number} ${people}`)
  const text = Number.isNaN(value) ? 'has no value' : withUnit(shown)
  if (lower !== undefined && upper !== undefined) return `${text} (normal ${low}..${high})`
  if (upper !== undefined) return `${text} (normal up to ${high})`
  if (lower !== undefined) return `${text} (normal from ${low})`
  if (limit === undefined || Number.isNaN(limit) || Number.isNaN(value)) return text
  return `${text}, ${sideOf(value, limit)} the limit of ${withUnit(bound)}`
}

function sideOf(value: number, limit: number): string {
  if (value === limit) return 'at'
  return value > limit ? 'above' : 'below'
}

function scoreText(rule: string, score: number | undefined, limit: number | undefined): string {
  if (score === undefined || Number.isNaN(score)) return rule
  if (limit === undefined || Number.isNaN(limit)) return `${rule} ${numberText(score)}`
  const [shown, bound] = distinctTexts([score, limit])
  return `${rule} ${shown} (limit ${bound})`
}

/** The text that came with the notice, what is missing at a hole, or its name. */
function noticeText({ rule, data }: MeasurementEvent): string {
  if (typeof data === 'string' && data !== '') return data
  if (typeof data !== 'object' || data === null) return rule
  const { text, message, scans, cause } = data as Readonly<Record<string, unknown>>
  for (const words of [text, message]) if (typeof words === 'string' && words !== '') return words
  if (typeof cause !== 'string' || (typeof scans !== 'number' && scans !== 'unknown')) return rule
  return scans === 'unknown'
    ? `gap of unknown length (${cause})`
    : `gap of ${scans} ${scans === 1 ? 'scan' : 'scans'} (${cause})`
}

function timeText(ms: number, utc: boolean): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return '--:--:--'
  const parts = utc
    ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    : [date.getHours(), date.getMinutes(), date.getSeconds()]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

const STEPS = [
  { ms: 86_400_000, unit: 'd', next: 'h', nextMs: 3_600_000 },
  { ms: 3_600_000, unit: 'h', next: 'min', nextMs: 60_000 },
  { ms: 60_000, unit: 'min', next: 's', nextMs: 1000 }
] as const

function durationText(ms: number): string {
  if (Math.round(ms) < 1000) return `${numberText(ms)} ms`
  if (Number(numberText(ms / 1000)) < 60) return `${numberText(ms / 1000)} s`
  const whole = Math.round(ms / 1000) * 1000
  const step = STEPS.find((one) => Math.round(whole / one.nextMs) * one.nextMs >= one.ms) ?? STEPS[2]
  const rounded = Math.round(whole / step.nextMs) * step.nextMs
  const rest = (rounded % step.ms) / step.nextMs
  const text = `${Math.floor(rounded / step.ms)} ${step.unit}`
  return rest === 0 ? text : `${text} ${rest} ${step.next}`
}
