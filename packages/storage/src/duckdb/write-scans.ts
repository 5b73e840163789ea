import type { DuckDBConnection } from '@duckdb/node-api'
import { type Block, timeNs } from '@messwerk/core/model'
import type { ColumnPlan } from './chunk-writer.ts'
import { divide, hasTies, type Run } from './high-water-mark.ts'
import type { ScanTable } from './scan-table.ts'
import { instant, list, name, text } from './sql.ts'

interface LateScans {
  readonly block: Block
  readonly run: Run
}

/** Writes blocks into a table of scans, inside a transaction. @internal */
export async function writeScans(
  connection: DuckDBConnection,
  table: ScanTable,
  blocks: readonly Block[]
): Promise<void> {
  await table.extendFor(connection, blocks)
  const late = await appendFresh(connection, table, blocks)
  const alike = [late.filter(({ block }) => !hasTies(block)), late.filter(({ block }) => hasTies(block))]
  for (const scans of alike) if (scans.length > 0) await mergeLate(connection, table, scans)
  if (blocks.some(({ gap }) => gap !== undefined)) await writeGaps(connection, table.name, blocks)
}

async function appendFresh(
  connection: DuckDBConnection,
  table: ScanTable,
  blocks: readonly Block[]
): Promise<LateScans[]> {
  const late: LateScans[] = []
  const { writer } = table
  const appender = await connection.createAppender(table.name)
  try {
    writer.begin(appender)
    for (const block of blocks) {
      const plan = table.planOf(block.stream) as ColumnPlan
      for (const run of divide(block, table.markOf(block.stream.id))) {
        if (run.fresh) writer.add(block, plan, run.from, run.to)
        else late.push({ block, run })
      }
    }
    writer.end()
    appender.flushSync()
  } catch (error) {
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
  return late
}

/** Inserts rows that are not there yet, the first of each. */
async function mergeLate(connection: DuckDBConnection, table: ScanTable, late: readonly LateScans[]): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE late_scans AS FROM ${name(table.name)} LIMIT 0`)
  await appendLate(connection, table, late)
  const keys = late.some(({ block }) => hasTies(block)) ? ['stream', 'time', 'split', 'position'] : ['stream', 'time']
  const { from, to } = extentOf(late)
  await connection.run(`
    INSERT INTO ${name(table.name)}
    SELECT DISTINCT ON (${keys.join(', ')}) late.* FROM temp.late_scans late
    WHERE NOT EXISTS (
      SELECT 1 FROM ${name(table.name)} stored
      WHERE stored.stream IN (${list(new Set(late.map(({ block }) => block.stream.id)))})
        AND stored.time BETWEEN ${instant(from)} AND ${instant(to)}
        AND ${keys.map((key) => `stored.${key} = late.${key}`).join(' AND ')}
    )
    ORDER BY late.rowid`)
  await connection.run('DROP TABLE temp.late_scans')
}

async function appendLate(connection: DuckDBConnection, table: ScanTable, late: readonly LateScans[]): Promise<void> {
  const { writer } = table
  const appender = await connection.createAppender('late_scans', 'main', 'temp')
  try {
    writer.begin(appender)
    for (const { block, run } of late) writer.add(block, table.planOf(block.stream) as ColumnPlan, run.from, run.to)
    writer.end()
    appender.flushSync()
  } catch (error) {
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
}

function extentOf(late: readonly LateScans[]): { from: bigint; to: bigint } {
  const [{ block, run }] = late as [LateScans]
  let from = timeNs(block, run.from)
  let to = from
  for (const { block, run } of late) {
    for (let scan = run.from; scan < run.to; scan += 1) {
      const time = timeNs(block, scan)
      if (time < from) from = time
      if (time > to) to = time
    }
  }
  return { from, to }
}

async function writeGaps(connection: DuckDBConnection, table: string, blocks: readonly Block[]): Promise<void> {
  const rows = new Map<string, string>()
  for (const block of blocks) {
    if (block.gap === undefined) continue
    const key = `${text(block.stream.id)}, ${instant(timeNs(block))}`
    const scans = block.gap.scans === 'unknown' ? 'NULL' : String(block.gap.scans)
    if (!rows.has(key)) rows.set(key, `(${key}, ${scans}::BIGINT, ${text(block.gap.cause)})`)
  }
  await connection.run(`
    INSERT INTO gaps SELECT ${text(table)}, fresh.* FROM (VALUES ${[...rows.values()].join(', ')})
      fresh (stream, before, scans, cause)
    WHERE NOT EXISTS (SELECT 1 FROM gaps stored
      WHERE stored."table" = ${text(table)} AND stored.stream = fresh.stream AND stored.before = fresh.before)`)
}
