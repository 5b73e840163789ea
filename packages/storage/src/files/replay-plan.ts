import { basename } from 'node:path'
import { systemTime } from '@messwerk/core/driver'
import { type Channel, durationMs } from '@messwerk/core/model'
import type { Pacing, ReplayOptions } from './replay-options.ts'

type AnyOptions = ReplayOptions<string, string>

/** Checked options with their defaults. @internal */
export interface ReplayPlan {
  readonly path: string
  readonly id: string
  readonly options: AnyOptions
  readonly channels: readonly Channel[]
  /** Heading of each channel's column. */
  readonly headings: readonly string[]
  /** Name of the stream; undefined = the group's value alone. */
  readonly stream: string | undefined
  /** ns since the Unix epoch that `rate` or the time column counts from. */
  readonly epoch: bigint
  readonly pauseMs: number
  readonly decimal: '.' | ','
  readonly blockScans: number
  readonly maxBadLines: number
  readonly pacing: Pacing
  readonly scheduler: NonNullable<AnyOptions['scheduler']>
}

/** @throws TypeError or RangeError that names the option, the rule and the value @internal */
export function replayPlan(path: string, options: AnyOptions): ReplayPlan {
  if (typeof path !== 'string' || path === '')
    throw new TypeError(`replay: path must be the path of a file, got ${show(path)}`)
  const { pacing = 'max', blockScans = 256, maxBadLines = Infinity, decimal = '.', group, time } = options
  const channels = channelsOf(options)
  checkTime(options)
  checkText(options)
  checkGroup(options)
  checkPacing(pacing)
  if (!(Number.isInteger(blockScans) && blockScans > 0))
    wrong('blockScans', 'a whole number of scans above 0', blockScans)
  if (!(maxBadLines >= 0)) wrong('maxBadLines', 'a number of lines, 0 or more', maxBadLines)
  const plain =
    basename(path)
      .replace(/\.gz$/i, '')
      .replace(/\.[a-z]+$/i, '') || basename(path)
  return {
    path,
    id: options.id ?? path,
    options,
    channels,
    headings: channels.map(({ name }) => options.columns?.[name] ?? name),
    stream: options.stream ?? (group?.as === 'streams' ? undefined : plain),
    epoch: epochOf(time ? time.start : options.start, time ? 'time.start' : 'start'),
    pauseMs: durationMs(group?.pause ?? '1s', 'replay: group.pause'),
    decimal,
    blockScans,
    maxBadLines,
    pacing,
    scheduler: options.scheduler ?? systemTime
  }
}

function channelsOf({ channels, labels = [], columns = {} }: AnyOptions): Channel[] {
  const rule = "units by channel such as { force: 'kN' }"
  if (typeof channels !== 'object' || channels === null || Array.isArray(channels))
    throw wrongType('channels', rule, channels)
  const measured: Channel[] = Object.entries(channels).map(([name, unit]) => {
    if (typeof unit !== 'string' || unit === '') throw wrongType('channels', `${rule}; '${name}' needs a unit`, unit)
    return { name, unit }
  })
  if (measured.length === 0) throw wrongType('channels', rule, channels)
  if (!Array.isArray(labels)) throw wrongType('labels', "a list of columns such as ['label']", labels)
  const all = measured.concat(labels.map((name) => ({ name, unit: '1', role: 'flag' })))
  const names = new Set(all.map(({ name }) => name))
  if (names.size < all.length) wrong('labels', 'columns that are not channels too', labels)
  for (const name of Object.keys(columns)) {
    if (!names.has(name)) wrong('columns', `headings by channel (there are: ${[...names].join(', ')})`, columns)
  }
  return all
}

function checkTime({ time, rate, start }: AnyOptions): void {
  if ((time === undefined) === (rate === undefined)) {
    throw new RangeError(
      `replay: give either time (a column with the time) or rate (scans per second), got ${time ? 'both' : 'neither'}`
    )
  }
  if (rate !== undefined && !(rate > 0 && Number.isFinite(rate))) wrong('rate', 'scans per second (Hz) above 0', rate)
  if (!time) return
  if (start !== undefined)
    throw new RangeError('replay: start goes with rate; a time column has its own: time: { column, unit, start }')
  if (typeof time.column !== 'string') throw wrongType('time.column', 'the heading of the time column', time.column)
  if (!['s', 'ms', 'us', 'ns', 'iso'].includes(time.unit))
    wrong('time.unit', "'s', 'ms', 'us', 'ns' or 'iso'", time.unit)
  if (time.unit === 'iso' && time.start !== undefined) {
    throw new RangeError('replay: time.start goes with times that are numbers, not with ISO 8601')
  }
}

function checkText({ delimiter, decimal, encoding, header }: AnyOptions): void {
  if (delimiter !== undefined && ![',', ';', '\t', '|', ' '].includes(delimiter)) {
    wrong('delimiter', "',', ';', '\\t', '|' or ' '", delimiter)
  }
  if (decimal !== undefined && decimal !== '.' && decimal !== ',') wrong('decimal', "'.' or ','", decimal)
  if (encoding !== undefined && !['utf-8', 'latin1', 'utf-16le'].includes(encoding)) {
    wrong('encoding', "'utf-8', 'latin1' or 'utf-16le'", encoding)
  }
  if (header !== undefined && !(Array.isArray(header) && header.length > 0))
    throw wrongType('header', 'a list of headings', header)
}

function checkGroup({ group }: AnyOptions): void {
  if (group === undefined) return
  if (typeof group.column !== 'string') throw wrongType('group.column', 'the heading of the group column', group.column)
  if (group.as !== 'streams' && group.as !== 'gaps') wrong('group.as', "'streams' or 'gaps'", group.as)
  const { order } = group
  if (order === undefined) return
  if (!Array.isArray(order) || order.length === 0 || new Set(order).size < order.length) {
    wrong('group.order', 'a list of different values of the group column', order)
  }
}

function checkPacing(pacing: Pacing): void {
  if (pacing === 'max') return
  const factor =
    typeof pacing === 'object' && pacing !== null ? ('speed' in pacing ? pacing.speed : pacing.rate) : Number.NaN
  if (!(factor > 0 && Number.isFinite(factor))) {
    wrong('pacing', "'max', { speed } (times as recorded) or { rate } (scans per second), above 0", pacing)
  }
}

function epochOf(start: Date | number | undefined, option: string): bigint {
  const ms = start instanceof Date ? start.getTime() : (start ?? 0)
  if (typeof ms !== 'number' || !Number.isFinite(ms)) wrong(option, 'a date or ms since the Unix epoch', start)
  const whole = Math.floor(ms)
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6))
}

function wrong(option: string, rule: string, value: unknown): never {
  throw new RangeError(`replay: ${option} must be ${rule}, got ${show(value)}`)
}

function wrongType(option: string, rule: string, value: unknown): TypeError {
  return new TypeError(`replay: ${option} must be ${rule}, got ${show(value)}`)
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? `'${value}'`
    : typeof value === 'number'
      ? String(value)
      : (JSON.stringify(value) ?? String(value))
}
