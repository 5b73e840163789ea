import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Stored, StoredEvent, StoredGap, StoredRows } from './stored.ts'

const NOTHING: Stored = {
  rows: { stream: [], ms: [], id: [], v: [] },
  gaps: [],
  windows: [],
  events: [],
  repeatedLines: 0
}

type Cells = readonly unknown[]

/** Reads the tables with DuckDB's own client: no code of the SDK. */
export async function readDuckdb(folder: string, feature: string): Promise<Stored> {
  const path = join(folder, 'plant.duckdb')
  if (!existsSync(path)) return NOTHING
  const database = await DuckDBInstance.create(path)
  const connection = await database.connect()
  const tables = await rowsOf('SELECT table_name FROM information_schema.tables')
  const names = new Set(tables.map(([name]) => name))
  async function rowsOf(sql: string): Promise<Cells[]> {
    return (await connection.runAndReadAll(sql)).getRowsJS() as Cells[]
  }
  const from = (table: string, sql: string): Promise<Cells[]> => (names.has(table) ? rowsOf(sql) : Promise.resolve([]))
  try {
    const windows = await from('windows', `SELECT stream, ${msOf('time')}, "${feature}" FROM windows`)
    const gaps = await from('gaps', `SELECT stream, ${msOf('before')}, scans, cause FROM gaps WHERE "table" = 'raw'`)
    return {
      rows: columnsOf(await from('raw', `SELECT stream, ${msOf('time')}, id, v FROM raw`)),
      gaps: gaps.map(gapOf),
      windows: windows.map(([stream, ms, value]) => ({ stream, ms, value }) as never),
      events: (await from('events', eventSql(feature))).map(eventOf),
      repeatedLines: 0
    }
  } finally {
    connection.closeSync()
    database.closeSync()
  }
}

function msOf(column: string): string {
  const ns = `epoch_ns("${column}")`
  return `((${ns} // 1000000)::DOUBLE + (${ns} % 1000000)::DOUBLE / 1e6)`
}

function eventSql(feature: string): string {
  const value = `CAST(json_extract("values", '$."${feature}".value') AS DOUBLE)`
  return `SELECT id, kind, phase, stream, ${msOf('start')}, ${msOf('peak')}, ${msOf('end')}, ${value},
    json_extract_string(data, '$.endedBy') FROM events`
}

function columnsOf(cells: readonly Cells[]): StoredRows {
  const rows: StoredRows = { stream: [], ms: [], id: [], v: [] }
  for (const [stream, ms, id, v] of cells) {
    rows.stream.push(stream as string)
    rows.ms.push(ms as number)
    rows.id.push(id as number)
    rows.v.push(v as number)
  }
  return rows
}

function gapOf([stream, before, scans, cause]: Cells): StoredGap {
  return {
    stream: stream as string,
    before: before as number,
    scans: scans === null ? 'unknown' : Number(scans),
    cause: cause as string
  }
}

function eventOf([id, kind, phase, stream, start, peak, end, value, endedBy]: Cells): StoredEvent {
  const optional = <T>(cell: unknown): T | undefined => (cell === null ? undefined : (cell as T))
  return {
    id: id as string,
    kind: kind as string,
    phase: phase as string,
    stream: stream as string,
    start: start as number,
    peak: optional<number>(peak),
    end: optional<number>(end),
    value: phase === 'end' ? optional<number>(value) : undefined,
    endedBy: optional<string>(endedBy)
  }
}
