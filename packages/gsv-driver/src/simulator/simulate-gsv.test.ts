import { type ByteLink, systemTime } from '@messwerk/core/driver'
import { InUseError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { GsvParser, type ScanBuffer } from '../codec/index.ts'
import { bytesOf } from '../codec/vectors.ts'
import { openLink } from '../link/open-link.ts'
import { FramedDevice } from './device/framed-device.ts'
import { MODELS, settingsOf } from './device/settings.ts'
import { Faults } from './faults.ts'
import { Noise } from './noise.ts'
import { Signal } from './signal.ts'
import { simulateGsv } from './simulate-gsv.ts'

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ')
const channels = Array.from({ length: 8 }, () => ({ unit: 'N', scale: 2, offset: 1, noise: 0 }))

function device(): FramedDevice {
  const settings = settingsOf(MODELS['gsv-8'], channels, 100, 'float32')
  settings.serial = 24_456_060
  return new FramedDevice({
    model: MODELS['gsv-8'],
    settings,
    channels,
    signal: new Signal(channels, 100, 1),
    faults: new Faults()
  })
}

describe('the simulated device', () => {
  // Requests and answers of the specification's vectors, byte by byte.
  it.each([
    ['stop', 'AA 90 23 85', 'AA 50 00 85'],
    ['stop with CRC', 'AA B0 23 A6 85', 'AA 70 00 A2 85'],
    ['interface: transmission on', 'AA 91 01 02 85', 'AA 54 00 48 7B 00 02 85'],
    ['data rate', 'AA 90 8A 85', 'AA 54 00 42 C8 00 00 85'],
    ['data rate with CRC', 'AA B0 8A F0 85', 'AA 74 00 42 C8 00 00 1C 85'],
    ['serial number', 'AA 90 1F 85', 'AA 54 00 01 75 2B 7C 85'],
    ['serial number with CRC', 'AA B0 1F 12 85', 'AA 74 00 01 75 2B 7C 8C 85'],
    ['firmware', 'AA 90 2B 85', 'AA 54 00 00 01 00 38 85'],
    ['user scale', 'AA 91 14 02 85', 'AA 54 00 40 00 00 00 85'],
    ['input type', 'AA 92 A2 01 FF 85', 'AA 55 00 01 00 00 01 5E 85'],
    ['unit', 'AA 91 0F 01 85', 'AA 51 00 03 85'],
    ['data type', 'AA 91 80 01 85', 'AA 52 00 00 03 85'],
    ['number of objects', 'AA 91 49 00 85', 'AA 52 00 00 08 85'],
    ['wrong data type', 'AA 93 81 01 00 10 85', 'AA 50 52 85'],
    ['rate too high', 'AA 94 8B 4B 18 96 80 85', 'AA 50 54 85'],
    ['unknown command', 'AA 90 FE 85', 'AA 50 40 85'],
    ['wrong number of parameters', 'AA 90 14 85', 'AA 50 5B 85'],
    ['channel that is not there', 'AA 91 14 09 85', 'AA 50 51 85'],
    ['wrong checksum', 'AA B0 23 A7 85', 'AA 70 43 6C 85'],
    ['wrong suffix', 'AA 90 23 84', 'AA 50 42 85']
  ])('answers %s', (_, request, answer) => {
    expect(device().take(bytesOf(request)).map(hex)).toEqual([answer])
    const bytewise = device()
    expect([...bytesOf(request)].flatMap((byte) => bytewise.take(Uint8Array.of(byte))).map(hex)).toEqual([answer])
  })

  it('switches the checksum of measured frames with GetInterface, as in the vector', () => {
    const one = device()
    expect(one.take(bytesOf('AA B1 01 09 AB 85')).map(hex)).toEqual(['AA 74 00 C8 73 00 02 B9 85'])
    expect(one.layout.crc).toBe(true)
    one.take(bytesOf('AA 91 01 00 85'))
    expect(one.layout.crc).toBe(false)
  })

  it('sets the zero of one channel or of all', () => {
    const one = device()
    const first = (): number[] => {
      const values: number[] = []
      const receiver = { full: (scans: ScanBuffer) => void values.push(...scans.values), response() {}, skipped() {} }
      const parser = new GsvParser(receiver, { layout: one.layout, capacity: 1 })
      parser.push(one.transmission.write(1).bytes)
      // a tare is a whole number of steps
      return values.map((value) => Math.round(value * 1e6) / 1e6)
    }
    one.take(bytesOf('AA 91 0C 03 85'))
    expect(first()).toEqual([1, 1, 0, 1, 1, 1, 1, 1])
    one.take(bytesOf('AA 91 0C 00 85'))
    expect(first()).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })
})

describe('Noise', () => {
  it('is normal: mean, deviation, tails, and independent from draw to draw', () => {
    const noise = new Noise(3)
    const count = 400_000
    let [sum, squares, beyond2, beyond3, pairs, last] = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < count; i += 1) {
      const value = noise.next()
      sum += value
      squares += value * value
      beyond2 += Math.abs(value) > 2 ? 1 : 0
      beyond3 += Math.abs(value) > 3 ? 1 : 0
      pairs += value * last
      last = value
    }
    expect(sum / count).toBeCloseTo(0, 2)
    expect(squares / count).toBeCloseTo(1, 2)
    expect(pairs / count).toBeCloseTo(0, 2)
    expect(beyond2 / count).toBeCloseTo(0.0455, 3)
    expect(beyond3 / count).toBeCloseTo(0.0027, 3)
  })
  it('depends on the seed alone', () => {
    const [a, b, c] = [new Noise(1), new Noise(1), new Noise(2)]
    const draws = (noise: Noise): number[] => Array.from({ length: 20 }, () => noise.next())
    const first = draws(a)
    expect(draws(b)).toEqual(first)
    expect(draws(c)).not.toEqual(first)
  })
})

