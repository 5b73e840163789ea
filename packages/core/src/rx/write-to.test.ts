import { from, lastValueFrom, NEVER, reduce, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { NotConnectedError, StorageError } from '../model/index.ts'
import { until } from '../pipeline/fixtures/test-doubles.ts'
import { recordingSink } from '../testing/recording-sink.ts'
import { writeTo } from './write-to.ts'

const away = (): NotConnectedError => new NotConnectedError('tcp://store')

it('repeats a write where that may help, only what is not durable, and reports each durable item once', async () => {
  const sink = recordingSink<number>()
  const tries = new Map<number, number>()
  sink.refuse((item) => {
    tries.set(item, (tries.get(item) ?? 0) + 1)
    return item % 2 === 0 && tries.get(item) === 1 ? away() : undefined
  })
  const written = await lastValueFrom(from([1, 2, 3, 4]).pipe(writeTo(sink), toArray()))
  expect(sink.items).toEqual([1, 3, 2, 4])
  expect(written).toEqual([
    { items: 2, bytes: 2000 },
    { items: 2, bytes: 2000 }
  ])
})

it('waits for a sink that is not there yet', async () => {
  const sink = recordingSink<number>()
  let opened = 0
  sink.open = async () => {
    opened += 1
    if (opened === 1) throw away()
  }
  const total = reduce<{ items: number }, number>((sum, { items }) => sum + items, 0)
  expect(await lastValueFrom(from([1, 2, 3]).pipe(writeTo(sink), total))).toBe(3)
})

it('ends in the error of an item that the sink refuses, and says nothing of options it does not have', async () => {
  const sink = recordingSink<number>()
  const bad = new StorageError('store', 'no such column', false)
  sink.refuse((item) => (item === 2 ? bad : undefined))
  await expect(lastValueFrom(from([1, 2, 3]).pipe(writeTo(sink)))).rejects.toBe(bad)
})

it('closes the sink at once when nobody listens any more, even while it is away', async () => {
  const sink = recordingSink<number>()
  sink.open = () => Promise.reject(away())
  NEVER.pipe(writeTo(sink)).subscribe().unsubscribe()
  await until(() => sink.closed === 1)
})
