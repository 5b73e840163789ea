import type { DuckDBConnection } from '@duckdb/node-api'
import { name, text } from './sql.ts'

/** Columns in front of the channels of a table of scans. @internal */
export const FIXED_COLUMNS = ['stream', 'time', 'split', 'position'] as const

/** Marks scans that were back-filled; a table has it from the first such scan on. @internal */
export const HISTORICAL = 'historical'

/** Tables of one file that describe the others; no table of scans or events can have their names. @internal */
export const RESERVED_TABLES = ['streams', 'channels', 'gaps'] as const

/** Makes the tables that describe the others. @internal */
export async function makeDescriptions(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE TABLE IF NOT EXISTS streams ("table" VARCHAR, stream VARCHAR, rate DOUBLE, clock VARCHAR, tags JSON);
    CREATE TABLE IF NOT EXISTS channels ("table" VARCHAR, stream VARCHAR, channel VARCHAR, "column" VARCHAR,
      unit VARCHAR, role VARCHAR, "order" INTEGER);
    CREATE TABLE IF NOT EXISTS gaps ("table" VARCHAR, stream VARCHAR, before TIMESTAMP_NS, scans BIGINT, cause VARCHAR);
  `)
}

/** Makes a table of scans without channels yet. @internal */
export async function makeScanTable(connection: DuckDBConnection, table: string): Promise<void> {
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${name(table)} (stream VARCHAR, time TIMESTAMP_NS, split VARCHAR, position BIGINT)`
  )
}

/** Makes a table of events. @internal */
export async function makeEventTable(connection: DuckDBConnection, table: string): Promise<void> {
  await connection.run(`
    CREATE TABLE IF NOT EXISTS ${name(table)} (id VARCHAR, kind VARCHAR, phase VARCHAR, stream VARCHAR, rule VARCHAR,
      start TIMESTAMP_NS, peak TIMESTAMP_NS, "end" TIMESTAMP_NS, score DOUBLE, "limit" DOUBLE,
      contributions JSON, "values" JSON, model VARCHAR, split VARCHAR, position BIGINT, data JSON)
  `)
}

/** Names of the columns of a table in their order; empty when there is no such table. @internal */
export async function columnsOf(connection: DuckDBConnection, table: string): Promise<string[]> {
  const found = await connection.run(
    `SELECT column_name FROM duckdb_columns()
     WHERE table_name = ${text(table)} AND schema_name = 'main' AND database_name = current_database() ORDER BY column_index`
  )
  return (await found.getRowsJS()).map(([column]) => String(column))
}
