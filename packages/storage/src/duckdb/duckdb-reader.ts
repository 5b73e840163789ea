import { type Block, type Duration, durationMs, type Gap, type MeasurementEvent } from '@messwerk/core/model'
import { checkPlace } from './duckdb-sink.ts'
import { exportDatabase } from './export-database.ts'
import { type DuckdbLibrary, loadDuckdb } from './load-duckdb.ts'
import { readEvents } from './read-events.ts'
import { type RangeQuery, readLatest, readRange } from './read-range.ts'
import { columnsOf } from './schema.ts'
import { joinDatabase, type SharedDatabase } from './shared-database.ts'
import { instant, text } from './sql.ts'
import { msOfNs, nsOfMs } from './write-events.ts'

/**
 * A point in time: a `Date`, ms since the Unix epoch, or ns as a bigint.
 *
 * @example
 * ```ts
 * import type { Instant } from '@messwerk/storage/duckdb'
 *
 * const noon: Instant[] = [new Date('2026-05-01T12:00:00Z'), 1_777_636_800_000, 1_777_636_800_000_000_000n]
 * noon.length // => 3
 * ```
 */
export type Instant = Date | number | bigint

/**
 * A span of time, from its first instant to before its last; absent = no bound.
 *
 * @example
 * ```ts
 * import type { Period } from '@messwerk/storage/duckdb'
 *
 * const may: Period = { from: new Date('2026-05-01'), to: new Date('2026-06-01') }
 * may.from // => new Date('2026-05-01')
 * ```
 */
export interface Period {
  readonly from?: Instant | undefined
  /** Not included. */
  readonly to?: Instant | undefined
}

/**
 * Options of {@link duckdbReader}.
 *
 * @example
 * ```ts
 * import type { DuckdbReaderOptions } from '@messwerk/storage/duckdb'
 *
 * const options: DuckdbReaderOptions = { path: 'plant.duckdb', table: 'raw', wait: '10s' }
 * options.wait // => '10s'
 * ```
 */
export interface DuckdbReaderOptions {
  /** The database file. */
  readonly path: string
  /** A table that a {@link duckdbSink} has written. */
  readonly table: string
  /** How long to try again when another process holds the file. @defaultValue '0s' */
  readonly wait?: Duration | undefined
  /** The client library, when it is not to be loaded by name. */
  readonly lib?: DuckdbLibrary | undefined
}

/**
 * A gap that was declared before a scan of a stream.
 *
 * @example
 * ```ts
 * import type { StoredGap } from '@messwerk/storage/duckdb'
 *
 * const gap: StoredGap = { stream: 'press-3', before: 1_700_000_000_000, scans: 1000, cause: 'lost' }
 * gap.scans // => 1000
 * ```
 */
export interface StoredGap extends Gap {
  readonly stream: string
  /** Time of the scan behind the gap, ms since the Unix epoch. */
  readonly before: number
}

/**
 * Reads what {@link duckdbSink} wrote, see {@link duckdbReader}. Every method rejects with InUseError (retryable) while
 * another process writes the file, and with StorageError when there is no such file, table or stream.
 *
 * @example
 * ```ts
 * import type { DuckdbReader } from '@messwerk/storage/duckdb'
 *
 * async function scansOf(reader: DuckdbReader, stream: string): Promise<number> {
 *   let scans = 0
 *   for await (const block of reader.range({ stream })) scans += block.length
 *   return scans
 * }
 * scansOf.length // => 2
 * ```
 */
export interface DuckdbReader {
  /** The newest scans of a stream as one block, in the order of time; undefined when there are none. */
  latest(query: { stream: string; scans: number; channels?: readonly string[] }): Promise<Block | undefined>
  /**
   * The scans of a period as blocks of at most 2048 scans in the order of time, cut where a gap was declared.
   * At most 16 384 scans are held in memory, and the database is not held between two such pages.
   */
  range(query: Period & { stream: string; channels?: readonly string[] }): AsyncIterable<Block>
  /** Events that meet a period, in the order of their start; none while nobody has written an event. */
  events(query?: Period & { stream?: string }): AsyncIterable<MeasurementEvent>
  /** Gaps declared in a period, in the order of time. */
  gaps(query?: Period & { stream?: string }): AsyncIterable<StoredGap>
  /** Rows of any query, with times, bigints and decimals as DuckDB's JSON has them (strings). */
  query(sql: string): Promise<Record<string, unknown>[]>
  /** As the sink's. @throws StorageError */
  exportTo(path: string): Promise<void>
  /** Harmless when called twice. */
  close(): Promise<void>
}

