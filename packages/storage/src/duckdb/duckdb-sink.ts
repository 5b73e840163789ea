import {
  type Block,
  type Duration,
  durationMs,
  type MeasurementEvent,
  type Sink,
  type Size,
  StorageError,
  sizeBytes
} from '@messwerk/core/model'
import { exportDatabase } from './export-database.ts'
import { type DuckdbLibrary, loadDuckdb } from './load-duckdb.ts'
import { RESERVED_TABLES } from './schema.ts'
import { joinDatabase, type SharedDatabase } from './shared-database.ts'
import { openEventTable, writeEvents } from './write-events.ts'
import { writeScans } from './write-scans.ts'

/**
 * Options of {@link duckdbSink}.
 *
 * @example
 * ```ts
 * import type { DuckdbSinkOptions } from '@messwerk/storage/duckdb'
 *
 * const options: DuckdbSinkOptions = { path: 'plant.duckdb', table: 'raw', release: '5s' }
 * options.table // => 'raw'
 * ```
 */
export interface DuckdbSinkOptions {
  /** The database file; made when missing, its folder must exist. Sinks and readers of one process share it. */
  readonly path: string
  /** Made when missing. It holds scans or events, whichever comes first; `streams`, `channels`, `gaps` are taken. */
  readonly table: string
  /**
   * Holds the file for this long at most, then closes it between two batches for a quarter of a second (and on, until the next batch) so that other
   * processes can open it. Absent = until `close`.
   */
  readonly release?: Duration | undefined
  /** How long to try again when another process holds the file. @defaultValue '10s' with `release`, else '0s' */
  readonly wait?: Duration | undefined
  /**
   * What DuckDB may use while a sink has the file open; the largest asked for counts. It needs about 1 MiB a column.
   * Absent = 80 % of the machine, most of it for what was written and read last.
   */
  readonly memory?: Size | undefined
  /** The client library, when it is not to be loaded by name. */
  readonly lib?: DuckdbLibrary | undefined
}

/**
 * A sink for blocks and for events, see {@link duckdbSink}.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { duckdbSink, type DuckdbSink } from '@messwerk/storage/duckdb'
 *
 * const folder = mkdtempSync(join(tmpdir(), 'plant-'))
 * const sink: DuckdbSink = duckdbSink({ path: join(folder, 'plant.duckdb'), table: 'raw' })
 * await sink.exportTo(join(folder, 'copy.duckdb'))
 * await sink.close() // => undefined
 * ```
 */
export interface DuckdbSink extends Sink<Block | MeasurementEvent> {
  readonly id: string
  open(signal?: AbortSignal): Promise<void>
  write(items: readonly (Block | MeasurementEvent)[], signal?: AbortSignal): Promise<void>
  close(): Promise<void>
  /**
   * Writes a consistent copy of the whole database to another file, which any process can open; a copy that is there is
   * replaced at once. Writing goes on meanwhile.
   *
   * @throws StorageError, as `write`
   */
  exportTo(path: string): Promise<void>
}

/**
 * Writes blocks or events into a table of a DuckDB file.
 *
 * Blocks: one row a scan, one column a channel (`stream`, `time`, `split`, `position`, then the channels as DOUBLE), so
 * that `SELECT * FROM raw` is a training frame; NaN is NULL; new channels become new columns. Gaps go to the table
 * `gaps`, units to `channels`. Events: one row an id; the end replaces the beginning. Writing twice changes nothing.
 *
 * @throws TypeError or RangeError when an option is wrong.
 * `open` and `write` reject with MissingDependencyError without `@duckdb/node-api`; InUseError (retryable) when another
 * process holds the file; StorageError: the disk is full (retryable), no permission, no such folder, not a DuckDB file,
 * a table of another kind, a channel whose unit has changed. A write that fails has changed nothing.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { duckdbReader, duckdbSink } from '@messwerk/storage/duckdb'
 *
 * const path = join(mkdtempSync(join(tmpdir(), 'plant-')), 'plant.duckdb')
 * const sink = duckdbSink({ path, table: 'raw' })
 * await sink.write([blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [3.1, 3.2] })])
 *
 * const reader = duckdbReader({ path, table: 'raw' })
 * const block = await reader.latest({ stream: 'pump-1', scans: 100 })
 * column(block!, 'pressure') // => Float64Array.of(3.1, 3.2)
 * await reader.close()
 * await sink.close()
 * ```
 */
