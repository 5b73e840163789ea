import { once } from 'node:events'
import { type Block, blockOf } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { databaseFile, listOf, readerOn, rowsOf, sinkOn } from './fixtures/database-file.ts'
import { answerOf, otherProcess, readElsewhere } from './fixtures/other-process.ts'

const START = 1_700_000_000_000
const COUNT = 'SELECT count(*)::INTEGER AS n FROM raw'

function pump(from: number, scans: number): Block {
  const shape = { stream: 'pump-1', channels: { pressure: 'bar' }, rate: 1000, start: START + from }
  return blockOf(shape, { pressure: Array.from({ length: scans }, (_, i) => from + i) })
}

describe('while another process holds the file', () => {
  it('sinks and readers say which process that is', async () => {
    const path = databaseFile()
    const holder = otherProcess('hold', path)
    await answerOf(holder)
    const inUse = {
      name: 'InUseError',
      retryable: true,
      message: expect.stringContaining(`in use by process ${holder.pid}`)
    }
    await expect(sinkOn(path).open()).rejects.toMatchObject(inUse)
    await expect(sinkOn(path).write([pump(0, 1)])).rejects.toMatchObject(inUse)
    await expect(readerOn(path).latest({ stream: 'pump-1', scans: 1 })).rejects.toMatchObject(inUse)
  })

  it('a sink with `wait` gets in when it is gone', async () => {
    const path = databaseFile()
    const holder = otherProcess('hold', path)
    await answerOf(holder)
    const sink = sinkOn(path, { wait: '20s' })
    const written = sink.write([pump(0, 3)])
    holder.stdin?.end()
    await written
    expect(await rowsOf(path, COUNT)).toEqual([{ n: 3 }])
  })
})

describe('while a sink holds the file', () => {
  it('another process is kept out, and let in when the sink is closed', async () => {
    const path = databaseFile()
    const sink = sinkOn(path)
    await sink.write([pump(0, 3)])
    expect((await readElsewhere(path, COUNT)).error).toContain(`PID ${process.pid}`)
    await sink.close()
    expect(await readElsewhere(path, COUNT)).toEqual({ rows: [{ n: 3 }] })
  })

  it('`release` lets another process in between two batches', async () => {
    const path = databaseFile()
    const sink = sinkOn(path, { release: '1s' })
    let done = false
    const elsewhere = readElsewhere(path, COUNT, 15_000).finally(() => {
      done = true
    })
    let scans = 0
    while (!done) {
      await sink.write([pump(scans, 10)])
      scans += 10
    }
    const { rows } = await elsewhere
    expect(rows?.[0]?.n).toBeGreaterThan(0)
    await sink.write([pump(0, scans + 5)])
    expect(await rowsOf(path, COUNT)).toEqual([{ n: scans + 5 }])
  })

  it('`release` counts for a file that another sink has open already', async () => {
    const path = databaseFile()
    await sinkOn(path).write([pump(0, 3)])
    await sinkOn(path, { table: 'scores', release: '100ms' }).open()
    expect(await readElsewhere(path, COUNT, 15_000)).toEqual({ rows: [{ n: 3 }] })
  })

  it('`exportTo` makes a copy for it', async () => {
    const path = databaseFile()
    const copy = `${path}.copy`
    const sink = sinkOn(path)
    await sink.write([{ ...pump(0, 3000), gap: { scans: 2, cause: 'lost' } }])
    await sink.exportTo(copy)
    await sink.write([pump(3000, 1)])
    expect(await readElsewhere(copy, COUNT)).toEqual({ rows: [{ n: 3000 }] })
    await readerOn(path).exportTo(copy)
    expect(await readElsewhere(copy, COUNT)).toEqual({ rows: [{ n: 3001 }] })
    expect(await listOf(readerOn(copy).gaps())).toHaveLength(1)
  })
})

it('rows that another process wrote between two batches are not written again, even when it was killed', async () => {
  const path = databaseFile()
  const sink = sinkOn(path, { release: '100ms' })
  const reader = readerOn(path)
  await sink.write([pump(0, 3)])
  for (const [i, position] of [3, 4].entries()) {
    await expect.poll(() => readElsewhere(path, COUNT).then(({ rows }) => rows?.[0]?.n)).toBe(3 + i)
    const at = `make_timestamp_ns(${START + position}::BIGINT * 1000000)`
    const other = otherProcess('append', path, `INSERT INTO raw VALUES ('pump-1', ${at}, 'x', 0, -1)`)
    await once(other, 'exit')
    await sink.write([pump(0, position + 1)])
  }
  expect((await reader.query('SELECT pressure FROM raw ORDER BY time')).map(({ pressure }) => pressure)).toEqual([
    0, 1, 2, -1, -1
  ])
})
