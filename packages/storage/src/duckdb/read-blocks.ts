import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import {
  type Block,
  type Channel,
  type Clock,
  defineStream,
  type Gap,
  StorageError,
  type Stream
} from '@messwerk/core/model'
import { QUALITY } from './scan-table.ts'
import { columnsOf, FIXED_COLUMNS, HISTORICAL } from './schema.ts'
import { instant, list, name, text } from './sql.ts'

/** A stream of a table and the columns of its channels. @internal */
export interface StoredStream {
  readonly stream: Stream
  readonly clock: Clock
  /** Column by channel. */
  readonly columns: readonly string[]
  /** Column of the qualities by channel, where there is one. */
  readonly qualities: readonly (string | undefined)[]
  /** Whether the table marks back-fill. */
  readonly marksHistorical: boolean
}

type ChannelRow = [channel: string, column: string, unit: string, role: Channel['role'] | null]

/** The stream as it was written. @throws StorageError when the table or the stream is not there @internal */
export async function readStream(
  connection: DuckDBConnection,
  path: string,
  table: string,
  id: string,
  names?: readonly string[]
): Promise<StoredStream> {
  const present = await columnsOf(connection, table)
  if (FIXED_COLUMNS.some((column, i) => present[i] !== column))
    throw new StorageError(path, await noTable(connection, table), false)
  const of = `"table" = ${text(table)} AND stream = ${text(id)}`
  const found = await connection.run(`SELECT channel, "column", unit, role FROM channels WHERE ${of} ORDER BY "order"`)
  const all = (await found.getRowsJS()) as ChannelRow[]
  if (all.length === 0) throw new StorageError(path, await noStream(connection, table, id), false)
  const rows = names === undefined ? all : names.map((wanted) => chosen(all, wanted, id))
  const channels = rows.map(([channel, , unit, role]): Channel => {
    return role === null ? { name: channel, unit } : { name: channel, unit, role: role as NonNullable<Channel['role']> }
  })
  const described = await connection.run(`SELECT rate, clock, tags FROM streams WHERE ${of}`)
  const [[rate, clock, tags]] = (await described.getRowsJS()) as [[number | null, Clock, string]]
  return {
    stream: defineStream({ id, channels, rate: rate ?? undefined, tags: JSON.parse(tags) as Record<string, string> }),
    clock,
    columns: rows.map(([, column]) => column),
    qualities: rows.map(([, column]) => (present.includes(column + QUALITY) ? column + QUALITY : undefined)),
    marksHistorical: present.includes(HISTORICAL) && !(await isChannel(connection, table, HISTORICAL))
  }
}

async function isChannel(connection: DuckDBConnection, table: string, column: string): Promise<boolean> {
  const found = await connection.run(
    `SELECT 1 FROM channels WHERE "table" = ${text(table)} AND lower("column") = ${text(column)} LIMIT 1`
  )
  return (await found.getRowsJS()).length > 0
}

function chosen(rows: readonly ChannelRow[], wanted: string, stream: string): ChannelRow {
  const row = rows.find(([channel]) => channel === wanted)
  if (row) return row
  throw new RangeError(
    `Stream '${stream}' has no channel '${wanted}'; it has: ${rows.map(([channel]) => channel).join(', ')}`
  )
}

async function noTable(connection: DuckDBConnection, table: string): Promise<string> {
  const found = await connection
    .run(`SELECT table_name FROM duckdb_columns() WHERE column_name = 'position'
    AND database_name = current_database() AND table_name IN (SELECT "table" FROM streams) GROUP BY ALL ORDER BY 1`)
    .then(
      (result) => result.getRowsJS(),
      () => []
    )
  return `there is no table '${table}' of scans; it has: ${found.map((row) => row[0]).join(', ') || 'none'}`
}

async function noStream(connection: DuckDBConnection, table: string, id: string): Promise<string> {
  const found = await connection.run(`SELECT stream FROM streams WHERE "table" = ${text(table)} ORDER BY 1 LIMIT 20`)
  const known = (await found.getRowsJS()).map(([stream]) => stream).join(', ')
  return `table '${table}' has no stream '${id}'; it has: ${known || 'none'}`
}

