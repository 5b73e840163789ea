import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { systemTime } from '@messwerk/core/driver'
import { type Batch, type Block, column, type ReadOptions, type Source, timeNs } from '@messwerk/core/model'
import { afterEach, describe, expect, it } from 'vitest'
import { type SimulatedGsv, type SimulateGsvOptions, simulateGsv } from '../../simulator/index.ts'
import { type GsvSourceOptions, gsvSource } from '../gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

function simulator(options: SimulateGsvOptions = {}): SimulatedGsv {
  const amplifier = simulateGsv(options)
  closing.push(() => amplifier.close())
  return amplifier
}

/** All blocks of a source until `enough` aborts it; `between` is called with each batch. */
async function collect(source: Source, enough: (scans: number) => boolean, from = {}): Promise<Block[]> {
  const controller = new AbortController()
  const blocks: Block[] = []
  let scans = 0
  for await (const batch of source.read({ signal: controller.signal, from, splits })) {
    for (const block of batch.blocks) {
      blocks.push(block)
      scans += block.length
    }
    if (enough(scans)) controller.abort()
  }
  return blocks
}

const scansOf = (blocks: Block[]): number => blocks.reduce((sum, { length }) => sum + length, 0)
const gapsOf = (blocks: Block[]): unknown[] =>
  blocks.flatMap(({ gap, origin, length }) => (gap ? [[gap, origin.position - length + 1]] : []))
const valuesOf = (blocks: Block[], name: string): number[] => blocks.flatMap((block) => [...column(block, name)])

