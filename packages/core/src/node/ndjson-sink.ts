import type { Block } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Sink } from '../model/sink.ts'
import { blockLines, isBlock } from './block-lines.ts'
import { LineFile } from './line-file.ts'

/**
 * Options of {@link ndjsonSink}.
 *
 * @example
 * ```ts
 * import type { NdjsonOptions } from '@messwerk/core/node'
 *
 * const options: NdjsonOptions = { path: 'scores.ndjson' }
 * options.path // => 'scores.ndjson'
 * ```
 */
export interface NdjsonOptions {
  /** The file to append to; made when it does not exist. Its directory must exist. */
  readonly path: string
}

/**
 * Appends to a file of JSON lines: a scan a line as `{ stream, time, <channel>: value }`, an event a line.
 *
 * `time` is ISO 8601 to the nanosecond. A value that is not finite is null; `quality` names the channels whose quality
 * is not good; `historical: true` marks back-fill; a gap is a line of its own, `{ stream, time, gap: { scans, cause } }`,
 * before the scan it precedes.
 *
 * Durable: a write resolves when the system has the data on disk. A write that fails leaves nothing behind, and a line
 * that was torn by a crash is removed when the file is opened again. A log, not a table: what is written twice stands in
 * it twice (after a crash between a write and its checkpoint); join by `stream` and `time`, or by `id` for events.
 *
 * @throws TypeError for a path that is none. Writing throws StorageError: no such directory, no permission, disk full
 * (retryable).
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { blockOf } from '@messwerk/core/model'
 * import { ndjsonSink } from '@messwerk/core/node'
 *
 * const sink = ndjsonSink({ path: 'scores.ndjson' })
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [3.1] })
 * await sink.write([block], AbortSignal.timeout(5000))
 * await sink.close?.()
 * readFileSync('scores.ndjson', 'utf8') // => '{"stream":"pump-1","time":"1970-01-01T00:00:00.000Z","pressure":3.1}\n'
 * ```
 */
export function ndjsonSink({ path }: NdjsonOptions): Sink<Block | MeasurementEvent> {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(`ndjsonSink: path must be the path of a file, got ${JSON.stringify(path) ?? String(path)}`)
  }
  const file = new LineFile(path)
  return {
    id: `ndjson ${path}`,
    open: () => file.open(),
    write: (items) => file.append(linesOf(items, path)),
    close: () => file.close()
  }
}

function* linesOf(items: readonly (Block | MeasurementEvent)[], path: string): Generator<string> {
  for (const item of items) yield isBlock(item) ? blockLines(item, path) : `${JSON.stringify(item)}\n`
}
