import { describe, expect, it } from 'vitest'
import { until } from './fixtures/reader.ts'
import { broker, message, publishAndTake, readerOf, running, sourceOn } from './fixtures/source-bench.ts'

describe('the window', () => {
  it('is never exceeded, and goes on after a commit', async () => {
    const on = await broker({ window: 65_535 })
    const reader = readerOf(sourceOn(on, { window: 10 }), { commits: false })
    await running(reader)
    for (let t = 0; t < 35; t += 1) on.publish('line/m1', message(t))
    await until(() => reader.values.length >= 10, 'a full window')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(reader.values.length).toBe(10)
    expect(reader.hurries).toBeGreaterThan(0)
    for (const full of [20, 30, 35]) {
      await reader.commitAll()
      await until(() => reader.values.length === full, `${full} values`)
    }
    expect(reader.values).toEqual(Array.from({ length: 35 }, (_, i) => i))
  })

  it('that is full for longer than the keepalive keeps the connection', async () => {
    const on = await broker({ window: 65_535 })
    const reader = readerOf(sourceOn(on, { window: 5, keepalive: '1s' }), { commits: false })
    await running(reader)
    // so large that the socket is no longer read, and the answers to pings neither
    const large = (t: number) => JSON.stringify({ ts: 1000 + t, t, more: 'x'.repeat(200_000) })
    for (let t = 0; t < 12; t += 1) on.publish('line/m1', large(t))
    await until(() => reader.values.length === 5, 'a full window')
    const pings = () => on.received.filter(({ cmd }) => cmd === 'pingreq').length
    const before = pings()
    await new Promise((resolve) => setTimeout(resolve, 2200))
    expect(reader.error).toBeUndefined()
    expect(reader.states.at(-1)).toBe('running')
    expect(pings()).toBeGreaterThan(before)
    await reader.commitAll()
    await until(() => reader.values.length === 10, 'the next ones')
    expect(on.connections).toBe(1)
  })

  it('that kept messages fill together with the welcome keeps the connection, too', async () => {
    const on = await broker({ window: 65_535 })
    const first = readerOf(sourceOn(on))
    await running(first)
    await first.stop()
    for (let t = 0; t < 5; t += 1) on.publish('line/m1', message(t))
    for (let t = 5; t < 12; t += 1)
      on.publish('line/m1', JSON.stringify({ ts: 1000 + t, t, more: 'x'.repeat(200_000) }))
    const reader = readerOf(sourceOn(on, { window: 5, keepalive: '1s' }), { commits: false })
    await until(() => reader.values.length === 5, 'a full window')
    expect(reader.states).toEqual(['connecting', 'running']) // before the subscription is answered: data flows
    await new Promise((resolve) => setTimeout(resolve, 2200))
    expect(reader.error).toBeUndefined()
    for (const full of [10, 12]) {
      await reader.commitAll()
      await until(() => reader.values.length === full, `${full} values`)
    }
    expect(on.connections).toBe(2)
  })

  it('of a pipeline that does not ask is bounded in bytes, for QoS 0 too', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on, { qos: 0, buffer: '4KiB' }))
    await running(reader)
    reader.pause()
    on.publish('line/m1', message(0), { qos: 0 })
    await until(() => reader.values.length === 1, 'the first')
    for (let t = 1; t <= 500; t += 1) on.publish('line/m1', message(t), { qos: 0 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    reader.resume()
    await until(() => reader.values.length === 501, 'all of them')
    const sizes = reader.batches.map(({ blocks }) => blocks.reduce((sum, { length }) => sum + length, 0))
    expect(Math.max(...sizes)).toBeLessThan(80)
    expect(reader.values).toEqual(Array.from({ length: 501 }, (_, i) => i))
  })

  it('asks for a checkpoint when a 3.1.1 broker stops for want of acknowledgements', async () => {
    const on = await broker({ window: 20 })
    const reader = readerOf(sourceOn(on, { version: 4 }), { commits: false })
    await running(reader)
    for (let t = 0; t < 40; t += 1) on.publish('line/m1', message(t))
    await until(() => reader.hurries > 0, 'a hurry')
    expect(reader.values.length).toBe(20)
  })
})

describe('a broker that waits for acknowledgements', () => {
  it('is found out by its answers, and gets an early checkpoint', async () => {
    const on = await broker({ window: 3 })
    const reader = readerOf(sourceOn(on), { commits: false })
    await running(reader)
    for (let t = 0; t < 30; t += 1) on.publish('line/m1', message(t))
    await until(() => reader.values.length === 3, 'its window')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(reader.hurries).toBe(0)
    await reader.commitAll()
    await until(() => reader.values.length === 6, 'its answer')
    await until(() => reader.hurries === 1, 'a hurry')
    await reader.commitAll()
    await until(() => reader.hurries === 2, 'another')
  })

  it('is not suspected when it has nothing to send', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on), { commits: false })
    await running(reader)
    for (let t = 0; t < 3; t += 1) {
      await publishAndTake(on, reader, [t])
      await new Promise((resolve) => setTimeout(resolve, 20))
      await reader.commitAll()
      await new Promise((resolve) => setTimeout(resolve, 80))
    }
    expect(reader.hurries).toBe(0)
  })
})
