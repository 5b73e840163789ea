import { type Block, blockOf, column, defineStream, Quality, sliceBlock } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { databaseFile, listOf, readerOn, rowsOf, sinkOn } from './fixtures/database-file.ts'

const START = 1_700_000_000_000

function pump(pressure: readonly number[], start = START): Block {
  return blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 1000, start }, { pressure })
}

describe('what is stored of a block', () => {
  it('is a row for each scan and a column for each channel', async () => {
    const path = databaseFile()
    const shape = { stream: 'pump-1', channels: { pressure: 'bar', current: 'A' }, rate: 1000, start: START }
    await sinkOn(path).write([blockOf(shape, { pressure: [3, 4], current: [1, 2] })])
    const columns = await rowsOf(path, 'SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = $$raw$$')
    expect(columns.map(({ column_name, data_type }) => `${column_name} ${data_type}`)).toEqual([
      'stream VARCHAR',
      'time TIMESTAMP_NS',
      'split VARCHAR',
      'position BIGINT',
      'pressure DOUBLE',
      'current DOUBLE'
    ])
    expect(await rowsOf(path, 'SELECT pressure, current FROM raw')).toEqual([
      { pressure: 3, current: 1 },
      { pressure: 4, current: 2 }
    ])
    expect(await rowsOf(path, 'SELECT channel, "column", unit FROM channels')).toEqual([
      { channel: 'pressure', column: 'pressure', unit: 'bar' },
      { channel: 'current', column: 'current', unit: 'A' }
    ])
  })

  it('keeps times to the ns, also before 1970 and on an axis whose period is no whole ns', async () => {
    const path = databaseFile()
    const stream = defineStream({ id: 'old', channels: [{ name: 'x', unit: '1' }] })
    const time = { start: -1_500_000_001n, clock: 'device', uncertainty: 0, offsets: Float64Array.of(0, 1, 9e12 + 1) }
    const origin = { split: 'old', position: 2 ** 53 - 1, positions: Float64Array.of(-1, 2 ** 40, 2 ** 53 - 1) }
    const values = Float64Array.of(1, 2, 3)
    const old = { stream, length: 3, values, time, quality: undefined, gap: undefined, origin } as Block
    const third = blockOf({ stream: 'third', channels: { x: '1' }, rate: 3000, start: START }, { x: [1, 2, 3] })
    await sinkOn(path).write([old, third])
    const rows = await rowsOf(path, 'SELECT epoch_ns(time) AS ns, position FROM raw ORDER BY stream, time')
    expect(rows.map(({ ns }) => ns)).toEqual([
      '-1500000001',
      '-1500000000',
      '8998500000000',
      '1700000000000000000',
      '1700000000000333333',
      '1700000000000666667'
    ])
    expect(rows.slice(0, 3).map(({ position }) => position)).toEqual(['-1', '1099511627776', '9007199254740991'])
  })

  it('stores NaN as NULL and every other value to the bit, over more than one chunk of rows', async () => {
    const path = databaseFile()
    const sink = sinkOn(path)
    const odd = [Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 0.1]
    const first = Array.from({ length: 5000 }, (_, i) => odd[i % odd.length] as number)
    const second = Array.from({ length: 5000 }, (_, i) => odd[(i + 1) % odd.length] as number)
    const third = Array.from({ length: 5000 }, (_, i) => i)
    await sink.write([pump(first)])
    await sink.write([pump(second, START + 5000)])
    await sink.write([pump(third, START + 10_000)])
    const reader = readerOn(path)
    const back = await reader.latest({ stream: 'pump-1', scans: 15_000 })
    expect(column(back as Block, 'pressure')).toEqual(Float64Array.from([...first, ...second, ...third]))
    const [{ missing }] = (await rowsOf(path, 'SELECT count(*) - count(pressure) AS missing FROM raw')) as [
      { missing: string }
    ]
    expect(Number(missing)).toBe([...first, ...second].filter(Number.isNaN).length)
  })

  it('keeps the quality of values that are not good beside them', async () => {
    const path = databaseFile()
    const good = pump([1, 2])
    const doubtful = {
      ...pump([3, Number.NaN, 5], START + 2),
      quality: Uint8Array.of(Quality.uncertain, Quality.missing, Quality.good)
    }
    await sinkOn(path).write([good, doubtful])
    const rows = await rowsOf(path, 'SELECT pressure, "pressure.quality" AS quality FROM raw ORDER BY time')
    expect(rows.map(({ quality }) => quality)).toEqual([null, null, 1, 3, null])
    const back = (await readerOn(path).latest({ stream: 'pump-1', scans: 3 })) as Block
    expect(back.quality).toEqual(doubtful.quality)
  })

  it('gives channels that come later a column of their own; rows before them have NULL', async () => {
    const path = databaseFile()
    const sink = sinkOn(path)
    const more = { stream: 'pump-1', channels: { pressure: 'bar', current: 'A' }, rate: 1000, start: START + 2 }
    await sink.write([pump([1, 2]), blockOf(more, { pressure: [3], current: [30] }), pump([4], START + 3)])
    await sink.write([
      blockOf({ stream: 'fan', channels: { speed: 'rpm' }, rate: 1000, start: START }, { speed: [900] })
    ])
    expect(await rowsOf(path, 'SELECT stream, pressure, current, speed FROM raw ORDER BY ALL')).toEqual([
      { stream: 'fan', pressure: null, current: null, speed: 900 },
      { stream: 'pump-1', pressure: 1, current: null, speed: null },
      { stream: 'pump-1', pressure: 2, current: null, speed: null },
      { stream: 'pump-1', pressure: 3, current: 30, speed: null },
      { stream: 'pump-1', pressure: 4, current: null, speed: null }
    ])
  })

  it('finds another name for a channel whose name is taken, the same in every stream and after a restart', async () => {
    const path = databaseFile()
    const axis = (stream: string): Block =>
      blockOf(
        { stream, channels: { position: 'mm', Position: 'mm', 'x.quality': '1' }, rate: 1000, start: START },
        { position: [1], Position: [2], 'x.quality': [3] }
      )
    const first = sinkOn(path)
    await first.write([axis('a')])
    await first.close()
    await sinkOn(path).write([axis('b')])
    const columns = await rowsOf(path, 'SELECT stream, channel, "column" FROM channels ORDER BY stream, "order"')
    expect(columns.slice(0, 3).map(({ column }) => column)).toEqual(['position_', 'Position__', 'x.quality_'])
    expect(columns.slice(3).map(({ column }) => column)).toEqual(['position_', 'Position__', 'x.quality_'])
    const back = (await readerOn(path).latest({ stream: 'b', scans: 1 })) as Block
    expect(back.stream.channels.map(({ name }) => name)).toEqual(['position', 'Position', 'x.quality'])
    expect([...back.values]).toEqual([1, 2, 3])
  })

  it('takes any text for names', async () => {
    const path = databaseFile()
    const name = `o'neill "5" ; DROP TABLE raw --`
    const block = blockOf({ stream: name, channels: { [name]: 'V' }, rate: 10, start: START }, { [name]: [1.5] })
    const sink = sinkOn(path, { table: name })
    await sink.write([{ ...block, gap: { scans: 3, cause: 'lost' } }])
    await sink.write([block])
    const back = (await readerOn(path, name).latest({ stream: name, scans: 9 })) as Block
    expect([...column(back, name)]).toEqual([1.5])
  })

  it('stores each gap once', async () => {
    const path = databaseFile()
    const sink = sinkOn(path)
    const gapped: Block = { ...pump([1, 2, 3]), gap: { scans: 1000, cause: 'sequence' } }
    await sink.write([gapped, { ...pump([9], START + 9), gap: { scans: 'unknown', cause: 'reconnect' } }])
    await sink.write([sliceBlock(gapped, 0, 2)])
    expect(await listOf(readerOn(path).gaps())).toEqual([
      { stream: 'pump-1', before: START, scans: 1000, cause: 'sequence' },
      { stream: 'pump-1', before: START + 9, scans: 'unknown', cause: 'reconnect' }
    ])
  })
})

