import { DeviceError, InUseError, NotConnectedError, ProtocolError, TimeoutError } from '@messwerk/core/model'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { simulateGsv } from '../../simulator/index.ts'
import type { Gsv } from '../gsv.ts'
import { openGsv } from '../open-gsv.ts'
import { closeAll, closing, failure, opened, serve } from './fixtures/opened-legacy.ts'
import type { LegacyGsv } from './legacy-gsv.ts'

afterEach(closeAll)

describe('a session with a legacy device', () => {
  it('is of the type of its model', () => {
    expectTypeOf(openGsv<'gsv-4'>).returns.resolves.toEqualTypeOf<LegacyGsv<'gsv-4'>>()
    const of8 = () => openGsv({ url: 'serial:x' })
    const of4 = () => openGsv({ url: 'serial:x', model: 'gsv-4' })
    expectTypeOf(of8).returns.resolves.toEqualTypeOf<Gsv>()
    expectTypeOf(of4).returns.resolves.toEqualTypeOf<LegacyGsv<'gsv-4'>>()
    expectTypeOf<LegacyGsv<'gsv-2'>>().toExtend<LegacyGsv>()
    // @ts-expect-error a GSV-4 has no unit
    ;(gsv: LegacyGsv<'gsv-4'>) => gsv.settings.setUnit('kN')
    // @ts-expect-error and a GSV-3 no inputs
    ;(gsv: LegacyGsv<'gsv-3'>) => gsv.command('GetInputs')
  })

  it('starts and stops, and does not ask while it transmits', async () => {
    const { gsv, amplifier } = await opened('gsv-3')
    const before = amplifier.sent
    await gsv.command('StartTransmission')
    const error = await failure(gsv.command('ReadSamplingRate'))
    expect(error).toBeInstanceOf(InUseError)
    expect(error.message).toContain(
      'ReadSamplingRate needs an answer, and a gsv-3 cannot be asked while it transmits; stop the transmission first'
    )
    await expect(gsv.value()).rejects.toThrow(InUseError)
    await gsv.zero()
    while (amplifier.sent === before) await new Promise((resolve) => setTimeout(resolve, 5))
    await gsv.command('StopTransmission')
    const after = amplifier.sent
    expect(after).toBeGreaterThan(before)
    await gsv.refresh()
    expect(amplifier.sent).toBe(after)
  })

  it('sends nothing that nobody knows, or that the model does not have', async () => {
    const { gsv } = await opened('gsv-2')
    await expect(gsv.command('GetRange')).rejects.toThrow('GetRange is not sent: nobody knows its parameters')
    await expect(gsv.command('GetInputs' as 'GetUnit')).rejects.toThrow("a gsv-2 has no command 'GetInputs'")
    await expect(gsv.command('SetUnit', {} as never)).rejects.toThrow('SetUnit: unit must be a whole number')
  })

  it('says what the device did not take', async () => {
    let rate = [0x06, 0xfc, 0xf3]
    const url = await serve((socket) =>
      socket.on('data', (bytes) => {
        // what sets something may come in one piece with the question behind it
        const question = bytes.at(-1)
        if (question === 0x1f) socket.write(Buffer.from(';00004711'))
        if (question === 0x8b) socket.write(Buffer.from([0x3b, ...rate]))
        if (question === 0x21) socket.write(Buffer.from([0x3b, 0x80, 0, 0x40, 0]))
      })
    )
    const gsv = await openGsv({ url, model: 'gsv-3' })
    const error = await failure(gsv.setRate(10))
    expect(error).toBeInstanceOf(DeviceError)
    expect(error.message).toContain('has 100.0')
    await expect(gsv.settings.setThresholds({ upper: 0.5, lower: 0.25 })).rejects.toThrow(
      'it still has thresholds [0,-0.5] when it is asked'
    )
    rate = [0x06, 0xff, 0x00]
    expect((await gsv.refresh()).rate).toBeCloseTo(305.2, 1)
    await gsv.close()
  })

  it('knows a GSV-3 without a serial number', async () => {
    const url = await serve((socket) =>
      socket.on('data', (bytes) => {
        if (bytes[0] === 0x8b) socket.write(Buffer.from([0x3b, 0x06, 0xfc, 0xf3]))
      })
    )
    const gsv = await openGsv({ url, model: 'gsv-3', timeout: '60ms' })
    expect(gsv.device.serial).toBeUndefined()
    await gsv.close()
  })

  it('takes frames as delivered where a GSV-2 does not say how they are', async () => {
    const answers: Readonly<Record<number, number[]>> = {
      31: [...Buffer.from('00004711')],
      43: [1, 5],
      22: [0xff, 0x3c, 0xb0],
      39: [0],
      27: [9],
      26: [0x50, 0x1b, 0xe4],
      28: [1]
    }
    const url = await serve((socket) =>
      socket.on('data', (bytes) => {
        const answer = answers[bytes.at(-1) as number]
        if (answer) socket.write(Buffer.from([0x3b, ...answer]))
      })
    )
    const gsv = await openGsv({ url, model: 'gsv-2', timeout: '60ms' })
    expect(gsv.device).toMatchObject({ rate: 100, layout: { frames: 'long' }, channels: [{ unit: 'kN', scale: 1 }] })
    await gsv.close()
  })

  it('waits until nothing is on its way any more: frames look like answers', async () => {
    const frame = Buffer.from([0xa5, 0x3b, 0x30])
    const url = await serve((socket) => {
      const timer = setInterval(() => socket.write(frame), 5)
      socket.on('close', () => clearInterval(timer))
      socket.on('data', (bytes) => {
        if (bytes[0] === 0x23) setTimeout(() => clearInterval(timer), 60)
        if (bytes[0] === 0x1f) setTimeout(() => socket.write(Buffer.from(';00004711')), 30)
        if (bytes[0] === 0x8b) socket.write(Buffer.from([0x3b, 0x06, 0xfc, 0xf3]))
      })
    })
    const gsv = await openGsv({ url, model: 'gsv-3' })
    expect(gsv.device.serial).toBe(4711)
    await gsv.close()
  })

  it('does not take a late answer for the next one', async () => {
    let delay = 0
    const url = await serve((socket) =>
      socket.on('data', (bytes) => {
        if (bytes[0] === 0x1f) socket.write(Buffer.from(';00004711'))
        if (bytes[0] === 0x21) setTimeout(() => socket.write(Buffer.from([0x3b, 0x80, 0, 0x80, 0])), delay)
        if (bytes[0] === 0x8b) setTimeout(() => socket.write(Buffer.from([0x3b, 0x06, 0xfc, 0xf3])), delay / 2)
      })
    )
    const gsv = await openGsv({ url, model: 'gsv-3', timeout: '300ms' })
    delay = 400
    const late = failure(gsv.command('GetThreshold'))
    const next = gsv.command('ReadSamplingRate')
    expect(await late).toBeInstanceOf(TimeoutError)
    expect(await next).toEqual({ exponent: 6, register: 0xfcf3 })
    await gsv.close()
  })

  it('throws late answers away, and says how late they were', async () => {
    const url = await serve((socket) =>
      socket.on('data', (bytes) => {
        if (bytes[0] === 0x1f) setTimeout(() => socket.write(Buffer.from(';00004711')), 250)
        if (bytes[0] === 0x2b) socket.write(Buffer.from([0x3b, 1, 5]))
      })
    )
    const error = await failure(openGsv({ url, model: 'gsv-2', timeout: '200ms' }))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toMatch(/answer to GetSerialNumber .* it came after 2\d\d ms; give a longer timeout/)
  })
})

