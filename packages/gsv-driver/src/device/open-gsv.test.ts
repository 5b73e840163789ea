import { createServer, type Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { type ByteLink, type ByteReceiver, type Scheduler, systemTime } from '@messwerk/core/driver'
import { NotConnectedError, ProtocolError, TimeoutError } from '@messwerk/core/model'
import { VirtualTime } from '@messwerk/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { bytesOf } from '../codec/vectors.ts'
import { type CommandName, commandByCode, GsvError, type GsvModel } from '../commands/index.ts'
import { simulateGsv } from '../simulator/index.ts'
import type { Gsv } from './gsv.ts'
import { type OpenGsvOptions, openGsv } from './open-gsv.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

interface Watched {
  readonly gsv: Gsv
  /** Names of the commands that change something, in order. */
  readonly writes: () => string[]
  readonly sent: string[]
  readonly amplifier: ReturnType<typeof simulateGsv>
}

/** Opens a simulated device over a link that notes what is sent. */
async function opened(options: Parameters<typeof simulateGsv>[0] = {}, more: OpenGsvOptions = {}): Promise<Watched> {
  const amplifier = simulateGsv(options)
  const inner = amplifier.link()
  const model: GsvModel = options.model ?? 'gsv-8'
  const sent: string[] = []
  const link: ByteLink = {
    url: inner.url,
    start: (receiver) => inner.start(receiver),
    write(bytes) {
      sent.push(commandByCode(bytes[2] as number, model)?.name ?? '?')
      return inner.write(bytes)
    },
    close: () => inner.close()
  }
  const gsv = await openGsv({ link, ...more })
  closing.push(() => gsv.close().then(() => amplifier.close()))
  const writes = (): string[] =>
    sent.filter((name) => /^(Write|Set(?!Inject)|Store|Load|MEset|MEwrite|Switch)/.test(name))
  return { gsv, writes, sent, amplifier }
}

/** A link to a device that answers requests, given as hexadecimal bytes without frame, as the function says. */
function fake(
  answer: (code: number) => string | undefined,
  delay = 1,
  scheduler: Scheduler = systemTime
): ByteLink & { closed: boolean } {
  let receiver: ByteReceiver | undefined
  const link = {
    url: 'test:',
    closed: false,
    start(to: ByteReceiver) {
      receiver = to
    },
    async write(bytes: Uint8Array) {
      const text = answer(bytes[2] as number)
      if (text) scheduler.after(delay, () => receiver?.data(bytesOf(text), scheduler.elapsed()))
    },
    async close() {
      link.closed = true
    }
  }
  return link
}

/** Answers with a size of their own. */
const MARKED: Readonly<Record<number, string>> = { 128: 'AA 52 00 00 03 85', 43: 'AA 54 00 00 01 00 38 85' }

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('opened'),
    (error: Error) => error
  )