describe('sinks of one file', () => {
  it('write raw data, scores and events side by side', async () => {
    const path = databaseFile()
    const [raw, scores, events] = [
      sinkOn(path),
      sinkOn(path, { table: 'scores' }),
      sinkOn(path, { table: 'alarms' })
    ] as const
    const score = blockOf({ stream: 'pump-1', channels: { score: '1' }, rate: 10, start: START }, { score: [7] })
    const origin = { split: 'pump-1', position: 1 }
    const event = { kind: 'anomaly', phase: 'begin', stream: 'pump-1', rule: 'score', start: START, origin } as const
    await Promise.all([raw.write([pump([1, 2])]), scores.write([score]), events.write([{ id: 'e', ...event }])])
    await raw.close()
    await scores.write([score])
    const count =
      'SELECT (SELECT count(*) FROM raw) r, (SELECT count(*) FROM scores) s, (SELECT count(*) FROM alarms) e'
    expect(await rowsOf(path, count)).toEqual([{ r: '2', s: '1', e: '1' }])
  })

  it('may be two of one table', async () => {
    const path = databaseFile()
    const [one, two] = [sinkOn(path), sinkOn(path)] as const
    const block = pump(Array.from({ length: 3000 }, (_, i) => i))
    await Promise.all([one.write([block]), two.write([block]), one.write([sliceBlock(block, 7, 9)])])
    expect(await rowsOf(path, 'SELECT count(*) AS n FROM raw')).toEqual([{ n: '3000' }])
  })

  it('close only when what was asked for is done', async () => {
    const path = databaseFile()
    const sink = sinkOn(path)
    let done = 0
    for (const i of [0, 1, 2]) void sink.write([pump([i], START + i)]).then(() => (done += 1))
    await sink.close()
    expect(done).toBe(3)
    expect(await rowsOf(path, 'SELECT count(*) AS n FROM raw')).toEqual([{ n: '3' }])
  })
})

