import { createServer, type Server } from 'node:net'
import {
  type Batch,
  type Block,
  column,
  type Gap,
  InUseError,
  type MeasurementEvent,
  NotConnectedError,
  ProtocolError,
  Quality,
  type ReadOptions,
  ShapeMismatchError,
  type Source,
  type SourceReport,
  TimeoutError,
  timeNs
} from '@messwerk/core/model'
import { afterEach, describe, expect, it } from 'vitest'
import type { LegacyModel } from '../../codec/index.ts'
import type { LegacyGsv } from '../../device/legacy/legacy-gsv.ts'
import { type SimulatedGsv, simulateGsv } from '../../simulator/index.ts'
import { gsvSource } from '../gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

const MODELS = ['gsv-4', 'gsv-3', 'gsv-2'] as const
const inputs = { 'gsv-4': 4, 'gsv-3': 1, 'gsv-2': 1 }
const RATE = { 'gsv-4': 937.5, 'gsv-3': 1000, 'gsv-2': 1000 }
const SCALE = { scale: 1000, unit: 'N' }
const scales: Record<LegacyModel, Record<number, typeof SCALE>> = {
  'gsv-4': { 1: SCALE, 2: SCALE, 3: SCALE, 4: SCALE },
  'gsv-3': { 1: SCALE },
  'gsv-2': {}
}

/** A device whose first channel rises by one each scan for 1000 scans; others are steady. */
function simulator(model: LegacyModel, options: Parameters<typeof simulateGsv>[0] = {}): SimulatedGsv {
  const ramp = { name: 'ramp', unit: 'N', noise: 0, scale: 1000, of: (scan: number) => scan % 1000 }
  const steady = [100, 200, 300].map((offset) => ({ name: `c${offset}`, unit: 'N', offset, noise: 0, scale: 1000 }))
  const channels = [ramp, ...steady].slice(0, inputs[model])
  const amplifier = simulateGsv({ model, channels, rate: RATE[model], serial: 4711, ...options })
  closing.push(() => amplifier.close())
  return amplifier
}

async function sourceOf(model: LegacyModel, amplifier: SimulatedGsv, more: object = {}): Promise<Source> {
  return gsvSource({ url: await amplifier.listen(), model, scales: scales[model], ...more })
}

interface Seen {
  readonly blocks: Block[]
  readonly events: MeasurementEvent[]
}

/** All batches of a source, until it ends or `enough` aborts it. */
async function collect(source: Source, enough: (scans: number) => boolean, from = {}): Promise<Seen> {
  const controller = new AbortController()
  const batches: Batch[] = []
  let scans = 0
  for await (const batch of source.read({ signal: controller.signal, from, splits })) {
    batches.push(batch)
    for (const block of batch.blocks) scans += block.length
    if (enough(scans)) controller.abort()
  }
  return { blocks: batches.flatMap(({ blocks }) => blocks), events: batches.flatMap(({ events = [] }) => events) }
}

const scansOf = (blocks: Block[]): number => blocks.reduce((sum, block) => sum + block.length, 0)
const gapsOf = (blocks: Block[]): Gap[] => blocks.flatMap(({ gap }) => gap ?? [])
const missingIn = (blocks: Block[]): number => gapsOf(blocks).reduce((sum, { scans }) => sum + (scans as number), 0)
const valuesOf = (blocks: Block[], name: string): number[] => blocks.flatMap((block) => [...column(block, name)])
const failure = (source: Source): Promise<Error> =>
  collect(source, () => false).then(
    () => expect.fail('it did not fail'),
    (error) => error as Error
  )

/** One step of 16 bits. */
const STEP = 1050 / 32_768

