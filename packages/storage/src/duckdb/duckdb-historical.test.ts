import * as duckdb from '@duckdb/node-api'
import { type Block, blockOf, sliceBlock } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { databaseFile, listOf, readerOn, rowsOf, sinkOn } from './fixtures/database-file.ts'

const START = 1_700_000_000_000

function scans(from: number, count: number, channels: Readonly<Record<string, string>> = { a: 'V' }): Block {
  const values = Array.from({ length: count }, (_, i) => from + i)
  const columns = Object.fromEntries(Object.keys(channels).map((name) => [name, values]))
  return blockOf({ stream: 's', channels, rate: 1000, start: START + from }, columns)
}

const late = (block: Block): Block => ({ ...block, origin: { ...block.origin, historical: true } })
const marks = 'SELECT a, historical FROM raw ORDER BY time'

async function read(path: string): Promise<[number, number, boolean | undefined][]> {
  const blocks = await listOf(readerOn(path).range({ stream: 's' }))
  return blocks.map(({ values, length, origin }) => [values[0] as number, length, origin.historical])
}

it('marks what was back-filled, before and behind what is live, and reads it back in blocks of one kind', async () => {
  const path = databaseFile()
  const sink = sinkOn(path)
  await sink.write([scans(100, 3)])
  await sink.write([late(scans(10, 4)), scans(103, 2)])
  await sink.write([late(scans(105, 2)), scans(107, 1)])
  expect(await rowsOf(path, 'SELECT count(*)::INTEGER n, count(historical)::INTEGER marked FROM raw')).toEqual([
    { n: 12, marked: 6 }
  ])
  expect(await rowsOf(path, 'SELECT a FROM raw WHERE historical ORDER BY a')).toEqual(
    [10, 11, 12, 13, 105, 106].map((a) => ({ a }))
  )
  expect(await read(path)).toEqual([
    [10, 4, true],
    [100, 5, undefined],
    [105, 2, true],
    [107, 1, undefined]
  ])
})

it('says of the newest scans that they are historical only where all of them are', async () => {
  const path = databaseFile()
  await sinkOn(path).write([scans(0, 4), late(scans(4, 3))])
  const reader = readerOn(path)
  expect((await reader.latest({ stream: 's', scans: 3 }))?.origin.historical).toBe(true)
  expect((await reader.latest({ stream: 's', scans: 4 }))?.origin.historical).toBeUndefined()
})

it('keeps tables as they are until something is back-filled, and reads those of before', async () => {
  const path = databaseFile()
  const sink = sinkOn(path)
  await sink.write([scans(0, 2)])
  const names = `SELECT column_name AS c FROM duckdb_columns() WHERE table_name = 'raw' ORDER BY column_index`
  expect((await rowsOf(path, names)).map(({ c }) => c)).toEqual(['stream', 'time', 'split', 'position', 'a'])
  expect(await read(path)).toEqual([[0, 2, undefined]])
  await sink.close()
  const again = sinkOn(path)
  await again.write([late(scans(2, 2))])
  await again.write([scans(4, 1, { a: 'V', b: 'V' })])
  expect((await rowsOf(path, names)).map(({ c }) => c)).toEqual([
    'stream',
    'time',
    'split',
    'position',
    'a',
    'historical',
    'b'
  ])
  expect(await rowsOf(path, marks)).toEqual(
    [0, 1, 2, 3, 4].map((a) => ({ a, historical: a === 2 || a === 3 ? true : null }))
  )
})

it('changes nothing that is stored: what was live stays so, and what was back-filled too', async () => {
  const path = databaseFile()
  const sink = sinkOn(path)
  const block = scans(0, 4)
  await sink.write([sliceBlock(block, 0, 2), late(sliceBlock(block, 2, 4))])
  await sink.write([late(block)])
  await sink.write([block])
  expect(await rowsOf(path, marks)).toEqual([0, 1, 2, 3].map((a) => ({ a, historical: a >= 2 ? true : null })))
})

it('gives a channel of that name another column, and refuses a table whose channel has it', async () => {
  const path = databaseFile()
  const sink = sinkOn(path)
  await sink.write([late(scans(0, 2, { a: 'V', Historical: 'V' }))])
  expect(await rowsOf(path, 'SELECT a, "Historical_" AS h, historical FROM raw')).toEqual(
    [0, 1].map((a) => ({ a, h: a, historical: true }))
  )
  const [block] = await listOf(readerOn(path).range({ stream: 's', channels: ['Historical'] }))
  expect([...(block as Block).values]).toEqual([0, 1])
  const old = databaseFile()
  const before = sinkOn(old)
  await before.write([scans(0, 2, { a: 'V', h: 'V' })])
  await before.close()
  const instance = await duckdb.DuckDBInstance.create(old)
  const connection = await instance.connect()
  await connection.run('ALTER TABLE raw RENAME COLUMN h TO historical')
  await connection.run(`UPDATE channels SET channel = 'historical', "column" = 'historical' WHERE channel = 'h'`)
  connection.closeSync()
  instance.closeSync()
  const sinkOnOld = sinkOn(old)
  const shape = { a: 'V', historical: 'V' }
  await sinkOnOld.write([scans(2, 2, shape)])
  await expect(sinkOnOld.write([late(scans(4, 2, shape))])).rejects.toThrow(
    "its table 'raw' has a channel 'historical' where back-fill is marked; choose another table"
  )
  expect(await read(old)).toEqual([[0, 4, undefined]])
})
