import { afterEach, describe, expect, it, vi } from 'vitest'
import { TcpProxy } from '../../../../oracle/tcp-proxy.ts'
import { PlantServer } from './fixtures/plant-server.ts'
import { Reader } from './fixtures/read-opcua.ts'
import { opcuaSource } from './opcua-source.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

const streams = { press: { counter: 'nsu=urn:mw:plant;s=counter' } }
const upTo = (n: number): number[] => Array.from({ length: n + 1 }, (_, i) => i)

describe('an OPC UA source whose server or link fails', () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function start(options: Parameters<typeof PlantServer.start>[0] = {}): Promise<PlantServer> {
    const plant = await PlantServer.start({ every: 0, ...options })
    let isStopped = false
    const stop = plant.stop.bind(plant)
    plant.stop = async () => {
      if (!isStopped) await stop()
      isStopped = true
    }
    ends.push(() => plant.stop())
    return plant
  }

  async function proxied(plant: PlantServer): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
    const proxy = new TcpProxy(plant.port)
    const port = await proxy.listen()
    ends.push(() => proxy.close())
    return { proxy, url: `opc.tcp://127.0.0.1:${port}` }
  }

  function read(url: string, options: Partial<OpcuaSourceOptions<string>> = {}) {
    const source = opcuaSource({
      url,
      security: 'None',
      streams,
      publishing: '100ms',
      sampling: '0ms',
      timeout: '5s',
      ...options
    })
    const reader = new Reader(source)
    ends.push(() => reader.stop().catch(() => {}))
    return { source, reader }
  }

  it('takes the subscription over after a cut: what the server had kept comes, nothing is lost', async () => {
    const plant = await start()
    const { proxy, url } = await proxied(plant)
    const { source, reader } = read(url)
    await reader.until(() => reader.values('counter').includes(0))
    plant.tick(10)
    await reader.until(() => reader.values('counter').includes(10))
    proxy.cut()
    plant.tick(10, Date.now() + 100)
    await reader.until(() => reader.values('counter').includes(20), 'what was kept')
    expect(reader.values('counter')).toEqual(upTo(20))
    expect(source.counters().takenOver).toBe(1)
    expect(reader.gaps).toEqual([{ scans: 0, cause: 'reconnect' }])
    expect(reader.reports.some(({ state }) => state === 'degraded')).toBe(true)
  })

  it('notices a link that is half-open, and goes on over a new one', async () => {
    const plant = await start()
    const { proxy, url } = await proxied(plant)
    const { reader } = read(url, { publishing: '500ms' })
    await reader.until(() => reader.values('counter').includes(0))
    const since = Date.now()
    const release = proxy.hold()
    plant.tick(5)
    await reader.until(() => reader.reports.some(({ state, at }) => state === 'degraded' && at >= since), 'degraded')
    const noticed = reader.reports.find(({ state, at }) => state === 'degraded' && at >= since)
    expect(noticed?.why).toMatch(/nothing heard from the server for 1000 ms/)
    await reader.until(() => reader.values('counter').includes(5), 'data')
    expect(reader.values('counter')).toEqual(upTo(5))
    release()
  })

  it('finds its nodes again when a server comes back with other indexes, and declares what is missing', async () => {
    const plant = await start()
    const { port } = plant
    const paths = { press: { counter: 'plant/counter' } }
    const { reader } = read(plant.url, { streams: paths })
    await reader.until(() => reader.values('counter').includes(0))
    await plant.stop()
    await reader.until(() => reader.reports.at(-1)?.state !== 'running')
    const again = await start({ port, pad: 2, count: 100, counterId: 'other' })
    await reader.until(() => reader.values('counter').includes(100), 'data of the new server')
    again.tick()
    await reader.until(() => reader.values('counter').includes(101))
    expect(reader.gaps).toEqual([{ scans: 'unknown', cause: 'reconnect' }])
    expect(reader.errors.every((error) => 'retryable' in error)).toBe(true)
  })

  it('makes the subscription anew when it is lost while the session lives', async () => {
    const plant = await start()
    const { reader } = read(plant.url)
    await reader.until(() => reader.values('counter').includes(0))
    const { engine } = plant.server
    const session = (
      engine as unknown as {
        _sessions: Record<
          string,
          { deleteSubscription(id: number): void; publishEngine: { subscriptions: { id: number }[] } }
        >
      }
    )._sessions
    for (const one of Object.values(session))
      for (const { id } of one.publishEngine.subscriptions) one.deleteSubscription(id)
    plant.tick(3)
    await reader.until(() => reader.values('counter').includes(3), 'data of the new subscription')
    expect(reader.gaps).toContainEqual({ scans: 'unknown', cause: 'reconnect' })
    expect(reader.errors[0]?.message).toMatch(/subscription/)
  })

  it('fills what a new subscription has missed from the history of the server, in order', async () => {
    const plant = await start({ historian: true })
    const { proxy, url } = await proxied(plant)
    const { reader } = read(url, { backfill: true, outage: '1s', queue: 2 })
    await reader.until(() => reader.values('counter').includes(0))
    proxy.cut()
    const { engine } = plant.server
    const session = (
      engine as unknown as {
        _sessions: Record<
          string,
          { deleteSubscription(id: number): void; publishEngine: { subscriptions: { id: number }[] } }
        >
      }
    )._sessions
    for (const one of Object.values(session))
      for (const { id } of one.publishEngine.subscriptions) one.deleteSubscription(id)
    plant.tick(50, Date.now() - 50)
    await reader.until(() => reader.values('counter').includes(50), 'history')
    plant.tick(1, Date.now() + 10)
    await reader.until(() => reader.values('counter').includes(51), 'what is new')
    expect(reader.values('counter')).toEqual(upTo(51))
    const recorded = reader.blocks.filter(({ origin }) => origin.historical)
    expect(recorded.reduce((sum, { length }) => sum + length, 0)).toBe(50)
    expect(reader.gaps).toEqual([{ scans: 0, cause: 'reconnect' }])
  })

  it('follows a server that has moved, when its name leads there', async () => {
    const plant = await start()
    const { proxy, url } = await proxied(plant)
    const { reader } = read(url)
    await reader.until(() => reader.values('counter').includes(0))
    const other = await start({ count: 500, pad: 1 })
    proxy.target = other.port
    await plant.stop()
    await reader.until(() => reader.values('counter').includes(500), 'data of the other server')
    expect(reader.gaps).toEqual([{ scans: 'unknown', cause: 'reconnect' }])
  })
})