describe.each(MODELS)('gsvSource of a %s over TCP', (model) => {
  it('hands over every scan with its value, unit and time, and loses nothing at the stop', async () => {
    const amplifier = simulator(model)
    const { blocks, events } = await collect(await sourceOf(model, amplifier), (scans) => scans >= 600)
    expect(scansOf(blocks)).toBe(amplifier.sent)
    expect(gapsOf(blocks)).toEqual([])
    expect(events).toEqual([])
    for (const [i, value] of valuesOf(blocks, 'channel_1').entries()) {
      expect(Math.abs(value - (i % 1000)), `scan ${i}`).toBeLessThanOrEqual(STEP)
    }
    if (model === 'gsv-4') {
      for (const value of valuesOf(blocks, 'channel_4')) expect(Math.abs(value - 300)).toBeLessThanOrEqual(STEP)
    }
    const { stream } = blocks[0] as Block
    expect(stream.id).toBe('gsv-4711')
    expect(stream.rate).toBeCloseTo(RATE[model], -1)
    expect(stream.channels).toHaveLength(inputs[model])
    expect(stream.channels[0]).toMatchObject({ name: 'channel_1', unit: 'N' })
    expect(stream.channels[0]?.range?.[1]).toBeCloseTo(model === 'gsv-4' ? 1000 : 1050, 2)
    expect(stream.tags).toMatchObject({ model, serial: '4711' })
    let last = 0n
    for (const block of blocks) {
      expect(block.time.clock).toBe('device')
      for (let i = 0; i < block.length; i += 1) {
        expect(timeNs(block, i) > last).toBe(true)
        last = timeNs(block, i)
      }
    }
  })

  it('declares frames that are lost on the wire, exactly', async () => {
    const amplifier = simulator(model)
    amplifier.loseFrames({ at: 700, count: 300 })
    const { blocks } = await collect(await sourceOf(model, amplifier), (scans) => scans >= 1700)
    expect(gapsOf(blocks)).toEqual([{ scans: 300, cause: 'lost' }])
    expect(scansOf(blocks) + 300).toBe(amplifier.sent)
  })

  it.each([{ drop: 0.002 }, { corrupt: 0.002 }])('finds the frames again behind a bad line: %o', async (line) => {
    const amplifier = simulator(model)
    const source = await sourceOf(model, amplifier)
    let told = false
    const { blocks } = await collect(source, (scans) => {
      if (scans >= 200 && !told) {
        told = true
        amplifier.disturb(line)
      }
      if (scans >= 600) amplifier.disturb({})
      return scans >= 1400
    })
    const gaps = gapsOf(blocks)
    expect(gaps.length).toBeGreaterThan(0)
    expect(gaps.some(({ cause }) => cause === 'resync')).toBe(true)
    expect(Math.abs(scansOf(blocks) + missingIn(blocks) - amplifier.sent)).toBeLessThanOrEqual(3)
    // the number of a scan is its value again, give or take what a damaged frame may count for
    const behind = valuesOf(blocks, 'channel_1').slice(-200)
    for (const [i, value] of behind.entries()) {
      expect(Math.abs(((value - (behind[0] as number) - i + 1500) % 1000) - 500)).toBeLessThanOrEqual(3 * STEP)
    }
  })

  it('marks what is at the end of the range, and nothing else', async () => {
    const amplifier = simulator(model)
    amplifier.inject({ kind: 'spike', channel: 1, at: 50, size: 100_000 })
    const { blocks } = await collect(await sourceOf(model, amplifier), (scans) => scans >= 200)
    const marked = blocks.flatMap((block) =>
      Array.from({ length: block.length }, (_, i) =>
        block.stream.channels.map((_channel, c) => block.quality?.[c * block.length + i] ?? Quality.good)
      )
    )
    const good = new Array(inputs[model]).fill(Quality.good)
    expect(marked[50]).toEqual([Quality.uncertain, ...good.slice(1)])
    expect(marked.filter((qualities) => qualities.some((quality) => quality !== Quality.good))).toHaveLength(1)
  })

  it('goes on where it was after the cable was pulled out, and says what it missed', async () => {
    const amplifier = simulator(model, { freeRunning: true })
    const source = await sourceOf(model, amplifier)
    const before: Block[] = []
    const position = { value: -1 }
    const read = async (): Promise<void> => {
      for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
        before.push(...batch.blocks)
        position.value = batch.position
        if (scansOf(before) > 300) void amplifier.unplug()
      }
    }
    await expect(read()).rejects.toThrow(NotConnectedError)
    await amplifier.plug()
    const from = { [(before[0] as Block).origin.split]: position.value }
    const { blocks } = await collect(source, (scans) => scans >= 300, from)
    const [gap] = gapsOf(blocks)
    expect(gap?.cause).toBe('reconnect')
    const first = Math.round(valuesOf(blocks, 'channel_1')[0] as number)
    const lastValue = Math.round(valuesOf(before, 'channel_1').at(-1) as number)
    const missed = (first - lastValue - 1 + 2000) % 1000
    expect(Math.abs((gap?.scans as number) - missed)).toBeLessThanOrEqual(20)
    expect(blocks[0]?.origin.position).toBe(position.value + (gap?.scans as number) + (blocks[0]?.length ?? 0))
  })

  it('tells of a zero as a notice, and refuses what it cannot answer meanwhile', async () => {
    const amplifier = simulator(model)
    let gsv: LegacyGsv | undefined
    const onDevice = (_: unknown, one: LegacyGsv): void => {
      gsv = one
    }
    const source = await sourceOf(model, amplifier, { onDevice })
    const refused: unknown[] = []
    const { events } = await collect(source, (scans) => {
      if (scans >= 200 && refused.length === 0) {
        refused.push(gsv)
        void gsv?.zero(1)
        void gsv?.setRate(125).catch((error) => refused.push(error))
      }
      return scans >= 500
    })
    expect(refused[1]).toBeInstanceOf(InUseError)
    expect((refused[1] as Error).message).toContain('a source is reading')
    expect(events).toMatchObject([{ kind: 'notice', rule: 'SetZero', data: model === 'gsv-4' ? { channel: 1 } : {} }])
  })

  it('is silent when it sends nothing', async () => {
    const amplifier = simulator(model)
    const reports: SourceReport[] = []
    const source = await sourceOf(model, amplifier)
    const { signal } = new AbortController()
    const read = async (): Promise<void> => {
      for await (const _ of source.read({ signal, from: {}, splits, report: (one) => void reports.push(one) })) {
        amplifier.stall(60_000)
      }
    }
    await expect(read()).rejects.toThrow('no measured frame for 2 s on an open link')
    expect(reports.map(({ state }) => state)).toEqual(['degraded'])
  })

  it('counts lost scans by a channel that numbers them', async () => {
    const amplifier = simulator(model, { counterChannel: 1 })
    amplifier.loseFrames({ at: amplifier.sent + 1000, count: 17 })
    const { blocks } = await collect(await sourceOf(model, amplifier, { counterChannel: 1 }), (scans) => scans >= 1500)
    expect(gapsOf(blocks)).toEqual([{ scans: 17, cause: 'sequence' }])
  })
})

