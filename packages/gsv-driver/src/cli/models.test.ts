import { afterEach, describe, expect, it } from 'vitest'
import { simulateGsv } from '../simulator/simulate-gsv.ts'
import { openersOf, program } from './fixtures/program.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const amplifier = (model: 'gsv-4' | 'gsv-3' | 'gsv-2') =>
  simulateGsv({ model, serial: 4711, channels: [{ unit: 'kN', offset: 10, noise: 0, scale: 50 }] })

async function run(model: 'gsv-4' | 'gsv-3' | 'gsv-2', ...args: string[]) {
  const openers = openersOf(amplifier(model), { duration: '1s' })
  const { out, err, ended } = program([...args, '--model', model], { openers })
  return { code: await ended, out, err }
}

describe('--model', () => {
  it('says what the older devices are', async () => {
    expect(await run('gsv-2', 'info', 'COM3')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": [],
        "out": [
          "gsv-2 4711, firmware 1.5",
          "rate       100 Hz, 1 value in a frame, long frames",
          "   name       unit  range          scale  offset",
          "1  channel_1  kN    -52.5 .. 52.5     50       0",
        ],
      }
    `)
    expect((await run('gsv-4', 'info', 'COM3')).out.slice(0, 4)).toMatchInlineSnapshot(`
      [
        "gsv-4 4711, firmware 33",
        "rate       500 Hz, 4 values in a frame",
        "   name       unit  range    scale  offset",
        "1  channel_1  mV/V  -2 .. 2      2       0",
      ]
    `)
    expect((await run('gsv-3', 'info', 'COM3')).out[0]).toBe('gsv-3 4711')
    const { out } = await run('gsv-3', 'info', 'COM3', '--json')
    expect(JSON.parse(out.join('\n'))).toMatchObject({ model: 'gsv-3', serial: 4711, layout: { model: 'gsv-3' } })
  })

  it('finds them', async () => {
    const device = amplifier('gsv-4')
    closing.push(() => device.close())
    const url = await device.listen()
    const { out, ended } = program(['scan', url, '--model', 'gsv-4'])
    expect(await ended).toBe(0)
    expect(out).toEqual([`${url}  gsv-4 4711, firmware 33`])
  })

  it('reads and watches them', async () => {
    const read = await run('gsv-2', 'read', 'COM3', '--scans', '3', '--channels', '1=force', '--json')
    expect(read.out.map((line) => JSON.parse(line).force)).toEqual(
      [10, 10, 10].map((value) => expect.closeTo(value, 4))
    )
    const watched = await run('gsv-2', 'monitor', 'COM3', '--seconds', '0.5')
    expect(watched.code).toBe(0)
    expect(watched.err[0]).toBe('gsv-2 4711, firmware 1.5 at serial:COM3')
    expect(watched.out.join('\n')).toContain('kN')
  })

  it('is refused where it is none, and where the model has no document of settings', async () => {
    const wrong = program(['info', 'COM3', '--model', 'gsv-5'])
    expect(await wrong.ended).toBe(2)
    expect(wrong.err[0]).toContain("--model must be one of auto, gsv-8, gsv-6, gsv-4, gsv-3, gsv-2, got 'gsv-5'")
    const config = await run('gsv-3', 'config', 'export', 'COM3')
    expect(config.code).toBe(2)
    expect(config.err[0]).toContain('config: a gsv-3 has no document of settings')
  })
})
