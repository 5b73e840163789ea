import { afterEach, describe, expect, it } from 'vitest'
import { type SimulatedGsv, type SimulateGsvOptions, simulateGsv } from '../simulator/index.ts'
import type { GsvConfig } from './config.ts'
import type { Gsv } from './gsv.ts'
import { openGsv } from './open-gsv.ts'
import { same, tidy } from './settings/setting.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function opened(options: SimulateGsvOptions = {}): Promise<{ gsv: Gsv; amplifier: SimulatedGsv }> {
  const amplifier = simulateGsv(options)
  const gsv = await openGsv({ link: amplifier.link({ speed: 'max' }) })
  closing.push(() => gsv.close().then(() => amplifier.close()))
  return { gsv, amplifier }
}

/** A document after a change, as an editor of the file makes it. */
function edited(config: GsvConfig, settings: GsvConfig['settings']): GsvConfig {
  return JSON.parse(JSON.stringify({ ...config, settings: { ...config.settings, ...settings } }))
}

const channels = [{ unit: 'kN', scale: 50 }, { unit: 'N/cm', scale: 7 }, {}, {}, {}, {}]

describe('exportConfig', () => {
  it.each(['gsv-8', 'gsv-6'] as const)(
    'is the same text whenever it is asked of a %s, and changes nothing',
    async (model) => {
      const { gsv } = await opened({ model, channels })
      const config = await gsv.exportConfig()
      expect(JSON.stringify(await gsv.exportConfig())).toBe(JSON.stringify(config))
      expect(await gsv.applyConfig(config)).toEqual([])
      expect(config).toMatchObject({ format: 'messwerk-gsv', version: 1, model })
      expect(config.settings).toMatchObject({
        'channels.1.userScale': 50,
        'channels.1.unit': 'kN',
        'channels.2.unit': 'text 0',
        'unitTexts.0': 'N/cm',
        dataType: 'float32'
      })
    }
  )

  it('names the same settings for a device of older firmware, but those that it lacks', async () => {
    const newer = await (await opened({ firmware: '1.62' })).gsv.exportConfig()
    const older = await (await opened({ firmware: '1.30' })).gsv.exportConfig()
    const missing = Object.keys(newer.settings).filter((key) => !(key in older.settings))
    expect(missing).toEqual(expect.arrayContaining(['channels.1.digits', 'objects', 'prohibitZero']))
    expect(Object.keys(older.settings).filter((key) => !(key in newer.settings))).toEqual([])
  })
})

