import { createServer, type Server, type Socket } from 'node:net'
import { type ByteLink, systemTime } from '@messwerk/core/driver'
import {
  type Batch,
  type Block,
  column,
  NotConnectedError,
  ProtocolError,
  Quality,
  type ReadOptions,
  ShapeMismatchError,
  type Source,
  TimeoutError,
  timeNs
} from '@messwerk/core/model'
import { afterEach, describe, expect, it } from 'vitest'
import { type SimulatedGsv, simulateGsv } from '../simulator/index.ts'
import { gsvSource } from './gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

function simulator(options: Parameters<typeof simulateGsv>[0] = {}): SimulatedGsv {
  const amplifier = simulateGsv(options)
  closing.push(() => amplifier.close())
  return amplifier
}

/** All blocks of a source, until it ends or `enough` aborts it. */
async function collect(source: Source, enough: (scans: number) => boolean = () => false, from = {}): Promise<Block[]> {
  const controller = new AbortController()
  const blocks: Block[] = []
  let scans = 0
  for await (const batch of source.read({ signal: controller.signal, from, splits })) {
    blocks.push(...batch.blocks)
    for (const block of batch.blocks) scans += block.length
    if (enough(scans)) controller.abort()
  }
  return blocks
}

const scansOf = (blocks: Block[]): number => blocks.reduce((sum, block) => sum + block.length, 0)
const missingIn = (blocks: Block[]): number => blocks.reduce((sum, { gap }) => sum + ((gap?.scans as number) ?? 0), 0)
const valuesOf = (blocks: Block[], name: string): number[] => blocks.flatMap((block) => [...column(block, name)])
const constant = [1, 2].map((offset) => ({ name: `c${offset}`, unit: 'kN', offset, noise: 0, scale: 10 }))

