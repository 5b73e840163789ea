import { type ByteLink, type ByteReceiver, sleep, systemTime } from '@messwerk/core/driver'
import { NotConnectedError, ProtocolError, TimeoutError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { bytesOf, MEASURED } from '../codec/vectors.ts'
import { commandByCode, GsvError } from '../commands/index.ts'
import { GsvSession } from './gsv-session.ts'
import { probe } from './probe.ts'

interface Scripted {
  readonly session: GsvSession
  readonly written: string[]
  receiver: ByteReceiver
}

/** A session with a device that answers each request with what the script says, as hexadecimal bytes. */
function scripted(script: Readonly<Record<string, string>>, crc = false): Scripted {
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
  const session = new GsvSession({ link, scheduler: systemTime, timeoutMs: 40, capacity: 16, crc })
  return { session, written, receiver }
}

/** A device that answers in order, each so many ms after its request. */
function late(ms: number, timeoutMs: number): GsvSession & { answersAfter(ms: number): void } {
  const answers: Readonly<Record<number, string>> = {
    31: 'AA 54 00 00 00 00 07 85',
    138: 'AA 54 00 42 C8 00 00 85',
    128: 'AA 52 00 00 03 85',
    43: 'AA 54 00 00 01 00 38 85'
  }
  let delay = ms
  let receiver: ByteReceiver | undefined
  let busy: Promise<unknown> = Promise.resolve()
  const link: ByteLink = {
    url: 'test:',
    start(to) {
      receiver = to
    },
    async write(bytes) {
      const answer = bytesOf(answers[bytes[2] as number] ?? 'AA 50 00 85')
      const due = sleep(delay, systemTime)
      busy = busy.then(() => due).then(() => receiver?.data(answer, systemTime.elapsed()))
    },
    async close() {}
  }
  const session = new GsvSession({ link, scheduler: systemTime, timeoutMs, capacity: 16 })
  const answersAfter = (later: number): void => {
    delay = later
  }
  return Object.assign(session, { answersAfter })
}

const OK = 'AA 50 00 85'
const START = 'AA 90 24 85'
const MARKER = 'AA 91 80 01 85'
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
    expect((await session.command('ReadDataRate')).rate).toBeCloseTo(100.402, 3)
    expect(await session.command('GetSerNo')).toEqual({ serial: 24_456_060 })
    expect(await session.command('FirmwareVersion')).toEqual({ major: 1, minor: 56 })
    expect(await session.command('ReadUserScale', { channel: 2 })).toEqual({ scale: 2 })
    expect(await session.command('GetInputType', { channel: 1, sense: 0xff })).toEqual({ type: 1, range: 350 })
  })

  it('takes 0x01 for success, and passes other codes on as errors, known or not', async () => {
    const { session } = scripted({
      [STOP]: 'AA 50 01 85',
      'AA 94 8B 4B 18 96 80 85': 'AA 50 54 85',
      'AA 91 0C 00 85': 'AA 50 EE 85'
    })
    expect(await session.command('StopTransmission')).toEqual({})
    const refused = await session.command('WriteDataRate', { rate: 1e7 }).catch((error) => error)
    expect(refused).toBeInstanceOf(GsvError)
    expect(refused.message).toContain('refused WriteDataRate with 0x54 (ERR_PAR_ABSBIG): parameter too big')
    await expect(session.command('SetZero', { channel: 0 })).rejects.toMatchObject({
      status: 0xee,
      statusName: 'unknown'
    })
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
    await session.command('StopTransmission')
    expect(scans).toEqual([2])
  })

  it('resynchronises after a timeout, and does not take the late answer for the next', async () => {
    const device = scripted({ [STOP]: OK, [MARKER]: 'AA 52 00 00 03 85', 'AA 90 1F 85': 'AA 54 00 01 75 2B 7C 85' })
    const silent = device.session.command('ReadDataRate')
    const serial = device.session.command('GetSerNo')
    const error = await silent.catch((failed) => failed)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toContain(
      'answer to ReadDataRate from test: did not come within 40 ms: nothing arrived at all'
    )
    device.receiver.data(bytesOf('AA 54 00 42 C8 00 00 85'), 0)
    expect(await serial).toEqual({ serial: 24_456_060 })
    expect(device.written).toEqual(['AA 90 8A 85', STOP, MARKER, 'AA 90 1F 85'])
    expect(((await device.session.settled(error)) as Error).message).toMatch(
      /did not come within 40 ms: it came after \d+ ms/
    )
  })

  it('throws away an answer that came after the one that was waited for', async () => {
    const device = scripted({ [STOP]: OK, [MARKER]: 'AA 52 00 00 03 85', 'AA 90 8A 85': 'AA 54 00 42 C8 00 00 85' })
    // two answers at once: the second belongs to nothing
    device.receiver.data(bytesOf('AA 54 00 00 00 00 07 85 AA 50 77 85'), 0)
    expect((await device.session.command('ReadDataRate')).rate).toBe(100)
  })

  it('keeps a device in step that is late with every answer', async () => {
    const device = late(100, 80)
    await expect(device.command('SetZero', { channel: 1 })).rejects.toThrow(TimeoutError)
    // its answers come in order, 100 ms after each request; a longer timeout is all that it needs
    device.answersAfter(5)
    expect(await device.command('GetSerNo')).toEqual({ serial: 7 })
    expect((await device.command('ReadDataRate')).rate).toBe(100)
  })

  it('starts the transmission again that the resynchronisation stopped', async () => {
    const device = scripted({
      [STOP]: OK,
      [MARKER]: 'AA 52 00 00 03 85',
      [START]: OK,
      'AA 90 1F 85': 'AA 54 00 00 00 00 07 85'
    })
    await device.session.command('StartTransmission')
    await expect(device.session.command('ReadDataRate')).rejects.toThrow(TimeoutError)
    expect(await device.session.command('GetSerNo')).toEqual({ serial: 7 })
    expect(device.written.slice(2)).toEqual([STOP, MARKER, START, 'AA 90 1F 85'])
  })

  it('takes a long response where one may come, and a false one elsewhere for noise', async () => {
    const long = 'AA 5F 00 41 42 43 44 45 46 47 48 49 4A 4B 4C 4D 4E 4F 85'
    const device = scripted({ 'AA 90 1B 85': long, 'AA 90 1F 85': `${long} AA 54 00 00 00 00 07 85` })
    expect(await device.session.command('ReadSensorModel')).toEqual({ model: 'ABCDEFGHIJKLMNO' })
    const other = scripted({ 'AA 90 1F 85': `00 ${long} AA 54 00 00 00 00 07 85` })
    expect(await other.session.command('GetSerNo')).toEqual({ serial: 7 })
  })

  it('tries the other form of a command where the first has the wrong length', async () => {
    const device = scripted({ 'AA 94 91 44 5D 40 00 85': 'AA 50 5B 85', 'AA 92 91 03 75 85': OK })
    await device.session.command('WriteAnalogueFilter', { frequency: 885 })
    expect(device.written).toEqual(['AA 94 91 44 5D 40 00 85', 'AA 92 91 03 75 85'])
  })

  it('takes a measured frame for the answer to GetValue', async () => {
    const { session } = scripted({ 'AA 90 3B 85': MEASURED.M5 })
    session.parser.expect({ objects: 8, dataType: 'float32', crc: false })
    await session.command('GetValue')
    expect(session.lastScan).toEqual([0, 1, -1, 0.5, -0.25, 2, 100, -3.5])
  })

  it('sends checksums where it is told to', async () => {
    const device = scripted(
      { 'AA B0 23 A6 85': 'AA 70 00 A2 85', 'AA B0 1F 12 85': 'AA 74 00 01 75 2B 7C 8C 85' },
      true
    )
    await device.session.command('StopTransmission')
    expect(await device.session.command('GetSerNo')).toEqual({ serial: 24_456_060 })
  })

  it('never shows an id or password in an error', async () => {
    const { session } = scripted({ 'AA 94 19 53 65 63 72 85': 'AA 50 72 85' })
    for (const id of ['Secr', 'Secret-too-long', 7 as unknown as string]) {
      const error = await session.command('MEsetID', { id }).catch((failed: Error) => failed)
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/Secr|: 7/)
    }
  })

  it('refuses an answer that cannot belong to the command', async () => {
    const { session } = scripted({ 'AA 90 1F 85': OK })
    await expect(session.command('GetSerNo')).rejects.toThrow(
      'answered GetSerNo with 0 data bytes, expected 4; does another program use the same port?'
    )
  })

  it('tells bytes that are no frames from silence', async () => {
    const { session } = scripted({ [STOP]: '48 54 54 50' })
    const error = await session.command('StopTransmission').catch((failed) => failed)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toContain('test: sent 4 bytes in answer to StopTransmission, but none of them are frames')
  })

  it('fails what waits when the link is lost', async () => {
    const device = scripted({})
    const waiting = device.session.command('GetSerNo')
    await new Promise((resolve) => setTimeout(resolve, 5))
    device.receiver.closed(new NotConnectedError('test:', 'gone'))
    await expect(waiting).rejects.toThrow('No connection to test:: gone')
  })
})

/** A GSV-6 as another firmware would answer: no mapping, a text as unit with an indicator before it, two's complement. */
const GSV6 = {
  [STOP]: OK,
  'AA 91 80 00 85': 'AA 52 00 00 00 85',
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
      interface: { number: 0, kind: undefined, locked: false },
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
    for (const request of device.written) {
      const command = commandByCode(Number.parseInt(request.slice(6, 8), 16), 'gsv-6')
      expect(['read', 'action']).toContain(command?.direction)
    }
  })

  it('never sends what belongs to the manufacturer', async () => {
    const device = scripted({})
    await expect(device.session.command('MEsetSerNo', { serial: 1 })).rejects.toThrow('belongs to the manufacturer')
    expect(device.written).toEqual([])
  })

  it('refuses a model that it does not know', async () => {
    const { session } = scripted({ ...GSV6, 'AA 91 01 01 85': 'AA 54 00 40 01 00 02 85' })
    await expect(probe(session)).rejects.toThrow('test: is model 0x0; this driver knows GSV-8 (0x8) and GSV-6 (0x6)')
  })
})
