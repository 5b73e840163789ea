import { type Duration, durationMs } from '../model/span.ts'
import { defineStream, type Stream } from '../model/stream.ts'
import type { AlignOptions } from './align.ts'
import { AlignGrid } from './align-grid.ts'

/** One of the streams to be joined. @internal */
export interface AlignedStream {
  readonly id: string
  readonly names: readonly string[]
  readonly units: readonly string[]
  /** Its first channel in the output. */
  readonly at: number
}

/** Checked options of `align`. @internal */
export interface AlignPlan {
  readonly output: Stream
  readonly streams: readonly AlignedStream[]
  readonly grid: AlignGrid
  readonly isLinear: boolean
  readonly maxGapNs: number
  readonly idleMs: number
  /** Scans that one stream may have waiting for the others. */
  readonly buffer: number
}

type Given = AlignOptions

// times of a stream count from a base and are exact to the ns for 104 days
const LONGEST_MS = 26 * 86_400_000

/** @throws TypeError or RangeError that names option, rule and value @internal */
export function alignPlan({
  as,
  streams,
  rate,
  method,
  maxGap,
  idle = '10s',
  buffer = 65_536,
  coPartitioned = false
}: Given): AlignPlan {
  if (typeof as !== 'string' || as === '')
    throw new TypeError(`align: as must be the id of the joined stream, got ${shown(as)}`)
  const planned = plannedStreams(streams)
  if (planned.some(({ id }) => id === as)) {
    throw new RangeError(`align: as must be another id than that of a stream which is joined, got '${as}'`)
  }
  if (!(typeof rate === 'number' && rate >= 1e-6 && rate <= 1e6)) {
    throw new RangeError(`align: rate must be from 0.000001 to 1000000 instants per second (Hz), got ${shown(rate)}`)
  }
  if (method !== 'previous' && method !== 'linear') {
    throw new RangeError(`align: method must be 'previous' or 'linear', got ${shown(method)}`)
  }
  if (!(Number.isInteger(buffer) && buffer >= 2 && buffer <= 2 ** 24)) {
    throw new RangeError(`align: buffer must be a whole number of scans from 2 to 16777216, got ${shown(buffer)}`)
  }
  if (typeof coPartitioned !== 'boolean') {
    throw new TypeError(`align: coPartitioned must be true or false, got ${shown(coPartitioned)}`)
  }
  const channels = planned.flatMap(({ id, names, units }) =>
    names.map((name, i) => ({ name: `${id}.${name}`, unit: units[i] as string }))
  )
  return {
    output: defineStream({ id: as, channels, rate }),
    streams: planned,
    grid: new AlignGrid(rate),
    isLinear: method === 'linear',
    maxGapNs: Math.round(spanMs('maxGap', maxGap) * 1e6),
    idleMs: spanMs('idle', idle),
    buffer
  }
}

function plannedStreams(streams: Given['streams']): AlignedStream[] {
  const entries = typeof streams === 'object' && streams !== null ? Object.entries(streams) : []
  if (entries.length === 0) {
    throw new TypeError(
      `align: streams must say what is joined, such as { 'press-3': { force: 'kN' } }, got ${shown(streams)}`
    )
  }
  let at = 0
  return entries.map(([id, channels]) => {
    const names = typeof channels === 'object' && channels !== null ? Object.keys(channels) : []
    if (names.length === 0) {
      throw new TypeError(
        `align: streams['${id}'] must be units by channel, such as { force: 'kN' }, got ${shown(channels)}`
      )
    }
    const planned = { id, names, units: names.map((name) => channels[name] as string), at }
    at += names.length
    return planned
  })
}

function spanMs(option: string, span: Duration): number {
  const ms = durationMs(span, `align: ${option}`)
  if (ms > 0 && ms <= LONGEST_MS) return ms
  throw new RangeError(`align: ${option} must be longer than 0 and at most 26 days, got '${span}'`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))
}
