import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { verdict } from './verdict.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'messwerk-verdict-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function database(...statements: readonly string[]): Promise<string> {
  const path = join(folder, 'readings.duckdb')
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
  return path
}

it('tells what is missing, by kill, and what is there twice', async () => {
  const path = await database(
    'CREATE TABLE readings (id INTEGER)',
    'INSERT INTO readings VALUES (0), (1), (1), (4), (7)'
  )
  const ledger = new Set([0, 1, 2, 3, 4, 5, 6, 7])
  expect(await verdict(path, ledger, [3, 6])).toEqual({
    stored: 4,
    lost: 4,
    lostByKill: [1, 2, 1],
    twice: 1,
    declared: undefined
  })
})

it('counts the declared holes, one scan at least for each', async () => {
  const path = await database(
    'CREATE TABLE readings (id DOUBLE)',
    'INSERT INTO readings VALUES (0.0)',
    'CREATE TABLE gaps (scans BIGINT)',
    'INSERT INTO gaps VALUES (3), (NULL)'
  )
  expect(await verdict(path, new Set([0]), [])).toMatchObject({ stored: 1, lost: 0, twice: 0, declared: 4 })
})