describe("reader: 'worker'", () => {
  it('gives the same scans, gaps and description as inline', async () => {
    const results = []
    for (const reader of ['inline', 'worker'] as const) {
      const amplifier = simulator({ rate: 2000, seed: 5 })
      amplifier.corruptFrames({ at: 100, count: 1 })
      amplifier.corruptFrames({ at: 700, count: 3 })
      const source = gsvSource({ url: await amplifier.listen(), channels: { 3: 'force_z', 1: 'force_x' }, reader })
      const blocks = await collect(source, (scans) => scans >= 1500)
      const { stream, origin } = blocks.at(-1) as Block
      expect(scansOf(blocks) + 4).toBe(amplifier.sent)
      expect(origin.position).toBe(amplifier.sent - 1)
      const first = ['force_x', 'force_z'].map((name) => valuesOf(blocks, name).slice(0, 1500))
      results.push({ stream, gaps: gapsOf(blocks), first })
    }
    expect(results[1]).toEqual(results[0])
    expect(results[1]?.stream).toBe(results[0]?.stream)
  })

  it('reads the models with a protocol of their own, too', async () => {
    const amplifier = simulator({ model: 'gsv-3', rate: 500, counterChannel: 1 })
    const scales = { 1: { scale: 1, unit: '1' } }
    const source = gsvSource({ url: await amplifier.listen(), model: 'gsv-3', scales, reader: 'worker' })
    const blocks = await collect(source, (scans) => scans >= 300)
    expect(blocks[0]?.stream).toMatchObject({ rate: expect.closeTo(500, 0), tags: { model: 'gsv-3' } })
    expect(scansOf(blocks)).toBeGreaterThanOrEqual(300)
  })

  it('puts times of this computer on them, by a clock fitted in the thread', async () => {
    const amplifier = simulator({ rate: 1000 })
    const before = systemTime.now()
    const blocks = await collect(
      gsvSource({ url: await amplifier.listen(), reader: 'worker' }),
      (scans) => scans >= 500
    )
    const times = blocks.flatMap((block) => Array.from({ length: block.length }, (_, i) => timeNs(block, i)))
    expect(times.every((time, i) => i === 0 || time > (times[i - 1] as bigint))).toBe(true)
    expect(Number((times[0] as bigint) / 1_000_000n)).toBeGreaterThanOrEqual(Math.floor(before))
    expect(Number((times.at(-1) as bigint) / 1_000_000n)).toBeLessThanOrEqual(Math.ceil(systemTime.now()))
    expect(blocks[0]?.time).toMatchObject({ clock: 'device' })
  })

  it('reads on where it ended, and counts what was missed by the clock', async () => {
    const amplifier = simulator({ rate: 1000, freeRunning: true, counterChannel: 8, streaming: false })
    const source = gsvSource({ url: await amplifier.listen(), channels: { 8: 'number' }, reader: 'worker' })
    const [before] = (await collect(source, (scans) => scans >= 300)).slice(-1) as [Block]
    await new Promise((resolve) => setTimeout(resolve, 300))
    const from = { [before.stream.id]: before.origin.position }
    const after = (await collect(source, (scans) => scans >= 300, from))[0] as Block
    const [last, first] = [column(before, 'number').at(-1) as number, column(after, 'number')[0] as number]
    expect(after.gap?.cause).toBe('reconnect')
    const within = 2 + ((before.time.uncertainty + after.time.uncertainty) / 1e9) * 1000
    expect(Math.abs((after.gap?.scans as number) - (first - last - 1))).toBeLessThanOrEqual(within)
    expect(after.origin.position - after.length - before.origin.position).toBe(after.gap?.scans)
  })

  it('passes on what the source reports', async () => {
    const amplifier = simulator({ rate: 1000 })
    const url = await amplifier.listen()
    const reports: string[] = []
    const report: ReadOptions['report'] = ({ state }) => void reports.push(state)
    const reading = gsvSource({ url, reader: 'worker' }).read({
      signal: new AbortController().signal,
      from: {},
      splits,
      report
    })
    const batches = reading[Symbol.asyncIterator]()
    await batches.next()
    amplifier.stall(60_000)
    await expect(
      (async () => {
        for (;;) if ((await batches.next()).done) return
      })()
    ).rejects.toMatchObject({ code: 'NOT_CONNECTED', message: expect.stringContaining('no measured frame') })
    expect(reports).toEqual(['degraded'])
  })

  it('refuses what cannot cross into a thread, by its name', () => {
    const url = 'tcp://127.0.0.1:4711'
    const wrong: [option: string, options: unknown][] = [
      ['link', { link: simulateGsv().link(), reader: 'worker' }],
      ['lib', { url, lib: {}, reader: 'worker' }],
      ['scheduler', { url, scheduler: systemTime, reader: 'worker' }],
      ['onDevice', { url, onDevice() {}, reader: 'worker' }]
    ]
    for (const [option, options] of wrong) {
      const make = () => gsvSource(options as GsvSourceOptions)
      expect(make).toThrow(TypeError)
      expect(make).toThrow(`gsvSource: ${option} cannot be given with reader 'worker': `)
    }
    const make = () => gsvSource({ url, reader: 'thread' as 'worker' })
    expect(make).toThrow(new RangeError("gsvSource: reader must be 'inline' or 'worker', got 'thread'"))
  })
})

