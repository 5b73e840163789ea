import { type Block, Quality, timeOf } from '@messwerk/core/model'
import * as opcua from 'node-opcua-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PlantServer } from './fixtures/plant-server.ts'
import { Reader } from './fixtures/read-opcua.ts'
import type { OpcuaNode } from './node-plan.ts'
import { opcuaSource } from './opcua-source.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'

type Told = { readonly notificationMessage?: { readonly notificationData?: readonly { monitoredItems?: unknown }[] } }
type Publish = (request: unknown, answer: (error: Error | null, told?: Told) => void) => void

class OpaqueStructure {}

/** A client to which every value is a structure that it does not know yet. */
function clientOfOpaque(options: opcua.OPCUAClientOptions): opcua.OPCUAClient {
  const client = opcua.OPCUAClient.create(options)
  const createSession = client.createSession.bind(client) as (user: unknown) => Promise<opcua.ClientSession>
  return Object.assign(client, {
    createSession: async (user: unknown) => {
      const session = await createSession(user)
      const publish = (session as unknown as { publish: Publish }).publish.bind(session)
      const opaque: Publish = (request, answer) =>
        publish(request, (error, told) => {
          for (const one of told?.notificationMessage?.notificationData ?? []) {
            one.monitoredItems = [{ clientHandle: 0, value: { value: { value: new OpaqueStructure() } } }]
          }
          answer(error, told)
        })
      return Object.assign(session, { publish: opaque })
    }
  })
}

const id = (name: string): string => `nsu=urn:mw:plant;s=${name}`

