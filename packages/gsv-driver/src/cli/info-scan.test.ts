import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { simulateGsv } from '../simulator/simulate-gsv.ts'
import { openers, openersOf, program } from './fixtures/program.ts'
import { ports } from './ports.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const amplifier = () =>
  simulateGsv({
    rate: 1000,
    serial: 4711,
    channels: [
      { unit: 'kN', scale: 50 },
      { unit: 'N.m', scale: 5 }
    ]
  })

describe('info', () => {
  it('says what a device is', async () => {
    const { out, err, ended } = program(['info', 'COM3'], { openers: openersOf(amplifier()) })
    expect(await ended).toBe(0)
    expect(err).toEqual([])
    expect(out).toMatchInlineSnapshot(`
      [
        "gsv-8 4711, firmware 1.56",
        "rate       1000 Hz, float32, 2 values in a frame",
        "interface  0, usb",
        "   name       unit  range          scale  offset",
        "1  channel_1  kN    -52.5 .. 52.5     50       0",
        "2  channel_2  N.m   -5.25 .. 5.25      5       0",
      ]
    `)
  })

  it('says it as JSON', async () => {
    const { out, ended } = program(['info', '/dev/ttyACM0', '--json'], { openers: openersOf(amplifier()) })
    expect(await ended).toBe(0)
    expect(JSON.parse(out.join('\n'))).toMatchObject({
      model: 'gsv-8',
      serial: 4711,
      rate: 1000,
      channels: [{ number: 1, unit: 'kN', scale: 50 }, { unit: 'N.m' }]
    })
  })
})

describe('scan', () => {
  it('asks given devices, and fails when one does not answer', async () => {
    const device = amplifier()
    closing.push(() => device.close())
    const url = await device.listen()
    const good = program(['scan', url])
    expect(await good.ended).toBe(0)
    expect(good.out).toEqual([`${url}  gsv-8 4711, firmware 1.56`])
    const both = program(['scan', 'tcp://127.0.0.1:1', url, '--json'])
    expect(await both.ended).toBe(1)
    expect(both.out.map((line) => JSON.parse(line))).toMatchObject([
      { url: 'tcp://127.0.0.1:1', code: 'NOT_CONNECTED' },
      { url, model: 'gsv-8', serial: 4711 }
    ])
  })

  it('lists ports without opening them', async () => {
    const found = [{ path: '/dev/serial/by-id/usb-gsv', device: '/dev/ttyACM0' }, { path: '/dev/ttyUSB0' }]
    const around = { openers: { ...openers(), ports: async () => found } }
    const { out, err, ended } = program(['scan'], around)
    expect(await ended).toBe(0)
    expect(out).toEqual(['serial:/dev/serial/by-id/usb-gsv  (/dev/ttyACM0)', 'serial:/dev/ttyUSB0'])
    expect(err).toEqual(['ask what it is: gsv-driver info serial:/dev/serial/by-id/usb-gsv'])
    const json = program(['scan', '--json'], around)
    await json.ended
    expect(json.out).toHaveLength(2)
    expect(JSON.parse(json.out[1] as string)).toEqual({ url: 'serial:/dev/ttyUSB0' })
  })

  it('says where to look when there are none', async () => {
    const { out, err, ended } = program(['scan'])
    expect(await ended).toBe(0)
    expect(out).toEqual([])
    expect(err[0]).toContain('COM ports in the device manager')
  })

  it('finds them in the file system, each once', async () => {
    const root = mkdtempSync(join(tmpdir(), 'gsv-ports-'))
    closing.push(() => rmSync(root, { recursive: true }))
    mkdirSync(join(root, 'serial', 'by-id'), { recursive: true })
    for (const name of ['ttyACM0', 'ttyUSB1', 'ttyS0', 'cu.usbmodem14', 'tty', 'ttyACMx'])
      writeFileSync(join(root, name), '')
    symlinkSync('../../ttyACM0', join(root, 'serial', 'by-id', 'usb-ME_GSV-8'))
    expect((await ports(root)).map(({ path }) => path.slice(root.length))).toEqual([
      '/serial/by-id/usb-ME_GSV-8',
      '/cu.usbmodem14',
      '/ttyUSB1'
    ])
    expect(await ports(join(root, 'nothing'))).toEqual([])
  })
})
