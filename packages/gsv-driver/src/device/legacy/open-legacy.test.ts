import { afterEach, describe, expect, it } from 'vitest'
import { closeAll, opened } from './fixtures/opened-legacy.ts'

afterEach(closeAll)

describe('openGsv of a GSV-2', () => {
  it('says what it is, also while it transmits', async () => {
    const { gsv } = await opened('gsv-2')
    expect(gsv.device).toMatchObject({
      model: 'gsv-2',
      serial: 4711,
      firmware: '1.5',
      rate: 100,
      layout: { model: 'gsv-2', frames: 'long', polarity: 'bipolar' }
    })
    const [channel] = gsv.device.channels
    expect(channel).toMatchObject({ number: 1, name: 'channel_1', unit: 'kN', offset: 0 })
    expect(channel?.scale).toBeCloseTo(50, 4)
    expect(channel?.range?.[1]).toBeCloseTo(52.5, 4)
    expect(channel?.resolution).toBeCloseTo(52.5 / 2 ** 23, 9)
  })

  it('measures in every kind of frame', async () => {
    const { gsv } = await opened('gsv-2')
    expect((await gsv.value())[0]).toBeCloseTo(50, 4)
    expect(await gsv.settings.setFrames('short')).toEqual([{ setting: 'frames', from: 'long', to: 'short' }])
    expect(gsv.device.layout.frames).toBe('short')
    expect((await gsv.value())[0]).toBeCloseTo(50, 2)
    expect(await gsv.settings.setFrames('text')).toEqual([{ setting: 'frames', from: 'short', to: 'text' }])
    expect((await gsv.value())[0]).toBeCloseTo(50, 3)
    expect(await gsv.settings.setFrames('long')).toEqual([{ setting: 'frames', from: 'text', to: 'long' }])
    expect(await gsv.settings.setFrames('long')).toEqual([])
    expect((await gsv.value())[0]).toBeCloseTo(50, 4)
  })

  it('sets unit, scale, thresholds, rate and zero, and writes only what differs', async () => {
    const { gsv } = await opened('gsv-2')
    const { settings } = gsv
    expect(await settings.setUnit('N')).toEqual([{ setting: 'unit', from: 'kN', to: 'N' }])
    expect(await settings.setUnit('N')).toEqual([])
    expect(await settings.setScale(1000)).toEqual([{ setting: 'scale', from: 50, to: 1000 }])
    expect(gsv.device.channels[0]).toMatchObject({ unit: 'N' })
    expect((await gsv.value())[0]).toBeCloseTo(1000, 2)
    expect(await settings.setThresholds({ upper: 0.5, lower: 0 })).toEqual([
      { setting: 'thresholds', from: [32767 / 32768, -1], to: [0.5, 0] }
    ])
    expect(await settings.thresholds()).toEqual({ upper: 0.5, lower: 0 })
    expect(await gsv.setRate(50)).toBeCloseTo(50, 0)
    expect(gsv.device.rate).toBeCloseTo(50, 0)
    await gsv.zero()
    expect((await gsv.value())[0]).toBeCloseTo(0, 3)
    await expect(settings.setUnit('furlong')).rejects.toThrow('setUnit: unit must be one that a gsv-2 has')
    await expect(settings.setScale(1.8)).rejects.toThrow(RangeError)
    await settings.saveSet(2)
    await settings.setUnit('kN')
    await settings.loadSet(2)
    expect(gsv.device.channels[0]?.unit).toBe('N')
  })

  it('takes on which polarity it has, and what it is told of its scale', async () => {
    const { gsv } = await opened('gsv-2', {}, { scales: { 1: { scale: 2, unit: 'mV/V', offset: 1 } } })
    expect((await gsv.value())[0]).toBeCloseTo(3, 4)
    await gsv.settings.setPolarity('unipolar')
    expect(gsv.device.layout.polarity).toBe('unipolar')
    expect((await gsv.value())[0]).toBeCloseTo(3, 4)
    expect(gsv.device.channels[0]?.range).toEqual([1, 3.1])
  })
})

