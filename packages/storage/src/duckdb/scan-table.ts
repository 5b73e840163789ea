import type { DuckDBConnection } from '@duckdb/node-api'
import { type Block, type Channel, StorageError, type Stream } from '@messwerk/core/model'
import { ChunkWriter, type ColumnKind, type ColumnPlan } from './chunk-writer.ts'
import type { HighWaterMark } from './high-water-mark.ts'
import type { DuckdbLibrary } from './load-duckdb.ts'
import { columnsOf, FIXED_COLUMNS, HISTORICAL, makeDescriptions, makeScanTable } from './schema.ts'
import { list, name, number, text } from './sql.ts'

const BEFORE_ALL = -(2n ** 63n)

/** What is stored of a channel of a stream. */
interface Stored {
  readonly column: string
  readonly unit: string
}

/**
 * What a process knows of one table of scans: its columns, which channel is in which, and the newest row of each stream.
 * Only changed inside a transaction; after one that failed it is thrown away and read again.
 *
 * @internal
 */
export class ScanTable {
  readonly name: string
  readonly #path: string
  readonly #lib: DuckdbLibrary
  readonly #columns: string[]
  readonly #stored: Map<string, Stored>
  /** Column by name of channel. */
  readonly #columnOf: Map<string, string>
  readonly #marks: Map<string, HighWaterMark>
  /** The rows that describe streams, as written by this process. */
  readonly #streams = new Map<string, string>()
  readonly #plans = new Map<Stream, ColumnPlan>()
  #writer: ChunkWriter | undefined

  private constructor(
    path: string,
    table: string,
    lib: DuckdbLibrary,
    columns: string[],
    stored: Map<string, Stored>,
    columnOf: Map<string, string>,
    marks: Map<string, HighWaterMark>
  ) {
    this.#path = path
    this.name = table
    this.#lib = lib
    this.#columns = columns
    this.#stored = stored
    this.#columnOf = columnOf
    this.#marks = marks
  }

  /** Makes the table if need be and reads what is in it. */
  static async open(connection: DuckDBConnection, path: string, table: string, lib: DuckdbLibrary): Promise<ScanTable> {
    await makeDescriptions(connection)
    await makeScanTable(connection, table)
    const columns = await columnsOf(connection, table)
    if (FIXED_COLUMNS.some((column, i) => columns[i] !== column)) {
      throw new StorageError(path, `its table '${table}' does not hold scans; choose another table`, false)
    }
    const { stored, columnOf } = await readStored(connection, table)
    return new ScanTable(path, table, lib, columns, stored, columnOf, await readMarks(connection, table))
  }

  /** The newest row of a stream. */
  markOf(stream: string): HighWaterMark {
    const mark = this.#marks.get(stream) ?? { time: BEFORE_ALL, split: undefined, position: 0 }
    this.#marks.set(stream, mark)
    return mark
  }

