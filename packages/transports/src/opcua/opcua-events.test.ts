import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline, threshold, toEvents } from '@messwerk/core'
import type { MeasurementEvent } from '@messwerk/core/model'
import { spooled } from '@messwerk/core/node'
import { recordingSink } from '@messwerk/core/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TcpProxy } from '../../../../oracle/tcp-proxy.ts'
import { PlantServer } from './fixtures/plant-server.ts'
import { Reader } from './fixtures/read-opcua.ts'
import { opcuaSource } from './opcua-source.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

describe('events of an OPC UA source', () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function start(options: Parameters<typeof PlantServer.start>[0] = {}) {
    const plant = await PlantServer.start({ every: 0, ...options })
    ends.push(() => plant.stop())
    const raise = plant.alarms()
    return { plant, raise }
  }

  function read(url: string, options: Partial<OpcuaSourceOptions<string>> = {}) {
    const base = {
      url,
      security: 'None',
      streams: {},
      events: { area: 'area' },
      publishing: '50ms',
      timeout: '5s'
    } as const
    const reader = new Reader(opcuaSource({ ...base, ...options }))
    ends.push(() => reader.stop().catch(() => {}))
    const events = (): MeasurementEvent[] => reader.batches.flatMap((batch) => batch.events ?? [])
    return { reader, events }
  }

  it('are notices with message, severity and source; those below the least severity are left out', async () => {
    const { plant, raise } = await start()
    const { reader, events } = read(plant.url, { events: { area: { path: 'area', severity: 300 } } })
    await reader.until(() => reader.reports.some(({ state }) => state === 'running'))
    raise('door', 299)
    raise('pump stands still', 300)
    await reader.until(() => events().length > 0)
    expect(events()).toMatchObject([
      {
        kind: 'notice',
        phase: 'end',
        stream: 'area',
        rule: 'BaseEventType',
        data: { message: 'pump stands still', severity: 300 }
      }
    ])
    const [event] = events()
    expect(event?.id).toMatch(/^area\/[0-9a-f]+$/)
    expect(event?.start).toBe(event?.end)
  })

  it('begin when an alarm becomes active, and end when it is not any more', async () => {
    const { plant } = await start()
    const { reader, events } = read(plant.url)
    await reader.until(() => reader.reports.some(({ state }) => state === 'running'))
    plant.set('hot', true)
    await reader.until(() => events().length > 0)
    plant.set('hot', false)
    await reader.until(() => events().some(({ phase }) => phase === 'end'))
    const begin = events()[0] as MeasurementEvent
    const end = events().at(-1) as MeasurementEvent
    expect(begin).toMatchObject({
      phase: 'begin',
      stream: 'area',
      rule: 'hot',
      data: { active: true, condition: 'nsu=urn:mw:plant;s=hotAlarm' }
    })
    expect(begin.data).toHaveProperty('acked')
    expect(end).toMatchObject({ id: begin.id, start: begin.start, data: { active: false } })
    expect(end.end).toBeGreaterThanOrEqual(begin.start)
  })

  it('keep their id over a new connection, which asks for what is active, and end when they ended meanwhile', async () => {
    const { plant } = await start()
    const proxy = new TcpProxy(plant.port)
    const port = await proxy.listen()
    ends.push(() => proxy.close())
    const { reader, events } = read(`opc.tcp://127.0.0.1:${port}`)
    await reader.until(() => reader.reports.some(({ state }) => state === 'running'))
    plant.set('hot', true)
    await reader.until(() => events().length > 0)
    proxy.cut()
    const runs = (): number => reader.reports.filter(({ state }) => state === 'running').length
    const before = runs()
    await reader.until(() => runs() > before)
    const other = read(plant.url)
    await other.reader.until(() => other.events().length > 0, 'the refresh of a new source')
    expect(other.events()[0]?.id).toBe(events()[0]?.id)
    const ids = new Set(
      events()
        .filter(({ rule }) => rule === 'hot')
        .map(({ id }) => id)
    )
    expect(ids.size).toBe(1)
    await other.reader.stop()
    plant.set('hot', false)
    await reader.until(() => events().some(({ phase, rule }) => rule === 'hot' && phase === 'end'))
    expect(events().at(-1)?.id).toBe([...ids][0])
  })

  it('come beside values', async () => {
    const { plant, raise } = await start()
    const { reader, events } = read(plant.url, {
      streams: { press: { counter: 'plant/counter' } },
      events: { all: 'i=2253' }
    })
    await reader.until(() => reader.values('counter').includes(0))
    raise('both', 500)
    plant.tick(3)
    await reader.until(() => reader.values('counter').includes(3))
    await reader.until(() => events().length > 0)
    expect(events()[0]).toMatchObject({ stream: 'all', data: { message: 'both' } })
  })

  it('go to the event sinks of a pipeline, also out of a spool', async () => {
    const { plant, raise } = await start()
    const folder = mkdtempSync(join(tmpdir(), 'messwerk-opcua-events-'))
    const streams = { press: { counter: 'plant/counter' } }
    const source = opcuaSource({
      url: plant.url,
      security: 'None',
      streams,
      events: { area: 'area' },
      publishing: '50ms'
    })
    const events = recordingSink<MeasurementEvent>({ id: 'events' })
    const raw = recordingSink({ id: 'raw' })
    const run = pipeline('press')
      .from(spooled(source, { path: join(folder, 'spool') }))
      .to(raw)
      .pipe(threshold({ of: 'counter', raise: 100, clear: 50 }))
      .events(toEvents({ of: 'counter' }), events)
      .start({ directory: join(folder, 'state') })
    await vi.waitFor(() => expect(raw.items.length).toBeGreaterThan(0), 20_000)
    raise('to the sink', 500)
    await vi.waitFor(() => expect(events.items).toMatchObject([{ rule: 'BaseEventType', stream: 'area' }]), 20_000)
    await run.stop()
    rmSync(folder, { recursive: true })
  })

  it('name all wrong notifiers in one error', async () => {
    const { plant } = await start()
    const { reader } = read(plant.url, { events: { a: 'plant', b: 'nope', c: 'area' } })
    await expect(reader.done).rejects.toMatchObject({ code: 'DEVICE_REFUSED' })
    await expect(reader.done).rejects.toThrow(
      /events, b \(nope\): there is no 'nope'.*events, a \(plant\): it sends no events/
    )
    const wrong = { url: plant.url, security: 'None', streams: {} } as const
    expect(() => opcuaSource({ ...wrong, events: { a: { path: 'x', severity: 2000 } } })).toThrow(
      /events, a: severity must be/
    )
    expect(() => opcuaSource({ ...wrong, events: {} })).toThrow(/events must be an object of notifiers/)
    expect(() => opcuaSource({ ...wrong, events: { a: 'x' }, mode: 'poll' })).toThrow(/events need mode 'subscribe'/)
  })
})