describe('applyConfig', () => {
  it.each(['gsv-8', 'gsv-6'] as const)('makes a %s the same as another', async (model) => {
    const one = await opened({ model, channels, rate: 500 })
    await one.gsv.unlock(model === 'gsv-8' ? 'Beln' : 'USC1')
    await one.gsv.change({ 'channels.3.userOffset': -0.25, 'channels.4.unit': '°C', transmission: 2 })
    await one.gsv.sixAxis.write(0, { serial: [4711], maximum: [50, 50, 100, 5, 5, 5] })
    await one.gsv.filters.setDigital(1, 'iir', { coefficients: [0.1, 0, 0, 0, 0, 0, 0, 0, 0.7], on: true })
    const wanted = await one.gsv.exportConfig()
    const two = await opened({ model, rate: 100 })
    await two.gsv.unlock(model === 'gsv-8' ? 'Beln' : 'USC1')
    const preview = await two.gsv.applyConfig(wanted, { dryRun: true })
    expect(await two.gsv.applyConfig(wanted, { dryRun: true })).toEqual(preview)
    expect(preview.map(({ setting }) => setting)).toContain('sensors.0')
    expect(await two.gsv.applyConfig(wanted)).toEqual(preview)
    expect((await two.gsv.exportConfig()).settings).toEqual(wanted.settings)
    expect(two.gsv.device.rate).toBe(one.gsv.device.rate)
  })

  it('says what would change, and writes nothing, when it only tries', async () => {
    const { gsv } = await opened({ channels })
    const before = await gsv.exportConfig()
    const config = edited(before, { rate: 2000, 'channels.1.userScale': 12.5, 'lines.3.thresholds': [0, 2] })
    expect(await gsv.applyConfig(config, { dryRun: true })).toEqual([
      { setting: 'rate', from: 1000, to: 2000 },
      { setting: 'channels.1.userScale', from: 50, to: 12.5 },
      { setting: 'lines.3.thresholds', from: [0, 0], to: [0, 2] }
    ])
    expect(await gsv.exportConfig()).toEqual(before)
  })

  it('writes the scale again that a new input type resets', async () => {
    const { gsv } = await opened({ channels })
    const config = edited(await gsv.exportConfig(), { 'channels.1.inputType': 0 })
    expect(await gsv.applyConfig(config)).toEqual([{ setting: 'channels.1.inputType', from: 1, to: 0 }])
    expect(gsv.device.channels[0]?.scale).toBe(50)
    expect((await gsv.exportConfig()).settings).toEqual(config.settings)
  })

  it('lowers a rate before the data type that it is too high for', async () => {
    const { gsv } = await opened({ dataType: 'int16', rate: 48_000, channels: [{}] })
    const changes = await gsv.change({ dataType: 'float32', rate: 1000 })
    expect(changes.map(({ setting, actual }) => [setting, actual])).toEqual([
      ['dataType', undefined],
      ['rate', undefined]
    ])
    expect(gsv.device).toMatchObject({ rate: 1000, layout: { dataType: 'float32' } })
  })

  it('says what the device made of a value', async () => {
    const { gsv } = await opened()
    expect(await gsv.change({ rate: 1900 })).toEqual([{ setting: 'rate', from: 1000, to: 1900, actual: 1920 }])
  })

  it('writes nothing where a setting needs the id of the user', async () => {
    const { gsv } = await opened({ channels })
    const before = await gsv.exportConfig()
    const config = edited(before, { rate: 2000, prohibitZero: 3 })
    await expect(gsv.applyConfig(config)).rejects.toMatchObject({ command: 'WriteProhibitSetZero', status: 0x72 })
    expect(await gsv.exportConfig()).toEqual(before)
  })

  it('keeps bits that it does not know', async () => {
    const { gsv } = await opened({ channels })
    const { flags } = await gsv.command('GetMode')
    await gsv.change({ mode: (flags | 4) >>> 0 })
    expect((await gsv.command('GetMode')).flags).toBe((flags | 4) >>> 0)
    expect(await gsv.change({ mode: 0x8000_0000 + (flags | 4) })).toEqual([])
  })

  it('refuses what is no document for the device, before it writes', async () => {
    const { gsv } = await opened()
    const config = await gsv.exportConfig()
    const apply = (changed: object): Promise<unknown> => gsv.applyConfig(changed as GsvConfig)
    await expect(apply({})).rejects.toThrow("must be a document of exportConfig with format 'messwerk-gsv'")
    await expect(apply({ ...config, version: 2 })).rejects.toThrow('applyConfig: version must be 1, got 2')
    await expect(apply({ ...config, model: 'gsv-6' })).rejects.toThrow("model must be gsv-8 as the device, got 'gsv-6'")
    await expect(apply(edited(config, { rate: 2000, speed: 1 }))).rejects.toThrow("has no setting 'speed'")
    await expect(apply(edited(config, { rate: 2000, 'channels.1.unit': 7 }))).rejects.toThrow(
      'GSV setting: channels.1.unit must be a string as "N", got 7'
    )
    await expect(apply(edited(config, { 'channels.1.unit': 'furlong' }))).rejects.toThrow("got 'furlong'")
    expect(await gsv.exportConfig()).toEqual(config)
  })
})

describe('values of settings', () => {
  it('are the shortest numbers that the device takes for the same', () => {
    expect(tidy(Math.fround(58.9213))).toBe(58.9213)
    expect(tidy(Math.fround(1 / 3))).toBe(0.33333334)
    expect(tidy(16_777_217)).toBe(16_777_217)
    expect(tidy(0.1)).toBe(0.1)
    expect(same(0.1, Math.fround(0.1))).toBe(true)
    expect(same([1, 2], [1, 2, 3])).toBe(false)
    expect(same({ serial: [1] }, { serial: [2] })).toBe(false)
    expect(same(undefined, 0)).toBe(false)
  })
})