describe('opcuaSource', () => {
  let plant: PlantServer
  let reader: Reader | undefined
  let source: ReturnType<typeof opcuaSource>
  beforeAll(async () => {
    plant = await PlantServer.start({ every: 0 })
  }, 60_000)
  beforeEach(() => plant.reset())
  afterEach(async () => {
    await reader?.stop().catch(() => {})
    reader = undefined
  })
  afterAll(() => plant.stop())

  function read(nodes: Readonly<Record<string, OpcuaNode>>, options: Partial<OpcuaSourceOptions<string>> = {}): Reader {
    source = opcuaSource({
      url: plant.url,
      security: 'None',
      streams: { press: nodes },
      publishing: '50ms',
      sampling: '0ms',
      ...options
    })
    reader = new Reader(source)
    return reader
  }

  it('gives every change of a node, in order, with its time', async () => {
    const began = plant.get('counter').sourceTimestamp?.getTime()
    const got = read({ counter: id('counter') })
    await got.until(() => got.blocks.length > 0)
    plant.tick(200)
    await got.until(() => got.values('counter').at(-1) === 200)
    expect(got.values('counter')).toEqual(Array.from({ length: 201 }, (_, i) => i))
    const [first] = got.blocks as [Block]
    expect(first.stream.id).toBe('press')
    expect(first.time.clock).toBe('source')
    expect(timeOf(first)).toBe(began)
    expect(got.gaps).toEqual([])
  })

  it('makes a row of each instant: channels that have no value there are missing', async () => {
    const got = read({ counter: id('counter'), vib: id('vib'), running: id('running') })
    await got.until(() => got.values('vib.low').length === 1 && got.values('running').length === 1)
    const [at, next] = [plant.clock(), plant.clock()]
    plant.set('counter', 7, { time: new Date(at) })
    plant.set('running', false, { time: new Date(at) })
    plant.set('counter', 8, { time: new Date(next) })
    await got.until(() => got.values('counter').includes(8))
    const block = got.blocks.at(-1) as Block
    expect(block.stream.channels.map(({ name }) => name)).toEqual(['counter', 'vib.low', 'vib.high', 'running'])
    const { good, missing } = Quality
    expect(Array.from(block.values)).toEqual([7, 8, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0, Number.NaN])
    expect(Array.from(block.quality ?? [])).toEqual([good, good, missing, missing, missing, missing, good, missing])
    expect([timeOf(block), timeOf(block, 1)]).toEqual([at, next])
  })

  it('holds the last value of the others where that is asked for', async () => {
    const got = read({ counter: id('counter'), temperature: id('temperature') }, { between: 'hold' })
    await got.until(() => got.values('temperature').length >= 1 && got.values('counter').length >= 1)
    plant.set('temperature', 21.5)
    plant.set('counter', 3)
    await got.until(() => got.values('counter').includes(3))
    const block = got.blocks.at(-1) as Block
    expect([block.values[block.length - 1], block.values[2 * block.length - 1]]).toEqual([3, 21.5])
    expect(block.quality).toBeUndefined()
  })

  it('turns status codes into quality, and never a bad value into a number', async () => {
    const got = read({ counter: id('counter') })
    await got.until(() => got.blocks.length > 0)
    plant.set('counter', 1, { status: opcua.StatusCodes.UncertainLastUsableValue })
    plant.set('counter', 2, { status: opcua.StatusCodes.BadSensorFailure })
    plant.set('counter', 3)
    await got.until(() => got.values('counter').includes(3))
    const values = got.blocks.flatMap((block) =>
      Array.from(block.values, (value, i) => [value, block.quality?.[i] ?? 0])
    )
    expect(values.slice(1)).toEqual([
      [1, Quality.uncertain],
      [Number.NaN, Quality.bad],
      [3, Quality.good]
    ])
  })

  it('declares what a queue of the server has lost, before the value that says so', async () => {
    const got = read({ counter: id('counter') }, { queue: 5, publishing: '200ms' })
    await got.until(() => got.blocks.length > 0)
    plant.tick(50)
    await got.until(() => got.values('counter').at(-1) === 50)
    expect(got.gaps).toContainEqual({ scans: 'unknown', cause: 'overflow' })
    const at = got.blocks.findIndex(({ gap }) => gap !== undefined)
    expect(got.blocks[at]?.values[0]).toBeGreaterThan(40)
  })

  it('asks the server for nothing while nobody asks for more, and loses nothing', async () => {
    let open = (): void => {}
    const got = read({ counter: id('counter') }, { publishing: '20ms' })
    got.gate = new Promise((resolve) => {
      open = resolve
    })
    await got.until(() => got.batches.length === 1)
    let last = 0
    for (let i = 0; i < 40; i += 1) {
      plant.tick(10)
      last += 10
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    expect(got.batches.length).toBe(1)
    expect(source.counters().notifications).toBeLessThanOrEqual(5)
    got.gate = undefined
    open()
    await got.until(() => got.values('counter').at(-1) === last)
    expect(got.values('counter')).toEqual(Array.from({ length: last + 1 }, (_, i) => i))
    expect(got.gaps).toEqual([])
  })

  it('reports only changes beyond a deadband', async () => {
    const got = read({ temperature: { node: id('temperature'), deadband: 1 } })
    await got.until(() => got.blocks.length > 0)
    for (const value of [20.2, 20.9, 21.5, 21.6, 30]) {
      plant.set('temperature', value)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await got.until(() => got.values('temperature').includes(30))
    expect(got.values('temperature')).toEqual([20, 21.5, 30])
  })

  it('gives values whose clock was set back the time of their arrival, and says so', async () => {
    const got = read({ counter: id('counter') })
    await got.until(() => got.blocks.length > 0)
    plant.set('counter', 1)
    plant.set('counter', 2, { time: new Date(plant.clock() - 3_600_000) })
    await got.until(() => got.values('counter').includes(2))
    const block = got.blocks.at(-1) as Block
    expect(block.time.clock).toBe('arrival')
    expect(
      got.reports.some(({ state, why }) => state === 'degraded' && /went back by 3(?:600|599)\.\d s/.test(why ?? ''))
    ).toBe(true)
  })

  it('polls where that is asked for, and takes a value once', async () => {
    const got = read({ counter: id('counter') }, { mode: 'poll', publishing: '20ms' })
    await got.until(() => got.values('counter').length === 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    plant.tick()
    await got.until(() => got.values('counter').length === 2)
    expect(got.values('counter')).toEqual([0, 1])
  })

  it('polls whole numbers of 64 bits, arrays and structures once each, too', async () => {
    const nodes = { counter: id('counter'), wide: id('toInt64'), spectrum: id('spectrum'), vib: id('vib') }
    const got = read(nodes, { mode: 'poll', publishing: '20ms' })
    await got.until(() => got.values('counter').length === 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    plant.tick()
    await got.until(() => got.values('counter').length === 2)
    const counts = ['wide', 'spectrum.0', 'vib.low'].map((name) => got.values(name).length)
    expect(counts).toEqual([1, 1, 1])
  })

  it('loses nothing of the message with which an array grows: its channels are made anew, behind a gap', async () => {
    const got = read({ counter: id('counter'), spectrum: id('spectrum') }, { publishing: '200ms' })
    await got.until(() => got.values('spectrum.2').length === 1 && got.values('counter').length === 1)
    plant.tick(5)
    plant.set('spectrum', new Float64Array([1, 2, 3, 4]))
    await got.until(() => got.values('spectrum.3').includes(4) && got.values('counter').includes(5))
    plant.set('spectrum', new Float64Array([1, 2, 3]))
    expect(got.gaps).toEqual([{ scans: 'unknown', cause: 'reconnect' }])
    expect(source.counters().takenOver).toBe(0)
  })

  it('takes nothing in any more once it has ended, also what was being decoded then', async () => {
    let open = (): void => {}
    let isHeld = false
    const decoded = new Promise<void>((resolve) => {
      open = resolve
    })
    const lib = Object.assign({}, opcua, {
      OPCUAClient: { create: clientOfOpaque },
      promoteOpaqueStructureInNotificationData: () => {
        isHeld = true
        return decoded
      }
    })
    const got = read({ vib: id('vib') }, { lib: lib as never })
    await got.until(() => isHeld)
    await got.stop()
    open()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(got.reports.map(({ state }) => state)).toEqual(['connecting'])
    expect(source.counters().notifications).toBe(1)
  })

  it('says that it runs only when the server has published', async () => {
    const got = read({ counter: id('counter') })
    await got.until(() => got.reports.some(({ state }) => state === 'running'))
    expect(got.reports.map(({ state }) => state)).toEqual(['connecting', 'running'])
  })

  it('ends with an error that names what is wrong with nodes', async () => {
    const got = read({ a: id('nope'), b: id('text') })
    await expect(got.done).rejects.toThrow(/press, a .*BadNodeIdUnknown.*press, b .*String/)
  })
})
