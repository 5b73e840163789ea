import { VirtualTime } from '@messwerk/core/testing'
import { describe, expect, it, vi } from 'vitest'
import { QuietServer } from './fixtures/quiet-server.ts'
import { Reader } from './fixtures/read-opcua.ts'
import { opcuaSource } from './opcua-source.ts'

vi.setConfig({ testTimeout: 120_000 }) // a day of timers, also on a busy machine

const HOUR = 3_600_000

async function start() {
  const time = new VirtualTime()
  const server = new QuietServer(time, 5000)
  const source = opcuaSource({
    url: 'opc.tcp://quiet:4840',
    security: 'None',
    streams: { press: { value: 'nsu=urn:quiet;s=value' } },
    publishing: '5s',
    lib: server.lib,
    scheduler: time
  })
  const reader = new Reader(source)
  await reader.until(() => server.waiting.length > 0, 'publish requests')
  await time.advance(60_000)
  /** Of everything that is kept from one keep-alive to the next. */
  const sizes = () => ({
    timers: time.pending,
    requests: server.waiting.length,
    unacknowledged: server.unacknowledged.size,
    listeners: server.session.eventNames().reduce((sum, name) => sum + server.session.listenerCount(name), 0),
    reports: reader.reports.length
  })
  return { time, server, source, reader, sizes }
}

describe('a day of an OPC UA source', () => {
  it('with keep-alives only leaves nothing behind', async () => {
    const { time, server, reader, source, sizes } = await start()
    const before = sizes()
    expect(before).toMatchObject({ requests: 3, unacknowledged: 0, reports: 2 })
    for (let hour = 0; hour < 24; hour += 1) {
      await time.advance(HOUR)
      expect(sizes()).toEqual(before)
    }
    expect(server.keepAlives).toBeGreaterThan((24 * HOUR) / 5000 - 10)
    expect(server.mostAcks).toBe(1)
    expect(source.counters()).toEqual({ notifications: 1, republished: 0, missing: 0, takenOver: 0 })
    await reader.stop()
    expect(time.pending).toBe(1) // of the server
  })

  it('with a value an hour, each second one lost on the way, acknowledges each and leaves nothing behind', async () => {
    const { time, server, reader, source, sizes } = await start()
    const before = sizes()
    for (let hour = 1; hour <= 24; hour += 1) {
      server.losesNext = hour % 2 === 0
      server.change(hour)
      await time.advance(HOUR)
      // while one is lost, two intervals are silent: that is said
      expect(sizes()).toEqual(Object.assign({}, before, { reports: 2 + 2 * Math.floor(hour / 2) }))
    }
    expect(reader.values('value')).toEqual(Array.from({ length: 25 }, (_, i) => i))
    expect(source.counters()).toEqual({ notifications: 25, republished: 12, missing: 0, takenOver: 0 })
    await reader.stop()
  })

  it('for which nobody asks keeps its subscription alive, and asks for nothing', async () => {
    const { time, server, reader, sizes } = await start()
    let open = (): void => {}
    reader.gate = new Promise((resolve) => {
      open = resolve
    })
    for (let i = 1; i <= 8; i += 1) {
      server.change(i)
      await time.advance(5000)
    }
    expect(server.waiting.length).toBe(0)
    const before = sizes()
    for (let hour = 0; hour < 24; hour += 1) {
      await time.advance(HOUR)
      expect(sizes()).toEqual(before)
    }
    expect(server.renewals).toBeGreaterThan(500)
    reader.gate = undefined
    open()
    await time.advance(60_000)
    expect(reader.values('value')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    await reader.stop()
  })

  it('declares it when the clock of the server is set, forth or back', async () => {
    const { time, server, reader } = await start()
    for (const by of [3_600_000, -3_600_000]) {
      server.offset += by
      await time.advance(10_000)
      const why = `the server's clock was set by ${by / 1000}.0 s: declared as a gap`
      expect(reader.reports.filter((one) => one.why === why).map(({ state }) => state)).toEqual(['degraded'])
      server.change(by)
      await time.advance(10_000)
      expect(reader.reports.at(-1)?.state).toBe('running')
      expect(reader.blocks.at(-1)?.gap).toEqual({ scans: 'unknown', cause: 'lost' })
    }
    expect(reader.values('value')).toEqual([0, 3_600_000, -3_600_000])
    await reader.stop()
  })
})
