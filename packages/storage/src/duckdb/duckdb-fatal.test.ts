import * as duckdb from '@duckdb/node-api'
import { blockOf } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { databaseFile, rowsOf, sinkOn } from './fixtures/database-file.ts'
import type { DuckdbLibrary } from './load-duckdb.ts'

/** The client library with a database that refuses everything after its second commit. */
function invalidatedAtSecondCommit(): { lib: DuckdbLibrary; opened: () => number } {
  let opened = 0
  let commits = 0
  const fromCache: typeof duckdb.DuckDBInstance.fromCache = async (...place) => {
    opened += 1
    let invalid = false
    const instance = await duckdb.DuckDBInstance.fromCache(...place)
    const connect = async (): Promise<duckdb.DuckDBConnection> => {
      const connection = await instance.connect()
      const run = connection.run.bind(connection)
      connection.run = async (sql) => {
        if (sql === 'COMMIT') commits += 1
        invalid ||= sql === 'COMMIT' && commits === 2
        if (invalid) throw new Error('FATAL Error: the database has been invalidated because of a previous fatal error')
        return run(sql)
      }
      return connection
    }
    return { connect, closeSync: () => instance.closeSync() } as unknown as duckdb.DuckDBInstance
  }
  return { lib: { ...duckdb, DuckDBInstance: { fromCache } } as unknown as DuckdbLibrary, opened: () => opened }
}

it('opens the file anew when DuckDB refuses to go on, and the write can be repeated', async () => {
  const path = databaseFile()
  const { lib, opened } = invalidatedAtSecondCommit()
  const sink = sinkOn(path, { lib })
  const batch = (from: number) => {
    const shape = { stream: 's', channels: { x: '1' }, rate: 1000, start: from }
    return [blockOf(shape, { x: [from, from + 1] })]
  }
  await sink.write(batch(0))
  await expect(sink.write(batch(2))).rejects.toMatchObject({ name: 'StorageError', retryable: true })
  await sink.write(batch(2))
  expect(opened()).toBe(2)
  await sink.close()
  expect(await rowsOf(path, 'SELECT x FROM raw ORDER BY x')).toEqual([{ x: 0 }, { x: 1 }, { x: 2 }, { x: 3 }])
})