/** What to read of a table: rows in the order of time, ties in the order of split and position. @internal */
export function selectScans(table: string, stored: StoredStream, where: string, tail: string): string {
  const values = [...stored.columns, ...stored.qualities.filter((column) => column !== undefined)]
  if (stored.marksHistorical) values.push(HISTORICAL)
  return `SELECT epoch_ns(time), split, position, ${values.map(name).join(', ')} FROM ${name(table)}
    WHERE stream = ${text(stored.stream.id)} AND ${where} ${tail}`
}

/** Whether a row was back-filled. @internal */
export function isHistorical(stored: StoredStream, chunk: DuckDBDataChunk, row: number): boolean {
  return stored.marksHistorical && chunk.getColumnVector(chunk.columnCount - 1).getItem(row) === true
}

/** Rows of a result as one block; historical where the last of them is. @internal */
export function toBlock(
  stored: StoredStream,
  chunk: DuckDBDataChunk,
  from: number,
  to: number,
  gap: Gap | undefined
): Block {
  const length = to - from
  const times = chunk.getColumnVector(0)
  const places = chunk.getColumnVector(2)
  const start = times.getItem(from) as bigint
  const offsets = new Float64Array(length)
  const positions = new Float64Array(length)
  for (let i = 0; i < length; i += 1) {
    offsets[i] = Number((times.getItem(from + i) as bigint) - start)
    positions[i] = Number(places.getItem(from + i))
  }
  const split = chunk.getColumnVector(1).getItem(to - 1) as string
  return {
    stream: stored.stream,
    length,
    values: readValues(stored, chunk, from, length),
    time: { start, clock: stored.clock, uncertainty: 0, offsets },
    quality: readQualities(stored, chunk, from, length),
    gap,
    origin: originAt(split, positions, isHistorical(stored, chunk, to - 1))
  }
}

/** @internal */
export function originAt(split: string, positions: Float64Array, historical: boolean): Block['origin'] {
  const position = positions[positions.length - 1] as number
  return historical ? { split, position, positions, historical } : { split, position, positions }
}

function readValues({ columns }: StoredStream, chunk: DuckDBDataChunk, from: number, length: number): Float64Array {
  const values = new Float64Array(columns.length * length)
  for (let c = 0; c < columns.length; c += 1) {
    const vector = chunk.getColumnVector(3 + c)
    for (let i = 0; i < length; i += 1)
      values[c * length + i] = (vector.getItem(from + i) as number | null) ?? Number.NaN
  }
  return values
}

function readQualities(
  stored: StoredStream,
  chunk: DuckDBDataChunk,
  from: number,
  length: number
): Uint8Array | undefined {
  let quality: Uint8Array | undefined
  let column = 3 + stored.columns.length
  for (const [c, name] of stored.qualities.entries()) {
    if (name === undefined) continue
    const vector = chunk.getColumnVector(column++)
    for (let i = 0; i < length; i += 1) {
      const value = vector.getItem(from + i) as number | null
      if (value === null) continue
      quality ??= new Uint8Array(stored.columns.length * length)
      quality[c * length + i] = value
    }
  }
  return quality
}

/** Gaps before scans of a time span, by the time of the scan behind them. @internal */
export async function readGaps(
  connection: DuckDBConnection,
  table: string,
  streams: readonly string[],
  span: readonly [bigint, bigint]
): Promise<Map<bigint, Gap>> {
  const found = await connection.run(`SELECT epoch_ns(before), scans, cause FROM gaps WHERE "table" = ${text(table)}
    AND stream IN (${list(streams)}) AND before BETWEEN ${instant(span[0])} AND ${instant(span[1])}`)
  const rows = (await found.getRowsJS()) as [bigint, bigint | null, Gap['cause']][]
  return new Map(
    rows.map(([before, scans, cause]) => [before, { scans: scans === null ? 'unknown' : Number(scans), cause }])
  )
}
