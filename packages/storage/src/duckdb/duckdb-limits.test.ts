import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import * as duckdb from '@duckdb/node-api'
import { type Block, blockOf, sliceBlock } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { databaseFile, rowsOf, sinkOn } from './fixtures/database-file.ts'
import type { DuckdbLibrary } from './load-duckdb.ts'

const START = 1_700_000_000_000
const root = resolve(import.meta.dirname, '../../../..')

function wide(channels: number, scans: number): Block {
  const names = Array.from({ length: channels }, (_, c) => `c${c}`)
  const values = Array.from({ length: scans }, (_, i) => Math.sin(i * 12.9898))
  const shape = {
    stream: 's',
    channels: Object.fromEntries(names.map((name) => [name, 'V'])),
    rate: 1000,
    start: START
  }
  return blockOf(shape, Object.fromEntries(names.map((name) => [name, values])))
}

/** The client library with an appender that fails at a chunk, counted over all of them. */
function failingAt(failing: number): DuckdbLibrary {
  let chunks = 0
  const faulty = (connection: duckdb.DuckDBConnection): duckdb.DuckDBConnection => {
    const create = connection.createAppender.bind(connection)
    connection.createAppender = async (...target) => {
      const appender = await create(...target)
      const append = appender.appendDataChunk.bind(appender)
      appender.appendDataChunk = (chunk) => {
        chunks += 1
        if (chunks === failing) throw new Error('pulled the plug')
        append(chunk)
      }
      return appender
    }
    return connection
  }
  const fromCache: typeof duckdb.DuckDBInstance.fromCache = async (...place) => {
    const instance = await duckdb.DuckDBInstance.fromCache(...place)
    const wrapped = { connect: async () => faulty(await instance.connect()), closeSync: () => instance.closeSync() }
    return wrapped as unknown as duckdb.DuckDBInstance
  }
  return { ...duckdb, DuckDBInstance: { fromCache } } as unknown as DuckdbLibrary
}

it.each([1, 2, 3, 4])(
  'an appender that fails at chunk %i leaves nothing behind, and the sink usable',
  async (chunk) => {
    const path = databaseFile()
    const sink = sinkOn(path, { lib: failingAt(chunk + 1) })
    const all = wide(2, 5000)
    await sink.write([sliceBlock(all, 100, 200)])
    const gapped: Block = { ...all, gap: { scans: 7, cause: 'lost' } }
    const more = { ...wide(3, 4000), time: { ...all.time, start: all.time.start + 5_000_000_000n } } as Block
    await expect(sink.write([gapped, more])).rejects.toMatchObject({
      name: 'StorageError',
      cause: { message: 'pulled the plug' }
    })
    expect(
      await rowsOf(path, 'SELECT count(*)::INTEGER AS n, (SELECT count(*)::INTEGER FROM gaps) AS gaps FROM raw')
    ).toEqual([{ n: 100, gaps: 0 }])
    await sink.write([gapped, more])
    await sink.write([gapped, more])
    const count =
      'SELECT count(*)::INTEGER AS n, count(DISTINCT time)::INTEGER AS times, count(c2)::INTEGER AS late FROM raw'
    expect(await rowsOf(path, count)).toEqual([{ n: 9000, times: 9000, late: 4000 }])
  }
)

it('too little memory for a wide table is said so, and nothing is written', async () => {
  const path = databaseFile()
  const sink = sinkOn(path, { memory: '16MiB' })
  await sink.write([wide(100, 10)])
  await expect(sink.write([wide(100, 20_000)])).rejects.toMatchObject({
    name: 'StorageError',
    retryable: false,
    message: expect.stringContaining('raise the option memory')
  })
  expect(await rowsOf(path, 'SELECT count(*)::INTEGER AS n FROM raw')).toEqual([{ n: 10 }])
})

it.skipIf(process.platform === 'win32')('a file that may not grow any further is a full disk', async () => {
  const program = resolve(import.meta.dirname, 'fixtures/limited-process.ts')
  const limited = 'ulimit -f 8192; exec "$0" --import tsx "$1" "$2"' // 8192 KiB
  const args = ['-c', limited, process.execPath, program, databaseFile()]
  const { stdout } = await promisify(execFile)('bash', args, { cwd: root })
  const said = JSON.parse(stdout) as Record<string, unknown>
  expect(said).toMatchObject({
    name: 'StorageError',
    retryable: true,
    message: expect.stringContaining('the disk is full')
  })
  expect(said.written).toBeGreaterThan(0)
  expect(said.stored).toBe(said.written)
})