it('changes nothing when a write fails', async () => {
  const path = databaseFile()
  const sink = sinkOn(path)
  await sink.write([pump([1])])
  const other = blockOf(
    { stream: 'pump-1', channels: { pressure: 'kPa' }, rate: 1000, start: START + 5 },
    { pressure: [1] }
  )
  const fan = blockOf({ stream: 'fan', channels: { speed: 'rpm' }, rate: 1000, start: START }, { speed: [900] })
  await expect(sink.write([fan, pump([2], START + 1), other])).rejects.toMatchObject({
    name: 'StorageError',
    retryable: false,
    message: expect.stringContaining(
      "'pressure' of stream 'pump-1' is stored in 'bar' and cannot be continued in 'kPa'"
    )
  })
  expect(await rowsOf(path, 'SELECT * EXCLUDE (time) FROM raw')).toEqual([
    { stream: 'pump-1', split: 'pump-1', position: '0', pressure: 1 }
  ])
  await sink.write([fan, pump([2], START + 1)])
  expect(await rowsOf(path, 'SELECT pressure, speed FROM raw ORDER BY ALL')).toEqual([
    { pressure: 1, speed: null },
    { pressure: 2, speed: null },
    { pressure: null, speed: 900 }
  ])
})

it('makes the file also for a copy of nothing', async () => {
  const path = databaseFile()
  await sinkOn(path).exportTo(`${path}.copy`)
  expect(await rowsOf(`${path}.copy`, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

it('stops waiting when it is told to', async () => {
  const path = databaseFile()
  const sink = sinkOn(path)
  await expect(sink.write([pump([1])], AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  await sink.write([pump([1])])
  expect(await rowsOf(path, 'SELECT count(*) AS n FROM raw')).toEqual([{ n: '1' }])
})
