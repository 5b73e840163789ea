import { type ByteLink, type ByteReceiver, systemTime } from '@messwerk/core/driver'
import { DeviceError, NotConnectedError, ProtocolError, TimeoutError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { bytesOf, MEASURED } from '../codec/vectors.ts'
import { commands } from './commands.ts'
import { GsvSession } from './gsv-session.ts'
import { probe } from './probe.ts'

interface Scripted {
  readonly session: GsvSession
  readonly written: string[]
  receiver: ByteReceiver
}

/** A session with a device that answers each request with what the script says, as hexadecimal bytes. */
function scripted(script: Readonly<Record<string, string>>): Scripted {
  const written: string[] = []
  let receiver: ByteReceiver = { data() {}, closed() {} }
  const link: ByteLink = {
    url: 'test:',
    start(to) {
      receiver = to
    },
    async write(bytes) {
      const request = [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ')
      written.push(request)
      const answer = script[request]
      if (answer) setTimeout(() => receiver.data(bytesOf(answer), systemTime.elapsed()), 1)
    },
    async close() {}
  }
  const session = new GsvSession({ link, scheduler: systemTime, timeoutMs: 40, capacity: 16 })
  return { session, written, receiver }
}

const OK = 'AA 50 00 85'
const STOP = 'AA 90 23 85'

describe('GsvSession', () => {
  it('sends requests and reads their answers, as the vectors have them', async () => {
    const { session } = scripted({
      'AA 90 8A 85': 'AA 54 00 42 C8 CD D3 85',
      'AA 90 1F 85': 'AA 54 00 01 75 2B 7C 85',
      'AA 90 2B 85': 'AA 54 00 00 01 00 38 85',
      'AA 91 14 02 85': 'AA 54 00 40 00 00 00 85',
      'AA 92 A2 01 FF 85': 'AA 55 00 01 00 00 01 5E 85'
    })
    expect((await session.command(commands.ReadDataRate))[0]).toBeCloseTo(100.402, 3)
    expect(await session.command(commands.GetSerNo)).toEqual([24_456_060])
    expect(await session.command(commands.FirmwareVersion)).toEqual([1, 56])
    expect(await session.command(commands.ReadUserScale, 2)).toEqual([2])
    expect(await session.command(commands.GetInputType, 1, 0xff)).toEqual([1, 0, 0, 1, 0x5e])
  })

  it('takes 0x01 for success, and passes other codes on as errors, known or not', async () => {
    const { session } = scripted({
      [STOP]: 'AA 50 01 85',
      'AA 94 8B 4B 18 96 80 85': 'AA 50 54 85',
      'AA 91 0C 00 85': 'AA 50 EE 85'
    })
    expect(await session.command(commands.StopTransmission)).toEqual([])
    const refused = await session.command(commands.WriteDataRate, 1e7).catch((error) => error)
    expect(refused).toBeInstanceOf(DeviceError)
    expect(refused.message).toContain('refused WriteDataRate with 0x54: ERR_PAR_ABSBIG, parameter too big')
    await expect(session.command(commands.SetZero, 0)).rejects.toThrow('UNKNOWN_0xee')
  })

  it('lets measured frames flow while a command runs', async () => {
    const { session } = scripted({ [STOP]: `${MEASURED.M5} ${OK} ${MEASURED.M5}` })
    const scans: number[] = []
    session.parser.expect({ objects: 8, dataType: 'float32', crc: false })
    const receiver = {
      arriving() {},
      full() {},
      skipped() {},
      arrived: (count: number) => void scans.push(count),
      closed() {}
    }
    session.receive(receiver, 'offset', [], [])
    await session.command(commands.StopTransmission)
    expect(scans).toEqual([2])
  })

  it('resynchronises after a timeout, and does not take the late answer for the next', async () => {
    const device = scripted({ [STOP]: OK, 'AA 90 1F 85': 'AA 54 00 01 75 2B 7C 85' })
    const silent = device.session.command(commands.ReadDataRate)
    const serial = device.session.command(commands.GetSerNo)
    await expect(silent).rejects.toThrow(new TimeoutError('answer to ReadDataRate from test:', 40))
    device.receiver.data(bytesOf('AA 54 00 42 C8 00 00 85'), 0)
    expect(await serial).toEqual([24_456_060])
    expect(device.written).toEqual(['AA 90 8A 85', STOP, 'AA 90 1F 85'])
  })

  it('refuses an answer that cannot belong to the command', async () => {
    const { session } = scripted({ 'AA 90 1F 85': OK })
    await expect(session.command(commands.GetSerNo)).rejects.toThrow('answered GetSerNo with 0 data bytes, expected 4')
  })

  it('tells bytes that are no frames from silence', async () => {
    const { session } = scripted({ [STOP]: '48 54 54 50' })
    const error = await session.command(commands.StopTransmission).catch((failed) => failed)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toContain('test: sent 4 bytes in answer to StopTransmission, but none of them are frames')
  })

  it('fails what waits when the link is lost', async () => {
    const device = scripted({})
    const waiting = device.session.command(commands.GetSerNo)
    await new Promise((resolve) => setTimeout(resolve, 5))
    device.receiver.closed(new NotConnectedError('test:', 'gone'))
    await expect(waiting).rejects.toThrow('No connection to test:: gone')
  })
})

/** A GSV-6 as another firmware would answer: no mapping, a text as unit with an indicator before it, two's complement. */
const GSV6 = {
  [STOP]: OK,
  'AA 91 01 01 85': 'AA 54 00 46 01 00 02 85',
  'AA 90 2B 85': 'AA 54 00 00 03 00 0A 85',
  'AA 90 1F 85': 'AA 54 00 01 75 2B 7C 85',
  'AA 90 8A 85': 'AA 54 00 42 C8 CD D3 85',
  'AA 91 49 01 85': 'AA 50 41 85',
  'AA 91 0F 01 85': 'AA 51 00 FF 85',
  'AA 91 11 00 85': 'AA 59 00 00 4E 2F 63 6D 00 00 00 00 85',
  'AA 91 14 01 85': 'AA 54 00 40 00 00 00 85',
  'AA 91 9A 01 85': 'AA 54 00 BE 80 00 00 85'
}

describe('probe', () => {
  it('reads what the device is, and writes nothing', async () => {
    const device = scripted(GSV6)
    expect(await probe(device.session)).toEqual({
      model: 'gsv-6',
      serial: 24_456_060,
      firmware: '3.10',
      rate: Math.fround(100.402),
      layout: { objects: 1, dataType: 'int16', crc: false },
      encoding: 'signed',
      channels: [
        {
          number: 1,
          name: 'channel_1',
          unit: 'N/cm',
          scale: 2,
          offset: -0.25,
          range: [-2.35, 1.85],
          resolution: 2.1 / 0x8000
        }
      ]
    })
    const reads = Object.values(commands)
      .filter(({ kind }) => kind !== 'write')
      .map(({ code }) => code)
    for (const request of device.written) expect(reads).toContain(Number.parseInt(request.slice(6, 8), 16))
  })

  it('refuses a model that it does not know', async () => {
    const { session } = scripted({ ...GSV6, 'AA 91 01 01 85': 'AA 54 00 40 01 00 02 85' })
    await expect(probe(session)).rejects.toThrow('test: is model 0x0; this driver knows GSV-8 (0x8) and GSV-6 (0x6)')
  })
})