describe('openGsv of a legacy device that fails', () => {
  it('throws at once for wrong options', () => {
    const url = 'serial:x'
    expect(() => openGsv({ url, model: 'gsv-7' as 'gsv-8' })).toThrow(
      "openGsv: model must be 'auto', 'gsv-8', 'gsv-6', 'gsv-4', 'gsv-3' or 'gsv-2', got 'gsv-7'"
    )
    expect(() => openGsv({ url, model: 'gsv-3', crc: true } as never)).toThrow('openGsv: crc is not for a gsv-3')
    expect(() => openGsv({ url, model: 'gsv-3', polarity: 'unipolar' })).toThrow('of a gsv-2 only')
    const scales = { 2: { scale: 1, unit: 'N' } }
    expect(() => openGsv({ url, model: 'gsv-3', scales })).toThrow('scales must be for channel 1 of a gsv-3')
    expect(() => openGsv({ url, model: 'gsv-4', scales: { 2: { scale: 0, unit: 'N' } } })).toThrow('scales.2 must have')
  })

  it('names what is there instead', async () => {
    const cases = [
      ['gsv-8', 'gsv-3', ProtocolError, 'they look like those of a GSV-8 or GSV-6; a GSV-8 or GSV-6 is opened without'],
      ['gsv-4', 'gsv-3', ProtocolError, "it answers like a gsv-4: give model: 'gsv-4'"],
      ['gsv-3', 'gsv-4', ProtocolError, 'they look like those of a GSV-2 or GSV-3'],
      ['gsv-2', 'gsv-4', ProtocolError, 'they look like those of a GSV-2'],
      ['gsv-3', 'gsv-2', TimeoutError, 'answer to FirmwareVersion'],
      ['gsv-2', 'gsv-3', TimeoutError, 'answer to ReadSamplingRate']
    ] as const
    for (const [real, model, type, text] of cases) {
      const amplifier = simulateGsv({ model: real, streaming: true })
      closing.push(() => amplifier.close())
      const error = await failure(openGsv({ url: await amplifier.listen(), model, timeout: '300ms' }))
      expect(error, `${real} opened as ${model}`).toBeInstanceOf(type)
      expect(error.message).toContain(text)
      expect(error.message.toLowerCase()).toContain(model)
    }
  })

  it('names the model where a GSV-8 was expected, as far as bytes tell', async () => {
    for (const [model, text] of [
      ['gsv-4', 'a GSV-4'],
      ['gsv-3', 'a GSV-2 or GSV-3'],
      ['gsv-2', 'a GSV-2']
    ] as const) {
      // one that does not take the question of the other protocol for a command
      const amplifier = simulateGsv({ model, streaming: true })
      closing.push(() => amplifier.close())
      const link = amplifier.link()
      const deaf = {
        ...link,
        url: link.url,
        start: link.start.bind(link),
        write: async () => {},
        close: () => link.close()
      }
      const error = await failure(openGsv({ link: deaf, timeout: '300ms' }))
      expect(error).toBeInstanceOf(ProtocolError)
      expect(error.message).toContain(
        `none of them are frames of a GSV-8 or GSV-6; they look like those of ${text}; a GSV-2, GSV-3 or GSV-4 speaks another protocol: give model`
      )
    }
  })

  it('says that nothing answers', async () => {
    const url = await serve(() => {})
    for (const model of ['gsv-4', 'gsv-3', 'gsv-2'] as const) {
      const error = await failure(openGsv({ url, model, timeout: '60ms' }))
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error.message).toContain('nothing arrived at all; check power, cable, port')
      expect(error.message).toContain(`whether it is a ${model.toUpperCase()}`)
    }
  })

  it('says that garbage is none, and that it does not end', async () => {
    const url = await serve((socket) => {
      const timer = setInterval(() => socket.write(Buffer.from([1, 2, 3, 0xa5, 5, 6, 7, 8])), 5)
      socket.on('close', () => clearInterval(timer))
    })
    const error = await failure(openGsv({ url, model: 'gsv-3', timeout: '300ms' }))
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toContain('none of them are frames of a GSV-3; is the baud rate wrong (a GSV-3 has 38400')
  })

  it('says that the link is gone', async () => {
    const url = await serve((socket) => socket.on('data', () => socket.destroy()))
    await expect(openGsv({ url, model: 'gsv-4' })).rejects.toThrow(NotConnectedError)
  })

  it('is another model of the same protocol', async () => {
    const amplifier = simulateGsv({ model: 'gsv-6' })
    closing.push(() => amplifier.close())
    const url = await amplifier.listen()
    await expect(openGsv({ url, model: 'gsv-8' })).rejects.toThrow('is a gsv-6, and model says that it is a gsv-8')
    const gsv = await openGsv({ url, model: 'gsv-6' })
    expect(gsv.device.model).toBe('gsv-6')
    await gsv.close()
  })
})