describe('openGsv', () => {
  it.each(['gsv-8', 'gsv-6'] as const)('says what a %s is, and writes nothing', async (model) => {
    const { gsv, writes } = await opened({ model, serial: 4711, channels: [{ unit: 'kN', scale: 50 }, { unit: 'N' }] })
    const { serial, layout, channels, encoding, interface: used } = gsv.device
    expect([gsv.device.model, serial, layout.objects]).toEqual([model, 4711, 2])
    expect(encoding).toBe(model === 'gsv-8' ? 'offset' : 'signed')
    expect(used).toEqual({ number: 0, kind: 'usb', locked: false })
    expect(channels[0]).toMatchObject({ unit: 'kN', scale: 50, range: [-52.5, 52.5] })
    expect(writes()).toEqual([])
  })

  it('takes a duplex stream of Node', async () => {
    const amplifier = simulateGsv({ serial: 12 })
    const link = amplifier.link()
    const [ours, theirs] = duplexPair()
    link.start({ data: (bytes) => void theirs.write(bytes.slice()), closed: () => void theirs.end() })
    theirs.on('data', (bytes: Uint8Array) => void link.write(bytes))
    const gsv = await openGsv({ link: ours })
    expect(gsv.device.serial).toBe(12)
    await gsv.close()
    await link.close()
  })

  it('takes a pair of web streams, and says when they end', async () => {
    const amplifier = simulateGsv({ serial: 13 })
    const link = amplifier.link()
    let end = (): void => {}
    const readable = new ReadableStream<Uint8Array>({
      start(controller) {
        end = () => controller.close()
        link.start({ data: (bytes) => controller.enqueue(bytes.slice()), closed() {} })
      }
    })
    const writable = new WritableStream<Uint8Array>({ write: (bytes) => link.write(bytes) })
    const gsv = await openGsv({ link: { readable, writable } })
    expect(gsv.device.serial).toBe(13)
    end()
    await expect(gsv.zero()).rejects.toThrow(NotConnectedError)
    await gsv.close()
    await link.close()
  })

  it('lets measured frames carry checksums for this session', async () => {
    const { gsv } = await opened({}, { crc: true })
    expect(gsv.device.layout.crc).toBe(true)
    await gsv.setUserScale(1, 5)
    expect(gsv.device.layout.crc).toBe(true)
  })

  it('leaves checksums on that are switched on for good', async () => {
    const amplifier = simulateGsv()
    const first = await openGsv({ link: amplifier.link() })
    expect(first.device.layout.crc).toBe(false)
    await first.change({ transmission: 0x20 })
    await first.close()
    const second = await openGsv({ link: amplifier.link() })
    expect(second.device.layout.crc).toBe(true)
    await second.close()
  })

  it('keeps two devices apart', async () => {
    const [one, two] = await Promise.all([opened({ serial: 1 }), opened({ serial: 2, model: 'gsv-6' })])
    await Promise.all([one.gsv.setUserScale(1, 11), two.gsv.setUserScale(1, 22)])
    const scales = await Promise.all([one, two].map(({ gsv }) => gsv.command('ReadUserScale', { channel: 1 })))
    expect(scales).toEqual([{ scale: 11 }, { scale: 22 }])
    await one.gsv.close()
    expect((await two.gsv.command('GetSerNo')).serial).toBe(2)
  })

  it('gives the write access back only where it took it', async () => {
    const read = await opened()
    await read.gsv.close()
    expect(read.sent).not.toContain('ReleaseInterface')
    const wrote = await opened()
    await wrote.gsv.setUserScale(1, 7)
    await wrote.gsv.close()
    expect(wrote.sent).toContain('ReleaseInterface')
  })

  it('refuses wrong options at once', () => {
    expect(() => openGsv({})).toThrow('openGsv: give either url or link')
    expect(() => openGsv({ url: 'http://x' })).toThrow("openGsv: url must be 'tcp://host:port'")
    expect(() => openGsv({ url: 'serial:x', timeout: '1m' as '1s' })).toThrow('openGsv: timeout')
    expect(() => openGsv({ link: {} as never })).toThrow('openGsv: link must be a ByteLink, a duplex stream')
  })
})

describe('openGsv that fails', () => {
  it('says that nothing answers, and closes the link', async () => {
    const link = fake(() => undefined)
    const error = await failure(openGsv({ link, timeout: '20ms' }))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toBe(
      'answer to StopTransmission from test: did not come within 20 ms: nothing arrived at all; check power, cable, port, and that TX and RX are not swapped; a GSV-2, GSV-3 or GSV-4 speaks another protocol: give model'
    )
    expect(link.closed).toBe(true)
  })

  it('tells a wrong baud rate from silence', async () => {
    const link = fake(() => 'F8 78 80 00 1C E6 E6 66 FE 98 00 F8 7E')
    const error = await failure(openGsv({ link, timeout: '20ms' }))
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toContain('sent 13 bytes in answer to StopTransmission, but none of them are frames')
    expect(error.message).toContain('is the baud rate wrong')
  })

  it('says that frames come and answers do not', async () => {
    const link = fake(() => 'AA 10 B0 3F 80 00 00 85 AA 10 B0 3F 80 00 00 85 AA 10 B0 3F 80 00 00 85')
    const error = await failure(openGsv({ link, timeout: '20ms' }))
    expect(error.message).toContain('measured frames arrive, but no answers; check the line towards the device')
  })

  it('says which model it is that it does not know', async () => {
    const link = fake((code) =>
      code === 1 ? 'AA 54 00 47 73 00 00 85' : code === 0x80 ? 'AA 52 00 00 00 85' : 'AA 50 00 85'
    )
    const error = await failure(openGsv({ link, timeout: '5s' }))
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toContain('test: is model 0x7; this driver knows GSV-8 (0x8) and GSV-6 (0x6)')
    expect(link.closed).toBe(true)
  })

  it.each([
    ['silent', 'nothing arrived at all', 2000, () => undefined, 1],
    [
      'late',
      'it came after 1400 ms; give a longer timeout',
      3000,
      (code: number) => MARKED[code] ?? 'AA 50 00 85',
      1400
    ],
    ['away for 2 s', 'did not come within 1000 ms: ', 3000, () => 'AA 50 00 85', 2000],
    ['foreign', 'is the baud rate wrong', 1000, () => '55 AA 55 AA 00', 1]
  ] as const)(
    'takes three times the timeout at most, with a device that is %s',
    async (_, expected, most, answer, delay) => {
      const time = new VirtualTime()
      const link = fake(answer, delay, time)
      let failed: Error | undefined
      const opening = openGsv({ link, timeout: '1s', scheduler: time }).catch((error) => {
        failed = error
      })
      while (!failed && time.elapsed() < 10_000) await time.advance(100)
      await opening
      expect(failed?.message).toContain(expected)
      expect(time.elapsed()).toBeLessThanOrEqual(most)
      expect(link.closed).toBe(true)
      await time.advance(5000)
      expect(time.pending).toBe(0)
    }
  )

  it('says that a server hung up at once', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => void sockets.push(socket.on('error', () => {}).destroy()))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    closing.push(() => new Promise((resolve) => server.close(resolve)))
    const { port } = server.address() as { port: number }
    const error = await failure(openGsv({ url: `tcp://127.0.0.1:${port}`, timeout: '500ms' }))
    expect(error).toBeInstanceOf(NotConnectedError)
    expect(error.message).toMatch(/ECONNRESET|EPIPE|before it sent anything; does another program use it|has ended/)
  })
})