/** Values of the first scans of a device of one channel. */
async function measure(link: ByteLink, scans: number): Promise<number[]> {
  const values: number[] = []
  const parser = new GsvParser(
    { full: ({ values: all }) => void values.push(all[0] as number), response() {}, skipped() {} },
    { capacity: 1, layout: { objects: 1, dataType: 'float32', crc: false } }
  )
  await new Promise<void>((resolve) => {
    link.start({ data: (bytes) => parser.push(bytes), closed: () => resolve() })
    void link.write(bytesOf('AA 90 23 85 AA 90 24 85'))
  })
  return values.slice(-scans)
}

describe('simulateGsv', () => {
  it('shows every kind of fault where its label says', async () => {
    const amplifier = simulateGsv({ rate: 1000, channels: [{ name: 'f', offset: 10, noise: 0 }] })
    amplifier.inject({ kind: 'spike', channel: 1, at: 2, size: 5 })
    amplifier.inject({ kind: 'shift', channel: 'f', at: 4, for: 2, size: -3 })
    amplifier.inject({ kind: 'drift', channel: 'f', at: 8, for: 4, size: 8 })
    amplifier.inject({ kind: 'stuck', channel: 'f', at: 11, for: 3 })
    amplifier.inject({ kind: 'noise', channel: 'f', at: 16, for: 2, size: 1 })
    const values = await measure(amplifier.link({ speed: 'max', duration: '20ms' }), 20)
    expect(values.slice(0, 16)).toEqual([10, 10, 15, 10, 7, 7, 10, 10, 12, 14, 16, 18, 18, 18, 10, 10])
    expect(values[16]).not.toBe(10)
    expect(values.slice(18)).toEqual([10, 10])
    expect(amplifier.labels.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['spike', 2, 3],
      ['shift', 4, 6],
      ['drift', 8, 12],
      ['stuck', 11, 14],
      ['noise', 16, 18]
    ])
  })

  it('counts what it measured and what it did not write', async () => {
    const amplifier = simulateGsv({ rate: 1000, channels: [{ noise: 0 }] })
    amplifier.loseFrames({ at: 5, count: 10 })
    const values = await measure(amplifier.link({ speed: 'max', duration: '100ms' }), 1000)
    // one frame is sent before anybody started it, as after power-on
    expect(values).toHaveLength(91)
    expect([amplifier.sent, amplifier.lost]).toEqual([100, 10])
  })

  it('says that a port is in use', async () => {
    const [one, two] = [simulateGsv(), simulateGsv()]
    const url = await one.listen()
    const port = Number(new URL(url).port)
    const error = await two.listen({ port }).catch((failed) => failed)
    expect(error).toBeInstanceOf(InUseError)
    expect(error.resource).toBe(url)
    await Promise.all([one.close(), two.close()])
  })

  it('serves one host at a time', async () => {
    const amplifier = simulateGsv({ rate: 100 })
    const url = await amplifier.listen()
    const first = await openLink(url, { scheduler: systemTime })
    const second = await openLink(url)
    await new Promise<void>((resolve) => second.start({ data() {}, closed: () => resolve() }))
    await first.close()
    await amplifier.close()
  })

  it('refuses wrong options', () => {
    expect(() => simulateGsv({ rate: 20_000 })).toThrow(
      'simulateGsv: rate must be 1 to 12000 Hz for float32, got 20000'
    )
    expect(() => simulateGsv({ channels: [] })).toThrow('simulateGsv: channels must be one to eight, got 0')
    expect(() => simulateGsv({ model: 'gsv-9' as 'gsv-8' })).toThrow(
      "simulateGsv: model must be 'gsv-8', 'gsv-6', 'gsv-2', 'gsv-3' or 'gsv-4', got 'gsv-9'"
    )
    const amplifier = simulateGsv()
    expect(() => amplifier.inject({ kind: 'spike', channel: 'x' })).toThrow(
      'inject: channel must be 1 to 6 or one of force_x'
    )
    expect(() => amplifier.loseFrames({ count: 0 })).toThrow('loseFrames: scans must be a positive whole number, got 0')
    expect(() => amplifier.corruptFrames({ at: -1, count: 1 })).toThrow(
      'corruptFrames: at must be a scan that is still to come'
    )
    expect(() => amplifier.link({ duration: '1s' })).toThrow("link: duration goes with speed 'max' only")
  })
})
