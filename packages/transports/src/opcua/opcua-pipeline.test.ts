import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline, type RunStatus, rms, threshold, toEvents } from '@messwerk/core'
import type { Block, MeasurementEvent } from '@messwerk/core/model'
import { ndjsonSink, spooled } from '@messwerk/core/node'
import { recordingSink } from '@messwerk/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TcpProxy } from '../../../../oracle/tcp-proxy.ts'
import type { PlantServer } from './fixtures/plant-server.ts'
import { type PlantOptions, startPlant } from './fixtures/start-plant.ts'
import { opcuaSource } from './opcua-source.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

const upTo = (n: number): number[] => Array.from({ length: n + 1 }, (_, i) => i)

/** Root mean squares of windows of four scans with none of the holes in them. */
function windowsOf(runs: readonly (readonly number[])[]): number[] {
  return runs.flatMap((values) =>
    Array.from({ length: values.length >> 2 }, (_, w) =>
      Math.sqrt(values.slice(w * 4, w * 4 + 4).reduce((sum, value) => sum + value ** 2, 0) / 4)
    )
  )
}

describe('a pipeline behind an OPC UA source and a spool', () => {
  const ends: (() => unknown)[] = []
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'messwerk-opcua-pipeline-'))
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    rmSync(folder, { recursive: true })
  })

  const start = (options?: PlantOptions): Promise<PlantServer> => startPlant(ends, options)

  async function proxied(plant: PlantServer): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
    const proxy = new TcpProxy(plant.port)
    const port = await proxy.listen()
    ends.push(() => proxy.close())
    return { proxy, url: `opc.tcp://127.0.0.1:${port}` }
  }

  function run(url: string) {
    const source = opcuaSource({
      id: 'plant',
      url,
      security: 'None',
      streams: { press: { counter: 'plant/counter' } },
      publishing: '100ms',
      sampling: '0ms',
      timeout: '5s'
    })
    const windows = recordingSink<Block>({ id: 'windows' })
    const events = recordingSink<MeasurementEvent>({ id: 'events' })
    const running = pipeline('press')
      .from(spooled(source, { path: join(folder, 'spool') }))
      .to(ndjsonSink({ path: join(folder, 'raw.ndjson') }))
      .branch((flow) => flow.pipe(rms({ window: { scans: 4 } })).to(windows))
      .pipe(threshold({ of: 'counter', raise: 15, clear: 5 }))
      .events(toEvents({ of: 'counter' }), events)
      .start({ directory: join(folder, 'state') })
    const states: string[] = []
    let status: RunStatus | undefined
    running.status$.subscribe((next) => {
      status = next
      const state = next.components.plant?.state
      if (state && state !== states.at(-1)) states.push(state)
    })
    running.done.catch(() => {})
    ends.push(() => running.stop().catch(() => {}))
    return { run: running, windows, events, states, status: () => status as RunStatus }
  }

  const lines = (): { readonly counter?: number; readonly gap?: unknown }[] =>
    readFileSync(join(folder, 'raw.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  const rows = (): unknown[] => lines().flatMap(({ counter }) => counter ?? [])
  const gaps = (): unknown[] => lines().flatMap(({ gap }) => gap ?? [])
  const stored = (value: number) => vi.waitFor(() => expect(rows()).toContain(value), { timeout: 30_000, interval: 20 })

  it('goes on when the server is killed and comes back with another program, with the hole declared', async () => {
    const plant = await start()
    const got = run(plant.url)
    await stored(0)
    plant.tick(20)
    await stored(20)
    const began = got.states.length
    await plant.stop()
    await vi.waitFor(() => expect(got.states.slice(began)).toContain('degraded'), 10_000)
    const again = await start({ port: plant.port, pad: 2, count: 100, counterId: 'other' })
    await stored(100)
    again.tick(8)
    await stored(108)
    expect(got.status().components.plant?.state).toBe('running')
    await got.run.stop()
    expect(rows()).toEqual([...upTo(20), ...upTo(8).map((i) => i + 100)])
    expect(gaps()).toEqual([{ scans: 'unknown', cause: 'reconnect' }])
    expect(got.status().gaps.plant).toMatchObject({ count: 1, last: { scans: 'unknown', cause: 'reconnect' } })
    const values = got.windows.items.flatMap((block) => Array.from(block.values))
    expect(values).toEqual(windowsOf([upTo(20), upTo(8).map((i) => i + 100)]))
    expect(got.events.items.map(({ phase, data }) => [phase, data])).toEqual([
      ['begin', undefined],
      ['end', { endedBy: 'gap' }],
      ['begin', undefined]
    ])
  })

  it('loses nothing when the link is cut, and when it is half-open', async () => {
    const plant = await start()
    const { proxy, url } = await proxied(plant)
    const got = run(url)
    await stored(0)
    plant.tick(10)
    await stored(10)
    proxy.cut()
    plant.tick(10)
    await stored(20)
    await vi.waitFor(() => expect(got.states.at(-1)).toBe('running'), 10_000)
    const release = proxy.hold()
    plant.tick(10)
    await stored(30)
    release()
    plant.tick(2)
    await stored(32)
    expect(got.states.filter((state) => state === 'degraded').length).toBeGreaterThanOrEqual(2)
    expect(got.states.at(-1)).toBe('running')
    await got.run.stop()
    expect(rows()).toEqual(upTo(32))
    expect(gaps().every((gap) => (gap as { readonly scans: unknown }).scans === 0)).toBe(true)
    expect(got.status().gaps.plant?.missingScans ?? 0).toBe(0)
  })

  it('declares in a new process what came while it was away', async () => {
    const plant = await start()
    const first = run(plant.url)
    await stored(0)
    plant.tick(20)
    await stored(20)
    await first.run.stop()
    plant.tick(5)
    const second = run(plant.url)
    await stored(25)
    plant.tick(4)
    await stored(29)
    await second.run.stop()
    expect(rows()).toEqual([...upTo(20), 25, 26, 27, 28, 29])
    expect(gaps()).toEqual([{ scans: 'unknown', cause: 'reconnect' }])
  })
})
