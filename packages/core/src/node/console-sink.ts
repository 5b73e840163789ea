import { type Block, timeNs } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { format } from '../model/format.ts'
import { numberText } from '../model/number-text.ts'
import type { Sink } from '../model/sink.ts'
import { unitText } from '../model/unit-text.ts'
import { isBlock, isoTime } from './block-lines.ts'

/**
 * Options of {@link consoleSink}.
 *
 * @example
 * ```ts
 * import type { ConsoleOptions } from '@messwerk/core/node'
 *
 * const lines: string[] = []
 * const options: ConsoleOptions = { write: (line) => lines.push(line) }
 * options.write?.('hello')
 * lines // => ['hello']
 * ```
 */
export interface ConsoleOptions {
  /** Where a line goes. @defaultValue console.log */
  readonly write?: (line: string) => void
  /** Time of day of events in UTC instead of local time. @defaultValue false */
  readonly utc?: boolean
}

/** Channels whose values are printed; more would not fit on a line. */
const SHOWN = 6

/**
 * Prints events as sentences and blocks as one short line each: stream, scans, time and values of the last scan.
 *
 * For people at a terminal; programs read {@link ndjsonSink}.
 *
 * @example
 * ```ts
 * import { blockOf } from '@messwerk/core/model'
 * import { consoleSink } from '@messwerk/core/node'
 *
 * const lines: string[] = []
 * const sink = consoleSink({ write: (line) => lines.push(line) })
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [3.1, 3.2] })
 * await sink.write([block], AbortSignal.timeout(1000))
 * lines // => ['pump-1: 2 scans until 1970-01-01T00:00:00.100Z, pressure 3.2 bar']
 * ```
 */
export function consoleSink(options: ConsoleOptions = {}): Sink<Block | MeasurementEvent> {
  const { write = console.log, utc = false } = options
  if (typeof write !== 'function') throw new TypeError(`consoleSink: write must be a function, got ${String(write)}`)
  return {
    id: 'console',
    async write(items) {
      for (const item of items) write(isBlock(item) ? blockText(item) : format(item, { utc }))
    }
  }
}

function blockText(block: Block): string {
  const { stream, length, gap } = block
  const last = length - 1
  const values = stream.channels.slice(0, SHOWN).map(({ name, unit }, c) => {
    const value = block.values[c * length + last] as number
    return Number.isFinite(value) ? `${name} ${numberText(value)} ${unitText(unit)}`.trimEnd() : `${name} no value`
  })
  const more = stream.channels.length > SHOWN ? ` and ${stream.channels.length - SHOWN} more` : ''
  const hole = gap
    ? ` after a gap of ${gap.scans === 'unknown' ? 'unknown length' : `${gap.scans} scans`} (${gap.cause})`
    : ''
  const scans = length === 1 ? '1 scan' : `${length} scans`
  return `${stream.id}: ${scans} until ${isoTime(timeNs(block, last))}${hole}, ${values.join(', ')}${more}`
}
