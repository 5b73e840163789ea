import { afterEach, describe, expect, it, vi } from 'vitest'
import { TcpProxy } from '../../../../oracle/tcp-proxy.ts'
import { PlantServer } from './fixtures/plant-server.ts'
import { Reader } from './fixtures/read-opcua.ts'
import { opcuaSource } from './opcua-source.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

const streams = { press: { counter: 'nsu=urn:mw:plant;s=counter' } }
const upTo = (n: number): number[] => Array.from({ length: n + 1 }, (_, i) => i)

interface ServerSession {
  deleteSubscription(id: number): void
  readonly publishEngine: { readonly subscriptions: readonly { readonly id: number }[] }
}

/** The sessions live on. */
function forgetSubscriptions({ server }: PlantServer): void {
  const { _sessions } = server.engine as unknown as { readonly _sessions: Readonly<Record<string, ServerSession>> }
  for (const session of Object.values(_sessions))
    for (const { id } of [...session.publishEngine.subscriptions]) session.deleteSubscription(id)
}

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
    plant.tick(10)
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
    const why = 'nothing heard from the server for 1000 ms'
    await reader.until(() => reader.reports.some((one) => one.why === why && one.at >= since), why)
    expect(reader.reports.find((one) => one.why === why)?.state).toBe('degraded')
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
    forgetSubscriptions(plant)
    plant.tick(3)
    await reader.until(() => reader.values('counter').includes(3), 'data of the new subscription')
    expect(reader.gaps).toContainEqual({ scans: 'unknown', cause: 'reconnect' })
    expect(reader.errors[0]?.message).toMatch(/subscription/)
  })

  it('logs in again when the server has dropped its session, and declares what is missing', async () => {
    const plant = await start()
    const { reader } = read(plant.url)
    await reader.until(() => reader.values('counter').includes(0))
    const { engine } = plant.server
    const { _sessions } = engine as unknown as {
      readonly _sessions: Readonly<Record<string, { authenticationToken: never }>>
    }
    for (const { authenticationToken } of Object.values(_sessions))
      engine.closeSession(authenticationToken, true, 'Timeout')
    plant.tick(3)
    await reader.until(() => reader.values('counter').includes(3), 'data of the new session')
    plant.tick()
    await reader.until(() => reader.values('counter').includes(4))
    expect(reader.gaps).toEqual([{ scans: 'unknown', cause: 'reconnect' }])
    expect(reader.reports.map(({ state }) => state)).toContain('degraded')
    expect(new Set(reader.errors.map((error) => 'retryable' in error && error.retryable))).toEqual(new Set([true]))
  })

  it('fills what a new subscription has missed from the history of the server, in order', async () => {
    const plant = await start({ historian: true })
    const { proxy, url } = await proxied(plant)
    const { reader } = read(url, { backfill: true, outage: '1s', queue: 2 })
    await reader.until(() => reader.values('counter').includes(0))
    proxy.cut()
    forgetSubscriptions(plant)
    plant.tick(50)
    await reader.until(() => reader.values('counter').includes(50), 'history')
    plant.tick()
    await reader.until(() => reader.values('counter').includes(51), 'what is new')
    expect(reader.values('counter')).toEqual(upTo(51))
    const recorded = reader.blocks.filter(({ origin }) => origin.historical)
    expect(recorded.reduce((sum, { length }) => sum + length, 0)).toBe(50)
    expect(reader.gaps).toEqual([{ scans: 0, cause: 'reconnect' }])
  })

  it.each([true, false])(
    'says what the server does not keep also where it fills what was missed (historian: %s)',
    async (historian) => {
      const plant = await start({ historian })
      const { proxy, url } = await proxied(plant)
      const { reader } = read(url, { backfill: true, queue: 10_000_000 })
      const says = () =>
        reader.reports.filter(({ state, why }) => state === 'running' && /server keeps/.test(why ?? ''))
      await reader.until(() => reader.values('counter').includes(0) && says().length === 1)
      proxy.cut()
      forgetSubscriptions(plant)
      plant.tick(5)
      await reader.until(() => reader.values('counter').includes(5), 'what was missed')
      expect(says().length).toBe(2)
      if (!historian) expect(says()[1]?.why).toMatch(/^no history of counter: Bad.*; the server keeps/)
    }
  )

  it('takes a long history in as fast as it is wanted, and what comes meanwhile behind it', async () => {
    const plant = await start({ historian: 50_000 })
    const { proxy, url } = await proxied(plant)
    const { reader } = read(url, { backfill: true, queue: 2 })
    await reader.until(() => reader.values('counter').includes(0))
    proxy.cut()
    forgetSubscriptions(plant)
    plant.tick(40_000)
    let open = (): void => {}
    reader.gate = new Promise((resolve) => {
      open = resolve
    })
    const asked = vi.spyOn(plant.server.engine, 'historyRead')
    await reader.until(() => reader.blocks.some(({ origin }) => origin.historical), 'history')
    await reader.until(() => asked.mock.calls.length >= 5, 'as much as is held')
    for (let i = 0; i < 5; i += 1) {
      plant.tick()
      await new Promise((resolve) => setTimeout(resolve, 100)) // as long as is wanted: nothing comes of it
    }
    expect(asked.mock.calls.length).toBe(5) // one taken, four that wait: half of it
    proxy.cut() // and the rest over another connection
    reader.gate = undefined
    open()
    await reader.until(() => reader.values('counter').includes(40_005), 'what came meanwhile')
    expect(reader.values('counter')).toEqual(upTo(40_005))
    expect(reader.gaps.map(({ scans }) => scans)).toEqual([0, 0])
  })

  it('hands over no more history than what waits when it is stopped while it is not taken', async () => {
    const plant = await start({ historian: 200_000 })
    const { proxy, url } = await proxied(plant)
    const { reader } = read(url, { backfill: true, queue: 2 })
    await reader.until(() => reader.values('counter').includes(0))
    proxy.cut()
    forgetSubscriptions(plant)
    plant.tick(120_000)
    let open = (): void => {}
    reader.gate = new Promise((resolve) => {
      open = resolve
    })
    const asked = vi.spyOn(plant.server.engine, 'historyRead')
    await reader.until(() => reader.blocks.some(({ origin }) => origin.historical), 'history')
    await reader.until(() => asked.mock.calls.length >= 5, 'as much as is held')
    const stopped = reader.stop()
    const slow = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))
    Object.defineProperty(reader, 'gate', { get: slow })
    open()
    await stopped
    expect(asked.mock.calls.length).toBe(5)
    expect(reader.blocks.filter(({ origin }) => origin.historical).length).toBeLessThanOrEqual(5)
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
