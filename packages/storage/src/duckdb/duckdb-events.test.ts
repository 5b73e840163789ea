import { blockOf, type MeasurementEvent } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { databaseFile, listOf, readerOn, rowsOf, sinkOn } from './fixtures/database-file.ts'

const START = 1_700_000_000_000

function event(change: Partial<MeasurementEvent> = {}): MeasurementEvent {
  return {
    id: 'press-3/score/1',
    kind: 'anomaly',
    phase: 'begin',
    stream: 'press-3',
    rule: 'score',
    start: START + 0.25,
    score: 7.5,
    limit: 6,
    contributions: { force_x: 5, force_y: 2.5 },
    values: { force_x: { value: 4.2, unit: 'kN', lower: 2.9, upper: 3.3 } },
    model: 'robustZ 1',
    origin: { split: 'press-3', position: 12 },
    data: { note: "it's", list: [1, null] },
    ...change
  }
}

const ended = event({ phase: 'end', peak: START + 100, end: START + 350, score: 9 })

it('gives events back as they were', async () => {
  const path = databaseFile()
  const sink = sinkOn(path, { table: 'alarms' })
  const bare: MeasurementEvent = {
    id: 'n',
    kind: 'notice',
    phase: 'end',
    stream: 's',
    rule: 'gap',
    start: START,
    origin: { split: 's', position: 0 }
  }
  await sink.write([event(), bare])
  expect(await listOf(readerOn(path, 'alarms').events())).toEqual([bare, event()])
})

it('holds an event once: its end replaces its beginning, and a beginning never replaces an end', async () => {
  const path = databaseFile()
  const sink = sinkOn(path, { table: 'alarms' })
  const all = (): Promise<MeasurementEvent[]> => listOf(readerOn(path, 'alarms').events())
  await sink.write([event()])
  await sink.write([event({ score: 8 })])
  expect(await all()).toEqual([event({ score: 8 })])
  await sink.write([ended])
  expect(await all()).toEqual([ended])
  await sink.write([event()])
  await sink.write([ended, event(), event({ id: 'other' })])
  expect(await all()).toEqual([event({ id: 'other' }), ended])
  await sink.close()
  await sinkOn(path, { table: 'alarms' }).write([event()])
  expect(await all()).toEqual([event({ id: 'other' }), ended])
})

it('keeps the end of an event whose beginning comes behind it in the same batch', async () => {
  const path = databaseFile()
  await sinkOn(path, { table: 'alarms' }).write([ended, event()])
  expect(await listOf(readerOn(path, 'alarms').events())).toEqual([ended])
})

it('reads the events that meet a period', async () => {
  const path = databaseFile()
  const [second, minute] = [1000, 60_000]
  const list = [
    event({ id: 'before', start: START, end: START + second, phase: 'end' }),
    event({ id: 'into', start: START + second, end: START + minute + second, phase: 'end' }),
    event({ id: 'open', start: START + 2 * second }),
    event({ id: 'within', start: START + minute + second, end: START + minute + 2 * second, phase: 'end' }),
    event({ id: 'after', start: START + 2 * minute }),
    event({ id: 'elsewhere', stream: 'fan', start: START + minute })
  ]
  await sinkOn(path, { table: 'alarms' }).write(list)
  const met = await listOf(
    readerOn(path, 'alarms').events({ from: START + minute, to: new Date(START + 2 * minute), stream: 'press-3' })
  )
  expect(met.map(({ id }) => id)).toEqual(['into', 'open', 'within'])
})

it('has no events and no gaps before the first', async () => {
  const path = databaseFile()
  await sinkOn(path).open()
  expect(await listOf(readerOn(path, 'alarms').events())).toEqual([])
  expect(await listOf(readerOn(path, 'alarms').gaps())).toEqual([])
})

it('keeps scans and events in tables of their own', async () => {
  const path = databaseFile()
  const block = blockOf({ stream: 's', channels: { x: '1' }, rate: 10, start: START }, { x: [1] })
  await sinkOn(path).write([block])
  await sinkOn(path, { table: 'alarms' }).write([event()])
  const kind = { name: 'StorageError', retryable: false }
  await expect(sinkOn(path).write([event()])).rejects.toMatchObject({
    ...kind,
    message: expect.stringContaining("'raw' does not hold events")
  })
  await expect(sinkOn(path, { table: 'alarms' }).write([block])).rejects.toMatchObject({
    ...kind,
    message: expect.stringContaining("'alarms' does not hold scans")
  })
  await expect(sinkOn(path, { table: 'new' }).write([block, event()])).rejects.toMatchObject({
    ...kind,
    message: expect.stringContaining('cannot hold both')
  })
  await expect(listOf(readerOn(path, 'alarms').range({ stream: 's' }))).rejects.toMatchObject({
    ...kind,
    message: expect.stringContaining("there is no table 'alarms' of scans; it has: raw")
  })
  expect(await rowsOf(path, 'SELECT count(*) AS n FROM raw')).toEqual([{ n: '1' }])
})