describe('how it ends', () => {
  const failing: [what: string, options: () => Promise<GsvSourceOptions>][] = [
    ['nobody there', async () => ({ url: 'tcp://127.0.0.1:1' })],
    ['no such port', async () => ({ url: 'serial:/dev/no-such-port' })],
    ['silent', async () => ({ url: await silence(), timeout: '50ms' })],
    ['refused', async () => ({ url: await simulator().listen(), rate: 20_000 })],
    ['too few channels', async () => ({ url: await simulator().listen(), channels: { 9: 'nine' } })]
  ]
  for (const [what, optionsOf] of failing) {
    it(`${what}: the same error as inline`, async () => {
      const options = await optionsOf()
      const [inline, apart] = [await errorOf(options), await errorOf({ ...options, reader: 'worker' })]
      expect(inline).toHaveProperty('retryable')
      expect(Object.getPrototypeOf(apart)).toBe(Object.getPrototypeOf(inline))
      expect(apart).toEqual(inline)
      expect(apart.cause).toEqual(inline.cause)
    })
  }

  it('a link that is lost: after all that was received, with the error of the link', async () => {
    const amplifier = simulator({ rate: 1000 })
    const source = gsvSource({ url: await amplifier.listen(), reader: 'worker' })
    const blocks: Block[] = []
    const reading = async (): Promise<void> => {
      for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
        blocks.push(...batch.blocks)
        if (scansOf(blocks) >= 200) void amplifier.unplug()
      }
    }
    await expect(reading()).rejects.toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    expect(scansOf(blocks)).toBeGreaterThanOrEqual(200)
  })

  it('after a lost link it goes on with what it knew: what was missed is counted exactly by a counter', async () => {
    const amplifier = simulator({ rate: 1000, counterChannel: 8 })
    const url = await amplifier.listen()
    const source = gsvSource({ url, channels: { 8: 'number' }, counterChannel: 8, reader: 'worker' })
    const lost: Block[] = []
    const reading = async (): Promise<void> => {
      for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
        lost.push(...batch.blocks)
        if (scansOf(lost) >= 600) void amplifier.unplug()
      }
    }
    await expect(reading()).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
    const before = lost.at(-1) as Block
    const from = { [before.stream.id]: before.origin.position }
    await expect(collect(source, () => true, from)).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
    await amplifier.plug()
    const [after] = (await collect(source, () => true, from)) as [Block]
    const missed = (column(after, 'number')[0] as number) - (column(before, 'number').at(-1) as number) - 1
    expect(missed).toBeGreaterThan(0)
    expect(after.gap).toEqual({ scans: missed, cause: 'reconnect' })
  })

  it('another one goes on with what it left as a memo', async () => {
    const amplifier = simulator({ rate: 1000, counterChannel: 8 })
    const options = {
      url: await amplifier.listen(),
      channels: { 8: 'number' },
      counterChannel: 8,
      reader: 'worker'
    } as const
    const batches: Batch[] = []
    for await (const batch of gsvSource(options).read({ signal: new AbortController().signal, from: {}, splits })) {
      batches.push(batch)
      if (batches.length === 20) break
    }
    const [before, memo] = [batches.at(-1)?.blocks.at(-1) as Block, batches.find((batch) => batch.memo)?.memo as string]
    const { id } = before.stream
    const how = { from: { [id]: before.origin.position }, memos: { [id]: memo } }
    for await (const { blocks } of gsvSource(options).read({ signal: new AbortController().signal, splits, ...how })) {
      const after = blocks[0] as Block
      const missed = (column(after, 'number')[0] as number) - (column(before, 'number').at(-1) as number) - 1
      expect(missed).toBeGreaterThan(0)
      expect(after.gap).toEqual({ scans: missed, cause: 'reconnect' })
      break
    }
    expect.assertions(2)
  })

  for (const [how, printed] of [
    ['break', 'read\n'],
    ['abort', 'read\n'],
    ['unreachable', 'NOT_CONNECTED\n']
  ] as const) {
    it(`${how}: the device is silent and free, and no thread keeps the program alive`, async () => {
      const amplifier = simulator({ rate: 1000 })
      const url = how === 'unreachable' ? 'tcp://127.0.0.1:1' : await amplifier.listen()
      const program = `${import.meta.dirname}/fixtures/reads-one-batch.ts`
      const run = promisify(execFile)(process.execPath, ['--import', 'tsx', program, url, how], { timeout: 20_000 })
      expect((await run).stdout).toBe(printed)
      const { sent } = amplifier
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(amplifier.sent).toBe(sent)
    })
  }

  it('a signal that has aborted before starts nothing', async () => {
    const source = gsvSource({ url: 'tcp://127.0.0.1:1', reader: 'worker' })
    const batches = source.read({ signal: AbortSignal.abort(), from: {}, splits })
    for await (const batch of batches) expect.unreachable(String(batch))
  })
})