/**
 * Reads a table of a DuckDB file as blocks and events. Sees what the sinks of this process have committed; another
 * process gets in only while no process writes (see the option `release` of the sink).
 *
 * @throws TypeError or RangeError when an option is wrong
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { blockOf } from '@messwerk/core/model'
 * import { duckdbReader, duckdbSink } from '@messwerk/storage/duckdb'
 *
 * const path = join(mkdtempSync(join(tmpdir(), 'plant-')), 'plant.duckdb')
 * const sink = duckdbSink({ path, table: 'raw' })
 * const reader = duckdbReader({ path, table: 'raw' })
 * await sink.write([blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [3.1, 3.2] })])
 * await reader.query('SELECT stream, pressure FROM raw WHERE pressure > 3.15') // => [{ stream: 'pump-1', pressure: 3.2 }]
 * await reader.close()
 * await sink.close()
 * ```
 */
export function duckdbReader(options: DuckdbReaderOptions): DuckdbReader {
  checkPlace('duckdbReader', options)
  return new Reader(options)
}

class Reader implements DuckdbReader {
  readonly #options: DuckdbReaderOptions
  readonly #wait: number
  #database: Promise<SharedDatabase> | undefined

  constructor(options: DuckdbReaderOptions) {
    this.#options = options
    this.#wait = durationMs(options.wait ?? '0s', 'duckdbReader: wait')
  }

  async latest(query: { stream: string; scans: number; channels?: readonly string[] }): Promise<Block | undefined> {
    const { stream, scans, channels } = query
    if (!(Number.isInteger(scans) && scans > 0)) {
      throw new RangeError(`latest: scans must be a positive whole number, got ${scans}`)
    }
    const { path, table } = this.#options
    const database = await this.#join()
    return database.read({ wait: this.#wait }, (connection) =>
      readLatest(connection, { path, table, stream, channels }, scans)
    )
  }

  async *range(query: Period & { stream: string; channels?: readonly string[] }): AsyncGenerator<Block> {
    const { path, table } = this.#options
    const { stream, channels } = query
    const wanted: RangeQuery = { path, table, stream, channels, from: spanOf(query).from, to: spanOf(query).to }
    yield* readRange(await this.#join(), wanted, { wait: this.#wait })
  }

  async *events(query: Period & { stream?: string } = {}): AsyncGenerator<MeasurementEvent> {
    const { from, to } = spanOf(query)
    const database = await this.#join()
    yield* await database.read({ wait: this.#wait }, (connection) =>
      readEvents(connection, this.#options.table, { from, to, stream: query.stream })
    )
  }

  async *gaps(query: Period & { stream?: string } = {}): AsyncGenerator<StoredGap> {
    const { from, to } = spanOf(query)
    const ofStream = query.stream === undefined ? '' : `AND stream = ${text(query.stream)}`
    const sql = `SELECT stream, epoch_ns(before), scans, cause FROM gaps WHERE "table" = ${text(this.#options.table)}
      AND before >= ${instant(from)} AND before < ${instant(to)} ${ofStream} ORDER BY before, stream`
    const database = await this.#join()
    const rows = await database.read({ wait: this.#wait }, async (connection) =>
      (await columnsOf(connection, 'gaps')).length === 0 ? [] : (await connection.run(sql)).getRowsJS()
    )
    for (const [stream, before, scans, cause] of rows as [string, bigint, bigint | null, Gap['cause']][]) {
      yield { stream, before: msOfNs(before), scans: scans === null ? 'unknown' : Number(scans), cause }
    }
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    const database = await this.#join()
    return database.read({ wait: this.#wait }, async (connection) => (await connection.run(sql)).getRowObjectsJson())
  }

  async exportTo(path: string): Promise<void> {
    await exportDatabase(await this.#join(), this.#options.path, path, this.#wait)
  }

  async close(): Promise<void> {
    const database = this.#database
    this.#database = undefined
    await (await database)?.leave()
  }

  #join(): Promise<SharedDatabase> {
    this.#database ??= loadDuckdb(this.#options.lib).then((lib) => joinDatabase(this.#options.path, lib))
    this.#database.catch(() => {
      this.#database = undefined
    })
    return this.#database
  }
}

const FOREVER = 9_223_372_036_854_775_806n

function spanOf({ from, to }: Period): { from: bigint; to: bigint } {
  return { from: from === undefined ? -FOREVER : nsOf(from, 'from'), to: to === undefined ? FOREVER : nsOf(to, 'to') }
}

function nsOf(instant: Instant, option: string): bigint {
  if (typeof instant === 'bigint') return instant
  const ms = instant instanceof Date ? instant.getTime() : instant
  if (!Number.isFinite(ms))
    throw new RangeError(`${option} must be a Date, ms or ns since the Unix epoch, got ${String(instant)}`)
  return nsOfMs(ms)
}
