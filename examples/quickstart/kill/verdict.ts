import { existsSync, readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

export interface Verdict {
  readonly stored: number
  readonly lost: number
  /** The lost ones by the kill that came next after they were published; the last number: after the last kill. */
  readonly lostByKill: readonly number[]
  /** Readings that are there more than once. */
  readonly twice: number
  /** Missing readings that the store itself declares, an unknown number as one; undefined where the program has no notion of it. */
  readonly declared: number | undefined
}

/**
 * Compares a database with the ledger; reads it with DuckDB's own client.
 *
 * @param kills - how many readings the ledger had at each kill
 */
export async function verdict(path: string, ledger: ReadonlySet<number>, kills: readonly number[]): Promise<Verdict> {
  const database = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
  try {
    const connection = await database.connect()
    const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows() as number[][]
    const times = new Map<number, number>()
    for (const [id, count] of await rows('SELECT id::INTEGER, count(*)::INTEGER FROM readings GROUP BY ALL')) {
      times.set(id!, count!)
    }
    const missing = [...ledger].filter((id) => !times.has(id))
    const lostByKill = [...kills, Number.POSITIVE_INFINITY].map(
      (to, i) => missing.filter((id) => id < to && id >= (kills[i - 1] ?? 0)).length
    )
    const twice = [...times.values()].filter((count) => count > 1).length
    const hasGaps = (await rows(`SELECT 1 FROM duckdb_tables() WHERE table_name = 'gaps'`)).length > 0
    const [gaps] = hasGaps ? await rows('SELECT coalesce(sum(coalesce(scans, 1)), 0)::INTEGER FROM gaps') : []
    connection.closeSync()
    return {
      stored: ledger.size - missing.length,
      lost: missing.length,
      lostByKill,
      twice,
      declared: gaps?.[0]
    }
  } finally {
    database.closeSync()
  }
}

/** How many messages a pipeline has put aside. */
export function deadLetters(directory: string): number {
  const file = `${directory}/dead-letters.ndjson`
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).length : 0
}
