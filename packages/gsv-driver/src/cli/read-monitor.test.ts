import { describe, expect, it } from 'vitest'
import { simulateGsv } from '../simulator/simulate-gsv.ts'
import { openersOf, program, until } from './fixtures/program.ts'

const CHANNELS = [
  { unit: 'kN', offset: 12.5, noise: 0, scale: 50 },
  { unit: '1', offset: -1, noise: 0, scale: 2 }
]
const amplifier = () => simulateGsv({ rate: 1000, serial: 4711, channels: CHANNELS, counterChannel: 2 })

describe('read', () => {
  it('prints scans as a table', async () => {
    const args = ['read', 'COM3', '--scans', '3', '--channels', '1=force,2=count']
    const { out, err, ended } = program(args, { openers: openersOf(amplifier()) })
    expect(await ended).toBe(0)
    expect(err).toEqual([])
    expect(out.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/, '<time>'))).toEqual([
      'time                         force [kN]       count',
      '<time>        12.5           0',
      '<time>        12.5           1',
      '<time>        12.5           2'
    ])
  })

  it('prints ten scans as JSON, and gaps where they are', async () => {
    const device = amplifier()
    device.corruptFrames({ at: 4, count: 2 })
    const args = ['read', 'COM3', '--json', '--channels', '2=count']
    const { out, ended } = program(args, { openers: openersOf(device) })
    expect(await ended).toBe(0)
    const lines = out.map((line) => JSON.parse(line))
    expect(lines.map(({ count, gap }) => gap ?? count)).toEqual([
      ...[0, 1, 2, 3],
      { scans: 2, cause: 'resync' },
      ...[6, 7, 8, 9, 10, 11]
    ])
  })

  it('gives up when the device transmits nothing', async () => {
    const device = amplifier()
    device.loseFrames({ at: 0, count: 1e9 })
    const url = await device.listen()
    const { err, ended } = program(['read', url], { patienceMs: 300 })
    expect(await ended).toBe(1)
    expect(err[0]).toBe(
      `gsv-driver: a measured frame from ${url}, whose transmission was started, did not come within 300 ms`
    )
    await device.close()
  })
})

describe('monitor', () => {
  it('prints a line each second of the device, with clock and gaps', async () => {
    const device = amplifier()
    device.corruptFrames({ at: 2500, count: 2 })
    const args = ['monitor', 'COM3', '--seconds', '5', '--channels', '1=force']
    const { out, err, ended } = program(args, { openers: openersOf(device) })
    expect(await ended).toBe(0)
    expect(err).toEqual(['gsv-8 4711, firmware 1.56 at serial:COM3'])
    expect(out).toHaveLength(5)
    expect(out[0]).toMatch(/^\S+Z {2}1000 Hz \(clock 0 ppm, times ±[\d.]+ ms\), no gaps {2}force 12\.5 kN$/)
    expect(out[4]).toMatch(/, 1 gap, 2 scans missing {2}force 12\.5 kN$/)
  })

  it('prints JSON', async () => {
    const args = ['monitor', 'COM3', '--json', '--every', '500ms', '--seconds', '2', '--channels', '2=count']
    const { out, ended } = program(args, { openers: openersOf(amplifier()), screen: () => {} })
    expect(await ended).toBe(0)
    const lines = out.map((line) => JSON.parse(line))
    expect(lines).toHaveLength(4)
    expect(lines[1]).toMatchObject({ gaps: 0, missing: 0, values: { count: { unit: '1' } } })
    // smallest and largest are those since the line before
    for (const [i, { scans, values }] of lines.entries()) {
      expect(values.count.max).toBe(scans - 1)
      expect(values.count.min).toBe(i === 0 ? 0 : lines[i - 1].scans)
    }
  })

  it('draws in place in a terminal', async () => {
    const pieces: string[] = []
    const around = { openers: openersOf(amplifier()), screen: (piece: string) => void pieces.push(piece) }
    const { out, err, ended } = program(['monitor', 'COM3', '--seconds', '1', '--channels', '1=force'], around)
    expect(await ended).toBe(0)
    expect([...out, ...err]).toEqual([])
    expect(pieces.length).toBeGreaterThan(4)
    expect(pieces[1]?.startsWith('\x1b[6A')).toBe(true)
    expect(pieces[0]?.replaceAll('\x1b[K', '').replace('\x1b[J', '')).toMatch(
      /^gsv-8 4711, firmware 1\.56 at serial:COM3\n1000 Hz .*scans\nno gaps\n\n.*now.*smallest.*largest\nforce +12\.5 +kN +12\.5 +12\.5\n$/
    )
  })

  it('opens a lost link again and counts what it missed; ends well at the signal', async () => {
    const device = amplifier()
    const url = await device.listen()
    const args = ['monitor', url, '--json', '--every', '50ms', '--channels', '2=count']
    const { out, err, ended, stop } = program(args)
    await until(() => out[3])
    await device.unplug()
    await until(() => err.find((line) => line.includes('trying again')))
    await device.plug()
    const shown = out.length
    await until(() => out[shown + 3])
    expect(await stop()).toBe(0)
    expect(await ended).toBe(0)
    expect(err.filter((line) => line.includes('trying again'))).toHaveLength(1)
    const { gaps, missing, lastGap, scans, values } = JSON.parse(out.at(-1) as string)
    expect(gaps).toBe(1)
    expect(lastGap.cause).toBe('reconnect')
    // the channel counts scans from outside
    expect(Math.abs(scans + missing - 1 - values.count.value)).toBeLessThan(50)
    await device.close()
  })
})
