import { connect, type Socket } from 'node:net'
import type { ByteLink } from '@messwerk/core/driver'
import { blockOf, NotConnectedError } from '@messwerk/core/model'
import { VirtualTime } from '@messwerk/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { encodeRequestFrame, type FrameLayout, GsvParser, LegacyParser } from '../codec/index.ts'
import { simulateGsv } from './simulate-gsv.ts'
import type { SimulatedGsv } from './simulated-gsv.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const STOP = encodeRequestFrame(0x23)
const START = encodeRequestFrame(0x24)

/** A host in this process: what arrives, scan by scan, and the answers. */
async function host(amplifier: SimulatedGsv, layout: FrameLayout, link: ByteLink = amplifier.link()) {
  const scans: number[][] = []
  const answers: { status: number; data: number[] }[] = []
  const channels = layout.channels ?? layout.objects
  const parser = new GsvParser(
    {
      full: ({ values, capacity }) => {
        for (let i = 0; i < capacity; i += 1)
          scans.push(Array.from({ length: channels }, (_, c) => values[c * capacity + i] as number))
      },
      response: (status: number, data: Uint8Array) => void answers.push({ status, data: [...data] }),
      skipped() {}
    },
    { capacity: 8, layout }
  )
  let ended: Error | undefined | null = null
  link.start({
    data: (bytes) => parser.push(bytes),
    closed: (error) => {
      ended = error
    }
  })
  const ask = async (...frames: Uint8Array[]): Promise<void> => {
    await link.write(Uint8Array.from(frames.flatMap((frame) => [...frame])))
  }
  return { scans, answers, parser, link, ask, ended: () => ended }
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('the wire of the simulator', () => {
  it('carries several scans a frame at 48 kHz, none lost, none twice', async () => {
    const scheduler = new VirtualTime()
    const amplifier = simulateGsv({
      rate: 48_000,
      dataType: 'int16',
      channels: [{ noise: 0 }, { noise: 0 }],
      counterChannel: 2,
      scheduler
    })
    const { scans, parser, ask } = await host(amplifier, { objects: 16, channels: 2, dataType: 'int16', crc: false })
    void ask(STOP, encodeRequestFrame(0x01, [4]), START)
    await scheduler.advance(3000)
    const numbers = scans.map(([, part = 0]) => Math.round((part / 1.05) * 32_768 + 32_768))
    const from = numbers.findIndex((number, i) => number === 0 && numbers[i + 1] === 1)
    expect(numbers.slice(from).every((number, i) => number === i % 65_536)).toBe(true)
    expect(numbers.length - from).toBeGreaterThan(140_000)
    expect(parser.decoded).toBeGreaterThan(140_000)
    expect(amplifier.lost).toBe(0)
    await amplifier.close()
  })

  // takes some seconds: the operating system holds megabytes
  it('loses what a TCP host does not read, counts it and says 0x91', async () => {
    const amplifier = simulateGsv({ rate: 48_000, dataType: 'int16', mostWaiting: 4096, counterChannel: 8 })
    closing.push(() => amplifier.close())
    const { port } = new URL(await amplifier.listen())
    const socket: Socket = connect(Number(port), '127.0.0.1')
    closing.push(() => socket.destroy())
    const last: number[][] = []
    const parser = new GsvParser(
      { full() {}, response: (_: number, data: Uint8Array) => void last.push([...data]), skipped() {} },
      { capacity: 8, layout: { objects: 8, dataType: 'int16', crc: false } }
    )
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.pause()
    socket.write(START)
    await until(() => amplifier.lost > 1000)
    socket.on('data', (bytes) => parser.push(bytes))
    socket.resume()
    socket.write(Uint8Array.of(...STOP, ...encodeRequestFrame(0x42, [1])))
    await until(() => last.some((data) => data.length === 4))
    expect(last.at(-1)).toEqual([0, 0, 0, 0x91])
    const written = amplifier.log.filter(({ fate }) => fate === 'written')
    expect(written.reduce((sum, { from, to }) => sum + to - from, 0)).toBeGreaterThanOrEqual(parser.decoded - 1)
    expect(parser.skippedBytes).toBe(0)
  })

  it('is unplugged in process: the host is told, measuring goes on, and another link works after', async () => {
    const scheduler = new VirtualTime()
    const amplifier = simulateGsv({ rate: 1000, channels: [{ noise: 0 }], counterChannel: 1, scheduler })
    const layout = { objects: 1, dataType: 'float32', crc: false } as const
    const first = await host(amplifier, layout)
    void first.ask(START)
    await scheduler.advance(1000)
    await amplifier.unplug()
    expect(first.ended()).toBeInstanceOf(NotConnectedError)
    const refused = await host(amplifier, layout)
    expect(refused.ended()).toBeInstanceOf(NotConnectedError)
    await scheduler.advance(5000)
    await amplifier.plug()
    const second = await host(amplifier, layout)
    void second.ask(STOP, START)
    await scheduler.advance(1000)
    expect(amplifier.lost).toBe(5000)
    expect(second.scans[8]?.[0]).toBeGreaterThanOrEqual(6000)
    expect(amplifier.sent).toBe(7000)
    await amplifier.close()
  })

  it('resets a GSV-6, which is silent for a while and has its new rate then', async () => {
    const scheduler = new VirtualTime()
    const amplifier = simulateGsv({ model: 'gsv-6', rate: 500, freeRunning: true, scheduler })
    const { answers, ask, parser } = await host(amplifier, { objects: 6, dataType: 'float32', crc: false })
    const rate = new DataView(new ArrayBuffer(4))
    rate.setFloat32(0, 100)
    void ask(STOP, encodeRequestFrame(0x8b, new Uint8Array(rate.buffer)), START, encodeRequestFrame(0x78), STOP)
    await scheduler.advance(600)
    expect(answers.map(({ status }) => status)).toEqual([0, 0, 0])
    const before = parser.decoded
    await scheduler.advance(1100)
    expect(parser.decoded - before).toBeGreaterThan(95)
    void ask(STOP, encodeRequestFrame(0x8a))
    await scheduler.advance(10)
    const [a = 0, b = 0, c = 0, d = 0] = answers.at(-1)?.data ?? []
    expect(new DataView(Uint8Array.of(a, b, c, d).buffer).getFloat32(0)).toBeCloseTo(100.402, 3)
    await amplifier.close()
  })

  it('plays blocks in place of the generators', async () => {
    const stream = { stream: 'press', channels: { a: 'N', b: 'N' }, rate: 1000 }
    const blocks = [blockOf(stream, { a: [1, 2, 3], b: [10, 20, 30] }), blockOf(stream, { a: [4], b: [40] })]
    const amplifier = simulateGsv({ channels: [{ scale: 100 }, { scale: 100 }], blocks })
    const layout = { objects: 2, dataType: 'float32', crc: false } as const
    const { scans, ask } = await host(amplifier, layout, amplifier.link({ speed: 'max', duration: '15ms' }))
    await ask(STOP, START)
    await until(() => scans.length >= 16)
    // one frame was sent before the start
    expect(scans.slice(0, 6)).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
      [4, 40],
      [4, 40],
      [4, 40]
    ])
  })

  it('swaps sensors by their parts of the range, and makes other waves', async () => {
    const amplifier = simulateGsv({
      channels: [
        { name: 'x', offset: 10, noise: 0, scale: 100 },
        { name: 'y', offset: 500, noise: 0, scale: 1000 },
        { name: 'z', noise: 0, scale: 10, shape: 'square', sine: { amplitude: 2, frequency: 250 } },
        { name: 'w', noise: 0, scale: 10, of: (scan) => scan / 4 }
      ]
    })
    amplifier.inject({ kind: 'swap', channel: 'x', with: 'y', at: 2, for: 1 })
    expect(amplifier.labels).toEqual([{ kind: 'swap', channel: 'x', with: 'y', from: 2, to: 3, size: 0 }])
    const layout = { objects: 4, dataType: 'float32', crc: false } as const
    const { scans, ask } = await host(amplifier, layout, amplifier.link({ speed: 'max', duration: '23ms' }))
    await ask(STOP, START)
    await until(() => scans.length >= 24)
    expect(scans.slice(1, 6)).toEqual([
      [10, 500, 2, 0],
      [10, 500, 2, 0.25],
      [50, 100, -2, 0.5],
      [10, 500, -2, 0.75],
      [10, 500, 2, 1]
    ])
    expect(() => amplifier.inject({ kind: 'swap', channel: 'x' })).toThrow('needs `with`')
  })

  it.each(['gsv-2', 'gsv-3', 'gsv-4'] as const)('is also that of a %s', async (model) => {
    const scheduler = new VirtualTime()
    const amplifier = simulateGsv({ model, rate: 100, counterChannel: 1, scheduler })
    const link = amplifier.link()
    const parser = new LegacyParser({ full() {}, answer() {}, skipped() {} }, { model })
    link.start({ data: (bytes) => parser.push(bytes), closed() {} })
    void link.write(Uint8Array.of(0x23, 0x24))
    await scheduler.advance(2000)
    const rate = model === 'gsv-4' ? 125 : 100
    expect(amplifier.sent).toBe(2 * rate)
    expect(parser.decoded).toBeGreaterThan(2 * rate - 5)
    expect(parser.skippedBytes).toBe(0)
    await amplifier.close()
  })

  it('refuses options that no model has', () => {
    const wrong = (options: Parameters<typeof simulateGsv>[0]) => () => simulateGsv(options)
    expect(wrong({ model: 'gsv-6', dataType: 'int24' })).toThrow('dataType of a gsv-6 must be float32 or int16')
    expect(wrong({ model: 'gsv-3', channels: [{}, {}] })).toThrow('channels must be one to one, got 2')
    expect(wrong({ counterChannel: 9 })).toThrow('counterChannel must be a channel from 1 to 8, got 9')
    expect(wrong({ crystal: Number.NaN })).toThrow('crystal must be -10000 to 10000 ppm, got NaN')
    const amplifier = simulateGsv()
    expect(() => amplifier.disturb({ corrupt: 2 })).toThrow('disturb: corrupt and drop must be shares')
    expect(() => amplifier.stall(0)).toThrow('stall: ms must be more than 0')
    expect(() => amplifier.setLine(17, 1)).toThrow('setLine: line must be 1 to 16, got 17')
  })
})