/** A server that does with each connection what it is told; returns its URL. */
async function serve(handle: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer(handle)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => void sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`
}

describe('gsvSource over TCP', () => {
  it('hands over every scan with its value, units and times, and loses nothing at the stop', async () => {
    const ramp = { name: 'ramp', unit: 'N', offset: 0, noise: 0, scale: 1000 }
    const amplifier = simulator({ rate: 2000, channels: [ramp, ...constant], serial: 4711 })
    amplifier.inject({ kind: 'drift', channel: 'ramp', at: 0, for: 1000, size: 500 })
    const blocks = await collect(gsvSource({ url: await amplifier.listen() }), (scans) => scans >= 1200)
    expect(amplifier.sent).toBeGreaterThanOrEqual(1200)
    expect(scansOf(blocks)).toBe(amplifier.sent)
    expect(missingIn(blocks)).toBe(0)
    expect(valuesOf(blocks, 'channel_1').slice(0, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => (i + 1) / 2))
    expect(new Set(valuesOf(blocks, 'channel_3'))).toEqual(new Set([2]))
    const { stream, origin } = blocks[0] as Block
    expect(stream.id).toBe('gsv-4711')
    expect(stream.rate).toBe(2000)
    expect(stream.channels[1]).toMatchObject({ name: 'channel_2', unit: 'kN', range: [-10.5, 10.5] })
    expect(origin.split).toBe('gsv-4711')
    expect(blocks.at(-1)?.origin.position).toBe(amplifier.sent - 1)
  })

  it('puts strictly increasing times of the device on the scans', async () => {
    const amplifier = simulator({ rate: 1000 })
    const before = systemTime.now()
    const blocks = await collect(gsvSource({ url: await amplifier.listen() }), (scans) => scans >= 300)
    let last = BigInt(Math.floor(before)) * 1_000_000n
    for (const block of blocks) {
      expect(block.time.clock).toBe('device')
      expect(block.time.uncertainty).toBeGreaterThan(0)
      for (let i = 0; i < block.length; i += 1) {
        const now = timeNs(block, i)
        expect(now > last).toBe(true)
        last = now
      }
    }
    expect(last <= BigInt(Math.ceil(systemTime.now())) * 1_000_000n).toBe(true)
  })

  it('declares what is lost on the wire, with its number, where it is missing', async () => {
    const amplifier = simulator({ rate: 1000, channels: constant })
    amplifier.inject({ kind: 'shift', channel: 'c1', at: 1900, for: 100_000, size: 3 })
    amplifier.loseFrames({ at: 1500, count: 400 })
    const blocks = await collect(gsvSource({ url: await amplifier.listen() }), (scans) => scans >= 2600)
    expect(amplifier.lost).toBe(400)
    expect(scansOf(blocks) + missingIn(blocks)).toBe(amplifier.sent)
    expect(blocks.flatMap(({ gap }) => gap ?? [])).toEqual([{ scans: 400, cause: 'lost' }])
    // a scan or two may share a chunk with the last before the loss
    const first = blocks.find(({ gap }) => gap) as Block
    expect(first.origin.position - first.length + 1).toBeGreaterThan(1850)
    expect(first.origin.position - first.length + 1).toBeLessThanOrEqual(1900)
  })

  it('declares damaged frames one by one', async () => {
    const amplifier = simulator({ rate: 2000, channels: constant })
    amplifier.corruptFrames({ at: 100, count: 1 })
    amplifier.corruptFrames({ at: 300, count: 3 })
    const blocks = await collect(gsvSource({ url: await amplifier.listen() }), (scans) => scans >= 800)
    const gaps = blocks.flatMap(({ gap, origin, length }) => (gap ? [[gap, origin.position - length + 1]] : []))
    expect(gaps).toEqual([
      [{ scans: 1, cause: 'resync' }, 101],
      [{ scans: 3, cause: 'resync' }, 303]
    ])
    expect(scansOf(blocks) + missingIn(blocks)).toBe(amplifier.sent)
  })

  it('scales integers and marks saturated scans as uncertain', async () => {
    for (const dataType of ['int16', 'int24'] as const) {
      const amplifier = simulator({ rate: 2000, channels: constant, dataType })
      amplifier.inject({ kind: 'spike', channel: 'c2', at: 50, size: 100 })
      const blocks = await collect(gsvSource({ url: await amplifier.listen() }), (scans) => scans >= 200)
      const values = valuesOf(blocks, 'channel_2')
      expect(values[49]).toBeCloseTo(2, dataType === 'int16' ? 3 : 5)
      expect(values[50]).toBeCloseTo(10.5, 2)
      const quality = blocks.flatMap((block) => [
        ...(block.quality ?? new Uint8Array(2 * block.length)).subarray(0, block.length)
      ])
      expect(quality.indexOf(Quality.uncertain)).toBe(50)
      expect(quality.filter((value) => value !== Quality.good)).toHaveLength(1)
    }
  })

  it('writes the rate only when told, and takes what the device makes of it', async () => {
    const amplifier = simulator({ rate: 1000, channels: constant })
    const url = await amplifier.listen()
    const rates: number[] = []
    const onDevice = ({ rate }: { rate: number }): void => void rates.push(rate)
    await collect(gsvSource({ url, onDevice }), (scans) => scans > 0)
    await collect(gsvSource({ url, onDevice, rate: 1900 }), (scans) => scans > 0)
    await collect(gsvSource({ url, onDevice }), (scans) => scans > 0)
    expect(rates).toEqual([1000, 1920, 1920])
  })

  it('goes on after the last position behind a gap of unknown length', async () => {
    const amplifier = simulator({ rate: 2000, channels: constant })
    const source = gsvSource({ url: await amplifier.listen(), id: 'press' })
    const [first] = await collect(source, (scans) => scans > 0, { press: 99 })
    expect(first?.gap).toEqual({ scans: 'unknown', cause: 'reconnect' })
    expect(first?.origin.position).toBe(99 + (first?.length ?? 0))
  })

  it('keeps two devices apart', async () => {
    const both = await Promise.all(
      [1, 2].map(async (offset) => {
        const amplifier = simulator({ rate: 4000, channels: [{ offset, noise: 0 }], serial: offset })
        const blocks = await collect(gsvSource({ url: await amplifier.listen() }), (scans) => scans >= 1000)
        expect(scansOf(blocks)).toBe(amplifier.sent)
        return [blocks[0]?.stream.id, new Set(valuesOf(blocks, 'channel_1'))]
      })
    )
    expect(both).toEqual([
      ['gsv-1', new Set([1])],
      ['gsv-2', new Set([2])]
    ])
  })

  it('leaves the device silent and free when the reader walks away', async () => {
    const amplifier = simulator({ rate: 2000, channels: constant })
    const url = await amplifier.listen()
    const source = gsvSource({ url })
    for await (const _ of source.read({ signal: new AbortController().signal, from: {}, splits })) break
    const { sent } = amplifier
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(amplifier.sent).toBe(sent)
    expect(scansOf(await collect(source, (scans) => scans > 0))).toBeGreaterThan(0)
  })
})

describe('gsvSource at high speed', () => {
  const minute = { speed: 'max', duration: '1min' } as const

  it('is the same for equal seeds, whenever it is read', async () => {
    const read = async (seed: number): Promise<number[]> => {
      const amplifier = simulator({ seed })
      return valuesOf(await collect(gsvSource({ link: () => amplifier.link(minute) })), 'channel_3')
    }
    const [one, two, other] = [await read(5), await read(5), await read(6)]
    expect(one).toHaveLength(60_000)
    expect(two).toEqual(one)
    expect(other).not.toEqual(one)
  })

  it('stamps the times of the device', async () => {
    const amplifier = simulator()
    const blocks = await collect(gsvSource({ link: () => amplifier.link(minute) }))
    const last = blocks.at(-1) as Block
    const span = timeNs(last, last.length - 1) - timeNs(blocks[0] as Block)
    expect(Number(span) / 1e6).toBeCloseTo(59_999, 3)
  })

  /** Reads 10 s, waits `pause` ms by the clock, and reads 10 s more, after a position. */
  async function twice(pause: number, after?: number, lost = 0): Promise<{ first: Block[]; second: Block[] }> {
    let elapsed = 0
    const clock = { ...systemTime, elapsed: () => elapsed, now: () => 1_700_000_000_000 + elapsed }
    const amplifier = simulator({ scheduler: clock })
    if (lost > 0) amplifier.loseFrames({ at: 10_000 - lost, count: lost })
    let duration: '10s' | '20s' = '10s'
    const source = gsvSource({ link: () => amplifier.link({ speed: 'max', duration }), id: 'press', scheduler: clock })
    const first = await collect(source)
    elapsed = pause
    duration = '20s'
    return { first, second: await collect(source, undefined, { press: after ?? first.at(-1)?.origin.position }) }
  }

  it('counts by the clock what it missed between two readings', async () => {
    const { first, second } = await twice(5000)
    expect(first.at(-1)?.origin.position).toBe(9999)
    expect(second.map(({ gap }) => gap).filter((gap) => gap !== undefined)).toEqual([
      { scans: 5000, cause: 'reconnect' }
    ])
    expect(second[0]?.origin.position).toBe(14_999 + (second[0]?.length ?? 0))
    expect(scansOf(second)).toBe(10_000)
  })

  it('counts what was missing at the end of a reading with what came after it', async () => {
    const { first, second } = await twice(5000, undefined, 300)
    expect(scansOf(first)).toBe(9700)
    expect(second[0]?.gap).toEqual({ scans: 5300, cause: 'reconnect' })
    expect(second[0]?.origin.position).toBe(14_999 + (second[0]?.length ?? 0))
  })

  it('does not count where the clock was set back, or another reading was the last', async () => {
    const unknown = { scans: 'unknown', cause: 'reconnect' }
    const back = await twice(-5000)
    expect(back.second[0]?.gap).toEqual(unknown)
    expect(back.second.at(-1)?.origin.position).toBe(19_999)
    expect((await twice(5000, 12_345)).second[0]?.gap).toEqual(unknown)
  })

  it('counts what is lost, exactly and in place', async () => {
    const amplifier = simulator()
    for (const [at, count] of [
      [9000, 1000],
      [30_000, 1],
      [40_000, 77]
    ] as const)
      amplifier.loseFrames({ at, count })
    const blocks = await collect(gsvSource({ link: () => amplifier.link(minute) }))
    expect(missingIn(blocks)).toBe(1078)
    expect(scansOf(blocks) + missingIn(blocks)).toBe(amplifier.sent)
    const first = blocks.find(({ gap }) => gap) as Block
    expect(first.origin.position - first.length + 1).toBe(10_000)
  })

  it('takes no late arrivals at the end for a loss: the process may have been starved', async () => {
    const amplifier = simulator({ rate: 48_000, dataType: 'int16' })
    const late = (): ByteLink => {
      const link = amplifier.link({ speed: 'max', duration: '10s' })
      const start: ByteLink['start'] = (receiver) =>
        link.start({
          data: (bytes, at) => receiver.data(bytes, amplifier.sent > 480_000 - 935 ? at + 24.5 : at),
          closed: (error) => receiver.closed(error)
        })
      return Object.assign(Object.create(link) as ByteLink, {
        start,
        url: link.url,
        write: (bytes: Uint8Array) => link.write(bytes),
        pause: () => link.pause?.(),
        resume: () => link.resume?.(),
        close: () => link.close()
      })
    }
    const blocks = await collect(gsvSource({ link: late }))
    expect(scansOf(blocks)).toBe(480_000)
    expect(blocks.flatMap(({ gap }) => gap ?? [])).toEqual([])
    const uncertainties = blocks.map(({ time }) => time.uncertainty / 1e6)
    expect(uncertainties.at(-1)).toBeGreaterThan(24)
    expect(uncertainties.at(-6)).toBeLessThan(1)
  })

  it('counts damaged frames once, not again as lost', async () => {
    const amplifier = simulator()
    amplifier.corruptFrames({ at: 20_000, count: 30 })
    const blocks = await collect(gsvSource({ link: () => amplifier.link(minute) }))
    expect(blocks.flatMap(({ gap }) => gap ?? [])).toEqual([{ scans: 30, cause: 'resync' }])
  })

  it('is held back by a slow reader and loses nothing', async () => {
    const amplifier = simulator()
    const source = gsvSource({ link: () => amplifier.link(minute), buffer: '2MiB' })
    let scans = 0
    for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
      for (const { length } of batch.blocks) scans += length
      await new Promise((resolve) => setTimeout(resolve, 2))
      expect(amplifier.sent - scans).toBeLessThan(60_000)
    }
    expect(scans).toBe(60_000)
  })
})

describe('gsvSource that is not asked', () => {
  it('declares what does not fit its buffer', async () => {
    const amplifier = simulator({ rate: 12_000, channels: constant })
    const source = gsvSource({ url: await amplifier.listen(), buffer: '8KiB', block: { scans: 64 } })
    const controller = new AbortController()
    const batches: Batch[] = []
    for await (const batch of source.read({ signal: controller.signal, from: {}, splits })) {
      batches.push(batch)
      if (batches.length === 1) await new Promise((resolve) => setTimeout(resolve, 150))
      if (batches.length > 5) controller.abort()
    }
    const blocks = batches.flatMap((batch) => batch.blocks) as Block[]
    const notices = batches.flatMap((batch) => batch.events ?? [])
    const late = notices.reduce((sum, { data }) => sum + (data as { scans: number }).scans, 0)
    expect(blocks.flatMap(({ gap }) => gap?.cause ?? [])).toContain('overflow')
    expect(scansOf(blocks) + missingIn(blocks) + late).toBe(amplifier.sent)
  })
})

describe('gsvSource that fails', () => {
  const failure = (url: string, timeout: '50ms' | '1s' = '50ms'): Promise<Error> =>
    collect(gsvSource({ url, timeout })).then(
      () => new Error('ended'),
      (error) => error
    )

  it('says that nobody listens', async () => {
    const error = await failure('tcp://127.0.0.1:1')
    expect(error).toBeInstanceOf(NotConnectedError)
    expect(error.message).toContain(
      'No connection to tcp://127.0.0.1:1: connection refused; is the serial server running'
    )
  })

  it('says that the device is silent, and at which command', async () => {
    const url = await serve(() => {})
    const error = await failure(url)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toContain(
      `answer to StopTransmission from ${url} did not come within 50 ms: nothing arrived at all; check power`
    )
  })

  it('says that something else answers', async () => {
    const url = await serve((socket) => void socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')))
    const error = await failure(url)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toContain(`${url} sent 28 bytes in answer to StopTransmission, but none of them are frames`)
  })

  it('says that the link is lost, after all that was received', async () => {
    const amplifier = simulator({ rate: 2000, channels: constant })
    const source = gsvSource({ url: await amplifier.listen() })
    let scans = 0
    const reading = (async () => {
      for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
        for (const block of batch.blocks) scans += block.length
        if (scans > 200) void amplifier.close()
      }
    })()
    await expect(reading).rejects.toThrow(NotConnectedError)
    expect(scans).toBeGreaterThan(200)
  })

  it('says that the device has fewer channels than are named', async () => {
    const amplifier = simulator({ channels: constant })
    const source = gsvSource({ link: () => amplifier.link(), channels: { 1: 'a', 5: 'b' } })
    await expect(collect(source)).rejects.toThrow(new ShapeMismatchError('gsvSource: link', 5, 2))
  })

  it('does nothing when it is aborted before it begins', async () => {
    const signal = AbortSignal.abort()
    const batches: Batch[] = []
    for await (const batch of gsvSource({ url: 'tcp://127.0.0.1:1' }).read({ signal, from: {}, splits }))
      batches.push(batch)
    expect(batches).toEqual([])
  })

  it('refuses wrong options at once', () => {
    expect(() => gsvSource({})).toThrow('gsvSource: give either url or link')
    expect(() => gsvSource({ url: 'http://x' })).toThrow(
      "gsvSource: url must be 'tcp://host:port' or 'serial:/dev/ttyACM0'"
    )
    const url = 'tcp://127.0.0.1:1'
    expect(() => gsvSource({ url, channels: { 17: 'a' } })).toThrow('channels must be numbered 1 to 16')
    expect(() => gsvSource({ url, channels: {} })).toThrow('channels must name at least one')
    expect(() => gsvSource({ url, rate: 0 })).toThrow('gsvSource: rate must be above 0 Hz, got 0')
    expect(() => gsvSource({ url, block: { scans: 0.5 } })).toThrow(
      'block.scans must be a positive whole number, got 0.5'
    )
    expect(() => gsvSource({ url, timeout: '1m' as '1s' })).toThrow('gsvSource: timeout')
  })
})
