import { describe, expect, it } from 'vitest'
import type { Batch, Source } from '../model/index.ts'
import { timeNs, timeOf } from '../model/index.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { pushSource } from './push-source.ts'
import { rows } from './rows.ts'

const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

async function all<C extends string>(source: Source<C>, signal = new AbortController().signal): Promise<Batch<C>[]> {
  const batches: Batch<C>[] = []
  for await (const batch of source.read({ signal, from: {}, splits })) batches.push(batch)
  return batches
}

describe('pushSource', () => {
  it('makes blocks of 256 scans, and of what is there at the end', async () => {
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' } })
    for (let i = 0; i < 600; i += 1) pump.push({ a: i }, i)
    pump.end()
    const batches = await all(pump)
    expect(batches.map(({ blocks }) => blocks[0]?.length)).toEqual([256, 256, 88])
    expect(batches.map(({ position }) => position)).toEqual([255, 511, 599])
    expect(batches[1]?.blocks[0]?.values[0]).toBe(256)
    expect(timeOf(batches[1]?.blocks[0] as never)).toBe(256)
  })

  it('hands over what is collected after an age', async () => {
    const time = new VirtualTime()
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' }, block: { age: '5ms' }, scheduler: time })
    const iterator = pump.read({ signal: new AbortController().signal, from: {}, splits })[Symbol.asyncIterator]()
    const first = iterator.next()
    pump.push({ a: 1 })
    await time.advance(5)
    expect((await first).value?.blocks[0]?.length).toBe(1)
  })

  it('stamps arrivals so that they strictly increase', async () => {
    const time = new VirtualTime()
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' }, scheduler: time })
    for (let i = 0; i < 3; i += 1) pump.push({ a: i })
    pump.end()
    const block = (await all(pump))[0]?.blocks[0]
    const times = [0, 1, 2].map((i) => timeNs(block as never, i))
    expect(times.map((t) => Number(t - (times[0] as bigint)))).toEqual([0, 1, 2])
    expect(block?.time.clock).toBe('arrival')
  })

  it('drops a scan that is late and declares it', async () => {
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' } })
    pump.push({ a: 1 }, 10)
    pump.push({ a: 2 }, 9)
    pump.push({ a: 3 }, 10)
    pump.end()
    const blocks = (await all(pump)).flatMap((batch) => batch.blocks)
    expect(blocks.map((block) => [rows(block).map(({ a }) => a), block.gap])).toEqual([
      [[1], undefined],
      [[3], { scans: 1, cause: 'late' }]
    ])
  })

  it('declares what did not fit while nobody read', async () => {
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' }, buffer: '8KiB' })
    for (let i = 0; i < 2560; i += 1) pump.push({ a: i }, i)
    const reading = all(pump)
    await new Promise((resolve) => setTimeout(resolve, 1))
    pump.push({ a: 1 }, 5000)
    pump.end()
    const blocks = (await reading).flatMap((batch) => batch.blocks)
    const got = blocks.reduce((sum, { length }) => sum + length, 0)
    expect(blocks.at(-1)?.gap).toEqual({ scans: 2561 - got, cause: 'overflow' })
  })

  it('hands over what it has when it is aborted, and ends', async () => {
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' } })
    const abort = new AbortController()
    const reading = all(pump, abort.signal)
    await new Promise((resolve) => setTimeout(resolve, 1))
    pump.push({ a: 1 })
    abort.abort()
    expect((await reading).flatMap(({ blocks }) => blocks.map(({ length }) => length))).toEqual([1])
  })

  it('gives two readers the same', async () => {
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' } })
    const [one, two] = [all(pump), all(pump)]
    await new Promise((resolve) => setTimeout(resolve, 1))
    pump.push({ a: 1 }, 1)
    pump.end()
    expect((await one).length).toBe(1)
    expect((await two).length).toBe(1)
  })

  it('refuses what is not a number, a time or a channel', () => {
    const pump = pushSource({ stream: 'pump', channels: { a: 'V', b: 'V' } })
    expect(() => pump.push({ a: 1 } as never)).toThrow("push pump: push needs a number for channel 'b', got nothing")
    expect(() => pump.push({ a: 1, b: '2' } as never)).toThrow("channel 'b', got 2")
    expect(() => pump.push({ a: 1, b: 2 }, new Date('x'))).toThrow('time must be a Date or ms')
    expect(() => pushSource({ stream: 'p', channels: 'a' as never })).toThrow('must be a record of units by name')
    expect(() => pushSource({ stream: 'p', channels: {} })).toThrow('at least one channel')
    expect(() => pushSource({ stream: 'p', channels: { a: 'V' }, block: { age: '20' as never } })).toThrow(
      'block.age must be'
    )
    pump.end()
    expect(() => pump.push({ a: 1, b: 2 })).toThrow('end() was called')
  })
})