describe('openGsv of a GSV-3', () => {
  it('says what it is, and measures parts of its range', async () => {
    const { gsv } = await opened('gsv-3')
    expect(gsv.device).toMatchObject({ model: 'gsv-3', serial: 4711, firmware: undefined, layout: { model: 'gsv-3' } })
    expect(gsv.device.rate).toBeCloseTo(100, 1)
    expect(gsv.device.channels).toMatchObject([{ unit: '1', scale: 1, range: [-1.05, 1.05] }])
    expect((await gsv.value())[0]).toBeCloseTo(1, 4)
    expect(await gsv.command('ReadSamplingRate')).toEqual({ exponent: 6, register: 0xfcf3 })
  })

  it('measures what its scale says, and sets rate, thresholds and zero', async () => {
    const { gsv } = await opened('gsv-3', {}, { scales: { 1: { scale: 50, unit: 'kN' } } })
    expect((await gsv.value())[0]).toBeCloseTo(50, 2)
    expect(gsv.device.channels).toMatchObject([{ unit: 'kN', range: [-52.5, 52.5] }])
    expect(await gsv.setRate(500)).toBe(500)
    expect(await gsv.settings.setThresholds({ upper: 0.4, lower: -0.4 })).toHaveLength(1)
    expect(await gsv.command('GetThreshold')).toEqual({ upper: 0xb333, lower: 0x4ccc })
    await gsv.zero(1)
    expect((await gsv.value())[0]).toBeCloseTo(0, 2)
    expect(() => gsv.settings.setThresholds({ upper: 2, lower: 0 })).toThrow('upper and lower must be -1 to 1, got 2')
    await expect(gsv.zero(2)).rejects.toThrow('zero: channel must be 1, got 2')
  })
})

describe('openGsv of a GSV-4', () => {
  it('says what it is; the inputs tell units and ranges', async () => {
    const { gsv } = await opened('gsv-4')
    expect(gsv.device).toMatchObject({ model: 'gsv-4', serial: 4711, firmware: '33', rate: 500 })
    expect(gsv.device.channels).toHaveLength(4)
    expect(gsv.device.channels[0]).toMatchObject({ unit: 'mV/V', scale: 2, range: [-2, 2] })
    const values = await gsv.value()
    for (const [i, part] of [32767 / 32768, -0.5, 0.25, 0.1].entries()) expect(values[i]).toBeCloseTo(2 * part, 4)
  })

  it('is unlocked for settings, and locked again', async () => {
    const { gsv } = await opened('gsv-4')
    expect(await gsv.settings.setInput(2, 2)).toEqual([{ setting: 'channels.2.input', from: 1, to: 2 }])
    expect((await gsv.settings.inputs()).map((input) => input?.unit)).toEqual(['mV/V', 'V', 'mV/V', 'mV/V'])
    expect(gsv.device.channels[1]).toMatchObject({ unit: 'V', scale: 10 })
    expect(await gsv.setRate(125)).toBe(125)
    await gsv.command('SetRate', { rate: 0xab })
    expect((await gsv.refresh()).rate).toBe(125)
    await expect(gsv.setRate(100)).rejects.toThrow('setRate: rate of a gsv-4 must be one of 0.625, 1.25')
    await expect(gsv.settings.setInput(5, 2)).rejects.toThrow('setInput: channel must be 1 to 4, got 5')
    await expect(gsv.settings.setInput(1, 5)).rejects.toThrow('setInput: type must be one of 1, 2, 3, 4, 6, 7, got 5')
  })

  it('sets one channel to zero, or all', async () => {
    const { gsv } = await opened('gsv-4')
    await gsv.zero(2)
    expect((await gsv.value())[1]).toBeCloseTo(0, 3)
    expect((await gsv.value())[2]).toBeCloseTo(0.5, 3)
    await gsv.zero()
    for (const value of await gsv.value()) expect(value).toBeCloseTo(0, 3)
  })
})