describe('a main thread that is blocked for 2 s, at 12 kHz', { timeout: 30_000 }, () => {
  for (const buffer of ['16MiB', '256KiB'] as const) {
    it(`with a buffer of ${buffer}: ${buffer === '16MiB' ? 'loses nothing' : 'declares what did not fit, exactly'}`, async () => {
      const device = await simulatorProcess(['--rate', '12000', '--counter-channel', '8', '--when-started'])
      const source = gsvSource({
        url: device.url,
        channels: { 1: 'force', 8: 'number' },
        counterChannel: 8,
        reader: 'worker',
        buffer
      })
      let isBlocked = false
      const blocks = await collect(source, (scans) => {
        if (!isBlocked && scans > 12_000) {
          isBlocked = true
          block(2000)
        }
        return scans > 30_000
      })
      const { log } = await device.ask('{"do":"log"}')
      const of = (fate: string) => log.filter((one) => one.fate === fate).reduce((n, { from, to }) => n + to - from, 0)
      expect(of('lost')).toBe(0)
      let missing = 0
      let next = column(blocks[0] as Block, 'number')[0] as number
      for (const { gap, length, values } of blocks) {
        if (gap) expect(gap.cause).toBe('overflow')
        missing += (gap?.scans as number | undefined) ?? 0
        next += (gap?.scans as number | undefined) ?? 0
        const numbers = values.subarray(length)
        for (let i = 0; i < length; i += 1) if (numbers[i] !== next + i) expect(numbers[i]).toBe(next + i)
        next += length
      }
      expect(scansOf(blocks) + missing).toBe(of('written'))
      // 256 KiB hold less than 2 s
      if (buffer === '16MiB') expect(missing).toBe(0)
      else expect(missing).toBeGreaterThan(0)
    })
  }

  it('what came before the cable was pulled out meanwhile was read', async () => {
    const options = ['--rate', '12000', '--counter-channel', '8', '--when-started', '--control', '127.0.0.1:0']
    const device = await simulatorProcess(options)
    const source = gsvSource({ url: device.url, channels: { 8: 'number' }, counterChannel: 8, reader: 'worker' })
    const blocks: Block[] = []
    const reading = async (): Promise<void> => {
      let isBlocked = false
      for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
        blocks.push(...batch.blocks)
        if (isBlocked || scansOf(blocks) < 12_000) continue
        isBlocked = true
        unplugLater(device.control as string, 1500)
        block(2500)
      }
    }
    await expect(reading()).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
    const { log } = await device.ask('{"do":"log"}')
    const { from, to } = log.find(({ fate }) => fate === 'written') as DeviceLog['log'][number]
    // unread bytes go when the cable does: without a thread of its own those of 1.5 s, 18 000 scans
    expect(to - from).toBeGreaterThan(12_000 + 12_000)
    expect(to - from - scansOf(blocks)).toBeLessThan(6000)
  })
})

/** From a process of its own, as this one is blocked then. */
function unplugLater(control: string, ms: number): void {
  const order = `require('net').connect({ port: ${new URL(control).port}, host: '127.0.0.1' }).end('{"do":"unplug"}\\n')`
  const child = spawn(process.execPath, ['-e', `setTimeout(() => ${order}, ${ms})`], { stdio: 'ignore' })
  closing.push(async () => child.kill('SIGKILL'))
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

async function errorOf(options: GsvSourceOptions): Promise<Error> {
  const error = await collect(gsvSource(options), () => true).catch((reason: Error) => reason)
  if (error instanceof Error) return error
  return expect.unreachable('it did not fail')
}

/** Takes all, answers nothing. */
async function silence(): Promise<string> {
  const server = createServer((socket) => void socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`
}

interface DeviceLog {
  readonly log: readonly { readonly from: number; readonly to: number; readonly fate: string }[]
}

interface DeviceProcess {
  readonly url: string
  /** Where the control channel is, if there is one. */
  readonly control: string | undefined
  ask(order: string): Promise<DeviceLog>
}

/** A simulator that goes on while this process is blocked. */
async function simulatorProcess(options: string[]): Promise<DeviceProcess> {
  const program = `${import.meta.dirname}/../../cli/messwerk-gsv-sim.ts`
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', program, ...options], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  closing.push(async () => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await lines.next()).value)
  await next()
  return {
    url: await next(),
    control: options.includes('--control') ? (await next()).slice('control '.length) : undefined,
    async ask(order) {
      child.stdin?.write(`${order}\n`)
      return JSON.parse(await next()) as DeviceLog
    }
  }
}