describe('gsvSource of a legacy device', () => {
  it('reads short and text frames of a GSV-2', async () => {
    for (const [setting, step] of [
      [[0x80, 0x00], STEP],
      [[0x26, 0x02], 0.01]
    ] as const) {
      const amplifier = simulator('gsv-2', { rate: 100 })
      const link = amplifier.link()
      link.start({ data: () => {}, closed: () => {} })
      await link.write(Uint8Array.from(setting))
      await link.close()
      const { blocks } = await collect(await sourceOf('gsv-2', amplifier), (scans) => scans >= 60)
      expect(scansOf(blocks)).toBe(amplifier.sent)
      for (const [i, value] of valuesOf(blocks, 'channel_1').entries()) {
        expect(Math.abs(value - (i % 1000))).toBeLessThanOrEqual(step)
      }
    }
  })

  it('names and leaves out channels, and says when there are not so many', async () => {
    const amplifier = simulator('gsv-4')
    const url = await amplifier.listen()
    const { blocks } = await collect(
      gsvSource({ url, model: 'gsv-4', channels: { 3: 'force' } }),
      (scans) => scans > 100
    )
    // a bridge input has 2 mV/V
    expect(blocks[0]?.stream.channels).toMatchObject([{ name: 'force', unit: 'mV/V', range: [-2, 2] }])
    for (const value of valuesOf(blocks, 'force')) expect(value).toBeCloseTo(0.4, 4)
    const error = await failure(gsvSource({ url, model: 'gsv-4', channels: { 5: 'x' } }))
    expect(error).toBeInstanceOf(ShapeMismatchError)
  })

  it('writes a rate that is asked for', async () => {
    for (const [model, rate] of [
      ['gsv-4', 250],
      ['gsv-3', 500],
      ['gsv-2', 500]
    ] as const) {
      const amplifier = simulator(model)
      const { blocks } = await collect(await sourceOf(model, amplifier, { rate }), (scans) => scans >= 50)
      expect(Math.abs((blocks[0]?.stream.rate ?? 0) / rate - 1)).toBeLessThan(0.02)
    }
    expect(() => gsvSource({ url: 'serial:x', model: 'gsv-4', rate: 100 })).toThrow(
      'gsvSource: rate of a gsv-4 must be one of'
    )
  })

  it('throws at once for wrong options', () => {
    const url = 'serial:x'
    expect(() => gsvSource({ url, model: 'gsv-9' as 'gsv-8' })).toThrow("gsvSource: model must be 'auto', 'gsv-8'")
    expect(() => gsvSource({ url, model: 'gsv-4', crc: true } as never)).toThrow('gsvSource: crc is not for a gsv-4')
    expect(() => gsvSource({ url, model: 'gsv-4', polarity: 'unipolar' })).toThrow('of a gsv-2 only')
  })

  it('says that it is another model, or that nothing answers', async () => {
    const amplifier = simulateGsv({ streaming: true })
    closing.push(() => amplifier.close())
    const other = await failure(gsvSource({ url: await amplifier.listen(), model: 'gsv-3', timeout: '300ms' }))
    expect(other).toBeInstanceOf(ProtocolError)
    expect(other.message).toContain('they look like those of a GSV-8 or GSV-6')
    const wrong = await failure(gsvSource({ url: await simulator('gsv-3').listen(), model: 'gsv-2', timeout: '60ms' }))
    expect(wrong).toBeInstanceOf(TimeoutError)
    const deaf: Server = createServer(() => {})
    await new Promise<void>((resolve) => void deaf.listen(0, '127.0.0.1', resolve))
    closing.push(async () => void deaf.close())
    const url = `tcp://127.0.0.1:${(deaf.address() as { port: number }).port}`
    const nothing = await failure(gsvSource({ url, model: 'gsv-4', timeout: '60ms' }))
    expect(nothing).toBeInstanceOf(TimeoutError)
    expect(nothing.message).toContain('nothing arrived at all')
  })
})