export function duckdbSink(options: DuckdbSinkOptions): DuckdbSink {
  checkPlace('duckdbSink', options)
  return new Writer(options)
}

/** @internal */
export function checkPlace(what: string, { path, table }: { readonly path: string; readonly table: string }): void {
  if (typeof path !== 'string' || path === '' || path.startsWith(':')) {
    throw new TypeError(`${what}: path must be the name of a file, got ${JSON.stringify(path)}`)
  }
  if (typeof table !== 'string' || table === '') {
    throw new TypeError(`${what}: table must be a non-empty string, got ${JSON.stringify(table)}`)
  }
  if (RESERVED_TABLES.some((reserved) => reserved === table.toLowerCase())) {
    throw new RangeError(`${what}: table must not be one of ${RESERVED_TABLES.join(', ')}, got '${table}'`)
  }
}

class Writer implements DuckdbSink {
  readonly id: string
  readonly #options: DuckdbSinkOptions
  readonly #release: number | undefined
  readonly #memory: number | undefined
  readonly #wait: number
  #database: Promise<SharedDatabase> | undefined
  #lib: DuckdbLibrary | undefined

  constructor(options: DuckdbSinkOptions) {
    const { table, release, wait, memory } = options
    this.id = `duckdb:${table}`
    this.#options = options
    this.#memory = memory === undefined ? undefined : sizeBytes(memory, 'duckdbSink: memory')
    this.#release = release === undefined ? undefined : durationMs(release, 'duckdbSink: release')
    this.#wait = durationMs(wait ?? (release === undefined ? '0s' : '10s'), 'duckdbSink: wait')
  }

  async open(signal?: AbortSignal): Promise<void> {
    const database = await this.#join()
    try {
      await database.open({ wait: this.#wait, signal })
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async write(items: readonly (Block | MeasurementEvent)[], signal?: AbortSignal): Promise<void> {
    const blocks: Block[] = []
    const events: MeasurementEvent[] = []
    for (const item of items) {
      if ('phase' in item) events.push(item)
      else blocks.push(item)
    }
    if (items.length === 0) return
    const { path, table } = this.#options
    if (blocks.length > 0 && events.length > 0) {
      throw new StorageError(path, `its table '${table}' cannot hold both scans and events; give each a sink`, false)
    }
    const database = await this.#join()
    await database.write({ wait: this.#wait, signal }, async (connection) => {
      if (blocks.length > 0) return writeScans(connection, await database.scanTable(connection, table), blocks)
      await openEventTable(connection, path, table)
      await writeEvents(connection, table, events, this.#lib as DuckdbLibrary)
    })
  }

  async exportTo(path: string): Promise<void> {
    const database = await this.#join()
    await database.open({ wait: this.#wait })
    await exportDatabase(database, this.#options.path, path, this.#wait)
  }

  async close(): Promise<void> {
    const database = this.#database
    this.#database = undefined
    await (await database)?.leave()
  }

  #join(): Promise<SharedDatabase> {
    this.#database ??= this.#load().catch((error: unknown) => {
      this.#database = undefined
      throw error
    })
    return this.#database
  }

  async #load(): Promise<SharedDatabase> {
    this.#lib = await loadDuckdb(this.#options.lib)
    return joinDatabase(this.#options.path, this.#lib, { release: this.#release, memory: this.#memory })
  }
}
