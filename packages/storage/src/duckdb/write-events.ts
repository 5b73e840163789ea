import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api'
import { type MeasurementEvent, StorageError } from '@messwerk/core/model'
import type { DuckdbLibrary } from './load-duckdb.ts'
import { columnsOf, makeEventTable } from './schema.ts'
import { list, name } from './sql.ts'

/** Makes a table of events if need be. @internal */
export async function openEventTable(connection: DuckDBConnection, path: string, table: string): Promise<void> {
  await makeEventTable(connection, table)
  if ((await columnsOf(connection, table))[0] === 'id') return
  throw new StorageError(path, `its table '${table}' does not hold events; choose another table`, false)
}

/** Writes events into their table, inside a transaction: one row an id, and an end is never replaced by a beginning. @internal */
export async function writeEvents(
  connection: DuckDBConnection,
  table: string,
  events: readonly MeasurementEvent[],
  lib: DuckdbLibrary
): Promise<void> {
  const newest = new Map<string, MeasurementEvent>()
  for (const event of events) {
    if (event.phase === 'end' || newest.get(event.id)?.phase !== 'end') newest.set(event.id, event)
  }
  for (const id of await endedOf(connection, table, newest.keys())) {
    if (newest.get(id)?.phase === 'begin') newest.delete(id)
  }
  if (newest.size === 0) return
  await connection.run(`DELETE FROM ${name(table)} WHERE id IN (${list(newest.keys())})`)
  await append(connection, table, newest.values(), lib)
}

async function endedOf(connection: DuckDBConnection, table: string, ids: Iterable<string>): Promise<string[]> {
  const found = await connection.run(`SELECT id FROM ${name(table)} WHERE phase = 'end' AND id IN (${list(ids)})`)
  return (await found.getRowsJS()).map(([id]) => String(id))
}

async function append(
  connection: DuckDBConnection,
  table: string,
  events: Iterable<MeasurementEvent>,
  lib: DuckdbLibrary
): Promise<void> {
  const appender = await connection.createAppender(table)
  try {
    for (const event of events) appendEvent(appender, event, lib)
    appender.flushSync()
  } catch (error) {
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
}

function appendEvent(appender: DuckDBAppender, event: MeasurementEvent, lib: DuckdbLibrary): void {
  const string = (value: string | undefined): void =>
    value === undefined ? appender.appendNull() : appender.appendVarchar(value)
  const double = (value: number | undefined): void =>
    value === undefined || Number.isNaN(value) ? appender.appendNull() : appender.appendDouble(value)
  const time = (ms: number | undefined): void =>
    ms === undefined
      ? appender.appendNull()
      : appender.appendTimestampNanoseconds(new lib.DuckDBTimestampNanosecondsValue(nsOfMs(ms)))
  const json = (value: unknown): void => string(value === undefined ? undefined : JSON.stringify(value))
  for (const value of [event.id, event.kind, event.phase, event.stream, event.rule]) string(value)
  for (const value of [event.start, event.peak, event.end]) time(value)
  for (const value of [event.score, event.limit]) double(value)
  json(event.contributions)
  json(event.values)
  string(event.model)
  string(event.origin.split)
  appender.appendBigInt(BigInt(event.origin.position))
  json(event.data)
  appender.endRow()
}

/** ns of a time in ms; a double cannot hold ns since the Unix epoch, so the parts are converted each. @internal */
export function nsOfMs(ms: number): bigint {
  const whole = Math.floor(ms)
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6))
}

/** ms of a time in ns. @internal */
export function msOfNs(ns: bigint): number {
  const whole = ns / 1_000_000n
  return Number(whole) + Number(ns - whole * 1_000_000n) / 1e6
}