  /** Writes rows of all columns of this table. */
  get writer(): ChunkWriter {
    const kinds = this.#columns.slice(FIXED_COLUMNS.length).map((column): ColumnKind => {
      if (column === HISTORICAL && !this.#isChannel(HISTORICAL)) return 'historical'
      return column.endsWith(QUALITY) ? 'quality' : 'value'
    })
    this.#writer ??= new ChunkWriter(this.#lib, kinds)
    return this.#writer
  }

  /** Where the channels of a stream go, if that is known. */
  planOf(stream: Stream): ColumnPlan | undefined {
    return this.#plans.get(stream)
  }

  /** Adds the columns that the blocks need and that are not there yet, and describes their streams. */
  async extendFor(connection: DuckDBConnection, blocks: readonly Block[]): Promise<void> {
    const fresh = new Map<Stream, Block>()
    for (const block of blocks) if (!this.#plans.has(block.stream)) fresh.set(block.stream, block)
    if (fresh.size > 0) await this.#describe(connection, fresh)
    for (const block of blocks) {
      if (block.quality !== undefined) await this.#addQualities(connection, block, block.quality)
    }
    if (blocks.some(({ origin }) => origin.historical === true)) await this.#addHistorical(connection)
    for (const { stream } of blocks) if (!this.#plans.has(stream)) this.#plans.set(stream, this.#plan(stream))
  }

  async #describe(connection: DuckDBConnection, fresh: ReadonlyMap<Stream, Block>): Promise<void> {
    const streams = new Map<string, string>()
    const channels: string[] = []
    for (const [stream, { time }] of fresh) {
      for (const [order, channel] of stream.channels.entries()) {
        const stored = this.#stored.get(keyOf(stream, channel))
        if (!stored) channels.push(await this.#addChannel(connection, stream, channel, order))
        else if (stored.unit !== channel.unit) throw this.#otherUnit(stream, channel, stored)
      }
      const row = [
        text(this.name),
        text(stream.id),
        number(stream.rate),
        text(time.clock),
        text(JSON.stringify(stream.tags))
      ]
      if (this.#streams.get(stream.id) !== row.join(', ')) streams.set(stream.id, row.join(', '))
    }
    if (channels.length > 0) await connection.run(`INSERT INTO channels VALUES ${channels.join(', ')}`)
    if (streams.size > 0) await this.#describeStreams(connection, streams)
  }

  async #describeStreams(connection: DuckDBConnection, streams: ReadonlyMap<string, string>): Promise<void> {
    await connection.run(
      `DELETE FROM streams WHERE "table" = ${text(this.name)} AND stream IN (${list(streams.keys())})`
    )
    await connection.run(`INSERT INTO streams VALUES ${Array.from(streams.values(), (row) => `(${row})`).join(', ')}`)
    for (const [id, row] of streams) this.#streams.set(id, row)
  }

  #otherUnit(stream: Stream, channel: Channel, stored: Stored): StorageError {
    const what = `'${channel.name}' of stream '${stream.id}' is stored in '${stored.unit}'`
    return new StorageError(
      this.#path,
      `${what} and cannot be continued in '${channel.unit}'; choose another table`,
      false
    )
  }

  /** @returns the row that describes it */
  async #addChannel(connection: DuckDBConnection, stream: Stream, channel: Channel, order: number): Promise<string> {
    const column = this.#columnFor(channel)
    if (!this.#columns.includes(column)) await this.#addColumn(connection, column, 'DOUBLE')
    this.#stored.set(keyOf(stream, channel), { column, unit: channel.unit })
    const role = channel.role === undefined ? 'NULL' : text(channel.role)
    return `(${list([this.name, stream.id, channel.name, column, channel.unit])}, ${role}, ${order})`
  }

  /**
   * The name of the channel; with underscores where DuckDB, which ignores case, has that name for something else. The
   * same in all streams.
   */
  #columnFor(channel: Channel): string {
    const known = this.#columnOf.get(channel.name)
    if (known !== undefined) return known
    const taken = new Set(this.#columns.map((column) => column.toLowerCase())).add(HISTORICAL)
    let column = channel.name.toLowerCase().endsWith(QUALITY) ? `${channel.name}_` : channel.name
    while (taken.has(column.toLowerCase()) || taken.has((column + QUALITY).toLowerCase())) column += '_'
    this.#columnOf.set(channel.name, column)
    return column
  }

  async #addQualities(connection: DuckDBConnection, { stream, length }: Block, quality: Uint8Array): Promise<void> {
    for (const [c, channel] of stream.channels.entries()) {
      const column = `${this.#stored.get(keyOf(stream, channel))?.column}${QUALITY}`
      if (this.#columns.includes(column) || !anyNotGood(quality, c * length, length)) continue
      await this.#addColumn(connection, column, 'UTINYINT')
    }
  }

  /** Tables are made without it, as those of earlier versions were. */
  async #addHistorical(connection: DuckDBConnection): Promise<void> {
    if (this.#isChannel(HISTORICAL)) {
      const why = `its table '${this.name}' has a channel '${HISTORICAL}' where back-fill is marked; choose another table`
      throw new StorageError(this.#path, why, false)
    }
    if (!this.#columns.includes(HISTORICAL)) await this.#addColumn(connection, HISTORICAL, 'BOOLEAN')
  }

  /** Whether a column, in any case, holds a channel. */
  #isChannel(column: string): boolean {
    for (const stored of this.#columnOf.values()) if (stored.toLowerCase() === column) return true
    return false
  }

  async #addColumn(connection: DuckDBConnection, column: string, type: string): Promise<void> {
    await connection.run(`ALTER TABLE ${name(this.name)} ADD COLUMN ${name(column)} ${type}`)
    this.#columns.push(column)
    this.#plans.clear()
    this.#writer = undefined
  }

  #plan(stream: Stream): ColumnPlan {
    const columns = this.#columns.slice(FIXED_COLUMNS.length)
    const values = new Int32Array(columns.length).fill(-1)
    const qualities = new Int32Array(columns.length).fill(-1)
    for (const [c, channel] of stream.channels.entries()) {
      const column = this.#stored.get(keyOf(stream, channel))?.column as string
      values[columns.indexOf(column)] = c
      const quality = columns.indexOf(column + QUALITY)
      if (quality >= 0) qualities[quality] = c
    }
    return { values, qualities }
  }
}

/** Ends the name of a column that holds the qualities of another. @internal */
export const QUALITY = '.quality'

function keyOf(stream: Stream, channel: Channel): string {
  return `${stream.id}\n${channel.name}`
}

function anyNotGood(quality: Uint8Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i += 1) if (quality[i] !== 0) return true
  return false
}

async function readStored(
  connection: DuckDBConnection,
  table: string
): Promise<{ stored: Map<string, Stored>; columnOf: Map<string, string> }> {
  const found = await connection.run(
    `SELECT stream, channel, "column", unit FROM channels WHERE "table" = ${text(table)}`
  )
  const rows = (await found.getRowsJS()) as [string, string, string, string][]
  return {
    stored: new Map(rows.map(([stream, channel, column, unit]) => [`${stream}\n${channel}`, { column, unit }])),
    columnOf: new Map(rows.map(([, channel, column]) => [channel, column]))
  }
}

async function readMarks(connection: DuckDBConnection, table: string): Promise<Map<string, HighWaterMark>> {
  const found = await connection.run(`SELECT stream, epoch_ns(max(time)) FROM ${name(table)} GROUP BY stream`)
  const rows = (await found.getRowsJS()) as [string, bigint][]
  return new Map(rows.map(([stream, time]) => [stream, { time, split: undefined, position: 0 }]))
}
