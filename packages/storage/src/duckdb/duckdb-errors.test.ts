import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { blockOf } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { duckdbReader } from './duckdb-reader.ts'
import { duckdbSink } from './duckdb-sink.ts'
import { databaseFile, sinkOn } from './fixtures/database-file.ts'
import { loadDuckdb } from './load-duckdb.ts'

const block = blockOf({ stream: 's', channels: { x: '1' }, rate: 10, start: 0 }, { x: [1] })
const storageError = (why: string): object => ({
  name: 'StorageError',
  retryable: false,
  message: expect.stringContaining(why)
})

describe('wrong options', () => {
  const cases: [string, () => unknown, Error][] = [
    [
      'no path',
      () => duckdbSink({ path: '', table: 'raw' }),
      new TypeError('duckdbSink: path must be the name of a file, got ""')
    ],
    [
      'a database in memory',
      () => duckdbReader({ path: ':memory:', table: 'raw' }),
      new TypeError('duckdbReader: path must be the name of a file, got ":memory:"')
    ],
    [
      'no table',
      () => duckdbSink({ path: 'a.duckdb', table: '' }),
      new TypeError('duckdbSink: table must be a non-empty string, got ""')
    ],
    [
      'a table that is taken',
      () => duckdbSink({ path: 'a.duckdb', table: 'Gaps' }),
      new RangeError("duckdbSink: table must not be one of streams, channels, gaps, got 'Gaps'")
    ]
  ]
  it.each(cases)('%s', (_, make, error) => expect(make).toThrow(error))

  it('spans of time', () => {
    // @ts-expect-error a bare number is never a time
    expect(() => duckdbSink({ path: 'a.duckdb', table: 'raw', release: 5 })).toThrow(/duckdbSink: release/)
    // @ts-expect-error '1m' could be a minute or a month
    expect(() => duckdbSink({ path: 'a.duckdb', table: 'raw', wait: '1m' })).toThrow(/duckdbSink: wait/)
    // @ts-expect-error a time, not a number of scans
    expect(() => duckdbReader({ path: 'a.duckdb', table: 'raw', wait: { scans: 3 } })).toThrow(/duckdbReader: wait/)
  })
})

describe('places where there is no database', () => {
  it('a file of something else', async () => {
    const path = databaseFile()
    writeFileSync(path, 'time;force\n'.repeat(5000))
    await expect(sinkOn(path).open()).rejects.toMatchObject(storageError(`${path}: is not a DuckDB file`))
  })

  it('a folder that does not exist', async () => {
    const path = join(dirname(databaseFile()), 'nowhere', 'plant.duckdb')
    await expect(sinkOn(path).write([block])).rejects.toMatchObject(storageError(`'${dirname(path)}' does not exist`))
  })

  it('a folder', async () => {
    const path = databaseFile()
    mkdirSync(path)
    await expect(sinkOn(path).open()).rejects.toMatchObject(storageError('is a folder, not a file'))
  })

  it.skipIf(process.getuid?.() === 0)(
    'a folder without permission (skipped as root, who may do anything)',
    async () => {
      const path = databaseFile()
      chmodSync(dirname(path), 0o500)
      await expect(sinkOn(path).open()).rejects.toMatchObject(storageError('no permission'))
    }
  )

  it('a copy into a folder that does not exist, or onto the database itself', async () => {
    const path = databaseFile()
    const sink = sinkOn(path)
    await expect(sink.exportTo(join(path, 'copy'))).rejects.toMatchObject(storageError('does not exist'))
    await expect(sink.exportTo(path)).rejects.toThrow(RangeError)
  })

  it('a sink may be tried again afterwards', async () => {
    const path = databaseFile()
    mkdirSync(path)
    const sink = sinkOn(join(path, 'deeper', 'plant.duckdb'))
    await expect(sink.write([block])).rejects.toMatchObject(storageError('does not exist'))
    mkdirSync(join(path, 'deeper'))
    await sink.write([block])
  })
})

it('says what to install when the client library is missing', async () => {
  const missing = (): Promise<never> => Promise.reject(new Error('Cannot find package'))
  await expect(loadDuckdb(undefined, missing)).rejects.toMatchObject({
    name: 'MissingDependencyError',
    message: expect.stringContaining('@duckdb/node-api'),
    cause: expect.objectContaining({ message: 'Cannot find package' })
  })
})