describe('Gsv', () => {
  it('writes a setting only where it differs', async () => {
    const { gsv, writes } = await opened({ channels: [{ unit: 'kN', scale: 50 }] })
    expect(await gsv.setUserScale(1, 50)).toEqual([])
    expect(await gsv.setUnit(1, 'kN')).toEqual([])
    expect(await gsv.setRate(1000)).toBe(1000)
    expect(writes()).toEqual([])
    expect(await gsv.setUserScale(1, 25)).toEqual([{ setting: 'channels.1.userScale', from: 50, to: 25 }])
    expect(writes()).toEqual(['WriteUserScale'])
    expect(gsv.device.channels[0]?.scale).toBe(25)
  })

  it('scales a channel by the data sheet of its sensor', async () => {
    const { gsv } = await opened()
    expect(await gsv.inputType(2)).toMatchObject({ name: 'bridge 5 V', nominal: 3.5 })
    await gsv.scaleToSensor(2, { fullScale: 10, unit: 'kN', sensitivity: 0.594013 })
    expect(gsv.device.channels[1]).toMatchObject({ unit: 'kN' })
    expect(gsv.device.channels[1]?.scale).toBeCloseTo(58.9213, 4)
    await gsv.setUnit(2, 'N/cm')
    expect(gsv.device.channels[1]?.unit).toBe('N/cm')
  })

  it('reads back what the device makes of a rate', async () => {
    const { gsv } = await opened({ rate: 1000 })
    expect(await gsv.setRate(1900)).toBe(1920)
    await expect(gsv.setRate(1e7)).rejects.toThrow(GsvError)
    await expect(gsv.setRate(0)).rejects.toThrow('setRate: rate must be above 0 Hz, got 0')
  })

  it('restarts a GSV-6 for a rate, and leaves it silent', async () => {
    const { gsv, sent } = await opened({ model: 'gsv-6', rate: 500 })
    const rate = await gsv.setRate(100)
    expect(Math.abs(rate - 100)).toBeLessThan(2.5)
    expect(sent.filter((name) => /DataRate|Reset|Stop/.test(name)).slice(-5)).toEqual([
      'WriteDataRate',
      'ResetDevice',
      'StopTransmission',
      'ReadDataRate',
      'ReadDataRate'
    ])
  })

  it('says that an old GSV-6 must be switched off and on for a rate', async () => {
    const { gsv, sent } = await opened({ model: 'gsv-6', rate: 500, firmware: '3.05' })
    await expect(gsv.setRate(100)).rejects.toThrow(
      '100 Hz is stored, but a GSV-6 with firmware 3.5 takes it on only when'
    )
    expect(sent).not.toContain('ResetDevice')
  })

  it('measures once, and keeps largest and smallest values', async () => {
    const { gsv } = await opened({
      channels: [
        { offset: 3, noise: 0 },
        { offset: -2, noise: 0 }
      ]
    })
    expect(await gsv.value()).toEqual([3, -2])
    await gsv.zero(1)
    expect((await gsv.value())[0]).toBeCloseTo(0, 2)
  })

  it('writes six-axis data only with the id of the user, whole or not at all', async () => {
    const { gsv, writes } = await opened()
    const matrix = Array.from({ length: 36 }, (_, i) => i / 8)
    await expect(gsv.sixAxis.write(0, { matrix })).rejects.toMatchObject({ status: 0x72 })
    expect(writes()).toEqual([])
    await expect(gsv.unlock('nope')).rejects.toThrow(GsvError)
    await gsv.unlock('Beln')
    expect(await gsv.sixAxis.write(0, { matrix })).toBe(true)
    expect(await gsv.sixAxis.write(0, { matrix })).toBe(false)
    expect((await gsv.sixAxis.read(0)).matrix).toEqual(matrix)
    expect(await gsv.sixAxis.state()).toMatchObject({ stored: 1, active: 0 })
    await gsv.sixAxis.enable(true)
    expect(gsv.device.channels[0]?.name).toBe('force_x')
  })

  it('sets digital lines', async () => {
    const { gsv, amplifier } = await opened()
    expect(await gsv.lines.setDirection(2, 'out')).toBe(true)
    expect(await gsv.lines.setDirection(2, 'out')).toBe(false)
    await gsv.lines.setLevel(5, 1)
    amplifier.setLine(1, 1)
    expect((await gsv.lines.levels()).slice(0, 6)).toEqual([1, 0, 0, 0, 1, 0])
    await gsv.lines.setType(6, { function: 'window', channel: 2, mirrored: true })
    expect(await gsv.lines.type(6)).toEqual({ function: 'window', inverted: false, mirrored: true, channel: 2 })
    expect(await gsv.lines.setThresholds(6, { lower: 0.5, upper: 1.5 })).toBe(true)
    expect(await gsv.lines.thresholds(6)).toEqual({ lower: 0.5, upper: 1.5 })
  })

  it('stores a filter and switches it on last', async () => {
    const { gsv, writes } = await opened()
    const coefficients = [0.25, 0.5, 0.25, 0, 0, -0.5, 0.125, 0, 0]
    await gsv.filters.setDigital(2, 'iir', { coefficients, cutOff: [0, 40], on: true })
    expect(writes().slice(-2)).toEqual(['StoreDigiFilt', 'SetDfiltOnOff'])
    expect(await gsv.filters.digital(2, 'iir')).toMatchObject({ coefficients, cutOff: [0, 40], on: true })
    await expect(gsv.filters.setDigital(2, 'fir', { coefficients })).rejects.toThrow('must be 8 numbers for fir, got 9')
    await gsv.filters.setAnalog(850)
    expect(await gsv.filters.analog()).toEqual({ frequency: 850, automatic: false })
  })

  it('counts, and knows that the frame is longer then', async () => {
    const { gsv } = await opened({ channels: [{}, {}], firmware: '1.56' })
    await gsv.setCounter(1, { flags: 2, gate: 10 })
    expect(gsv.device.layout.objects).toBe(3)
    expect(await gsv.counter(1)).toEqual({ flags: 3, gate: 10, start: 0 })
  })

  it('refuses what belongs to the manufacturer, and what the model does not have', async () => {
    const { gsv, sent } = await opened()
    const before = sent.length
    for (const name of ['MEsetSerNo', 'MEwriteCal', 'WriteCalDate'] satisfies CommandName[]) {
      await expect(gsv.command(name, {} as never)).rejects.toThrow('belongs to the manufacturer and is not sent')
    }
    await expect(gsv.reset()).rejects.toThrow(RangeError)
    expect(sent).toHaveLength(before)
  })

  it('says that another interface has the write access, or that the device is locked', async () => {
    const { gsv, amplifier } = await opened()
    amplifier.occupy(true)
    await expect(gsv.setUserScale(1, 3)).rejects.toMatchObject({ status: 0x75 })
    amplifier.occupy(false)
    await gsv.setLocked(true)
    await expect(gsv.setUserScale(1, 3)).rejects.toMatchObject({ status: 0x71 })
  })
})
