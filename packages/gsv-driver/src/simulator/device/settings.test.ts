import { describe, expect, it } from 'vitest'
import { encodeRequestFrame as frame } from '../../codec/index.ts'
import type { CommandName } from '../../commands/index.ts'
import { device, read, scan, status } from './fixtures/asked-device.ts'
import type { Model } from './settings.ts'

describe('memory', () => {
  it('of a GSV-8 keeps what was written, and stored configurations', () => {
    const one = device('gsv-8')
    status(one, 'WriteUserScale', { channel: 0, scale: 5 })
    expect(status(one, 'StoreConfig', { set: 1 })).toBe(0x70)
    expect(status(one, 'StoreConfig', { set: 3 })).toBe(0)
    status(one, 'WriteUserScale', { channel: 0, scale: 7 })
    status(one, 'StopTransmission')
    one.powerUp()
    expect(one.transmitting).toBe(true)
    expect(read(one, 'ReadUserScale', { channel: 8 }).scale).toBe(7)
    expect(status(one, 'LoadConfig', { set: 3 })).toBe(0)
    expect(read(one, 'ReadUserScale', { channel: 8 }).scale).toBe(5)
    expect(status(one, 'LoadConfig', { set: 4 })).toBe(0x60)
    expect(status(one, 'LoadConfig', { set: 1 })).toBe(0)
    expect(read(one, 'ReadUserScale', { channel: 8 }).scale).toBe(2)
    status(one, 'SetTXMode', { index: 0, value: 2 })
    one.powerUp()
    expect(one.transmitting).toBe(false)
  })

  it('of a GSV-6 takes a rate over at the next reset, which is silent', () => {
    const one = device('gsv-6')
    expect(status(one, 'WriteDataRate', { rate: 500 })).toBe(0)
    status(one, 'WriteUserScale', { channel: 1, scale: 9 })
    expect(read(one, 'ReadDataRate').rate).toBe(100)
    expect(one.take(frame(0x78))).toEqual([])
    expect(one.silence).toBe(600)
    expect(one.take(frame(0x23))).toEqual([])
    one.silence = 0
    one.powerUp()
    expect(read(one, 'ReadDataRate').rate).toBeCloseTo(490.196, 3)
    expect(read(one, 'ReadUserScale', { channel: 1 }).scale).toBe(9)
    expect(status(one, 'LoadConfig', { set: 1 })).toBe(0)
    expect(read(one, 'ReadUserScale', { channel: 1 }).scale).toBe(2)
    one.powerUp()
    expect(read(one, 'ReadUserScale', { channel: 1 }).scale).toBe(9)
  })

  it.each([
    [50, 49.9002],
    [100, 100.402],
    [150, 148.81],
    [300, 297.619],
    [500, 490.196],
    [600, 595.238],
    [700, 694.444],
    [750, 757.576]
  ])('of a GSV-6 makes %f Hz %f', (asked, real) => {
    const one = device('gsv-6')
    status(one, 'WriteDataRate', { rate: asked })
    one.powerUp()
    expect(read(one, 'ReadDataRate').rate).toBeCloseTo(real, 2)
  })
})

describe('what is written is read back', () => {
  const pairs: readonly [
    Model['name'],
    CommandName,
    Record<string, unknown>,
    CommandName,
    Record<string, unknown> | undefined,
    Record<string, unknown>
  ][] = [
    ['gsv-8', 'WriteAoutOffset', { channel: 0, percent: 5 }, 'ReadAoutOffset', { channel: 4 }, { percent: 5 }],
    ['gsv-8', 'SetAoutType', { channel: 1, type: 4, mode: 1 }, 'GetAoutType', { channel: 1 }, { type: 4, mode: 1 }],
    ['gsv-8', 'SetDigits', { channel: 2, digits: 4 }, 'GetDigits', { channel: 2 }, { digits: 4 }],
    [
      'gsv-8',
      'WriteNoiseCutThreshold',
      { channel: 2, threshold: 0.5 },
      'ReadNoiseCutThreshold',
      { channel: 2 },
      { threshold: 0.5 }
    ],
    [
      'gsv-8',
      'WriteAutoZeroSetting',
      { item: 1, channel: 2, value: 0.5 },
      'ReadAutoZeroSetting',
      { item: 1, channel: 2 },
      { value: 0.5 }
    ],
    ['gsv-8', 'SetAutoZeroProperty', { item: 2, value: 3 }, 'GetAutoZeroProperty', { item: 2 }, { value: 3 }],
    ['gsv-8', 'WriteProhibitSetZero', { flags: 5 }, 'GetProhibitSetZero', undefined, { flags: 5 }],
    ['gsv-8', 'WriteSensorModel', { model: 'K6D40' }, 'ReadSensorModel', undefined, { model: 'K6D40' }],
    [
      'gsv-8',
      'WriteCalDate',
      { year: 26, month: 2, day: 3, hour: 4 },
      'ReadCalDate',
      undefined,
      { year: 26, month: 2, day: 3, hour: 4 }
    ],
    ['gsv-8', 'WriteDeviceHours', { hours: 12 }, 'ReadDeviceHours', { index: 1 }, { hours: 12 }],
    ['gsv-8', 'SetDIOinitialLevel', { line: 3, level: 1 }, 'GetDIOinitialLevel', { line: 0 }, { level: 4 }],
    ['gsv-8', 'SetTXmapping', { index: 0, value: 4 }, 'GetTXmapping', { index: 0 }, { value: 4 }],
    ['gsv-8', 'SetTXmapping', { index: 0x80, value: 3 }, 'GetTXmapping', { index: 9 }, { value: 0x260b }],
    ['gsv-8', 'SetCANSetting', { index: 6, value: 42 }, 'GetCANSetting', { index: 6 }, { value: 42 }],
    ['gsv-8', 'SetDfiltOnOff', { flags: 0x0102 }, 'GetDfiltOnOff', undefined, { flags: 0x0102 }],
    [
      'gsv-8',
      'SetDigiFiltType',
      { channel: 1, filter: 0x14 },
      'GetDigiFiltType',
      { channel: 1, kind: 0 },
      { filter: 0x14 }
    ],
    [
      'gsv-8',
      'WriteCounterFreqMode',
      { setting: 0x10, value: 2 },
      'ReadCounterFreqMode',
      { setting: 0x10 },
      { value: 3 }
    ],
    [
      'gsv-6',
      'WriteLinearizationValue',
      { kind: 8, index: 3, value: 0.5 },
      'ReadLinearizationValue',
      { kind: 8, index: 3 },
      { value: 0.5 }
    ],
    ['gsv-6', 'WriteDebounceTime', { input: 2, time: 50 }, 'ReadDebounceTime', { input: 1 }, { time: 20 }]
  ]
  it.each(pairs)('%s: %s', (model, writes, values, reads, asked, answer) => {
    const one = device(model, 100, { firmware: '9.99' })
    one.idState = 0x10
    expect(status(one, writes, values as never)).toBeLessThanOrEqual(1)
    expect(read(one, reads, asked as never)).toMatchObject(answer)
    expect(scan(one).values).toHaveLength(one.layout.objects)
  })

  it('filters and TEDS when they are stored only, and faults until they are erased', () => {
    const one = device('gsv-8')
    one.idState = 8
    status(one, 'WriteDigiFiltCoeff', { channel: 1, index: 2, coefficient: 0.5 })
    expect(one.settings.channels[0]?.filter.coefficients[2]).toBeUndefined()
    status(one, 'StoreDigiFilt', { first: 0, last: 0 })
    expect(one.stored.channels[0]?.filter.coefficients[2]).toBe(0.5)
    status(one, 'WriteTEDSbytes', { channel: 2, address: 4, data: Uint8Array.of(1, 2, 3, 4) })
    expect(read(one, 'ReadTEDSrawArray', { channel: 2, address: 4 }).data).toEqual(new Uint8Array(4))
    expect(status(one, 'StoreTEDSdata', { channel: 2, address: 0, bits: 64 })).toBe(0)
    expect(read(one, 'ReadTEDSrawArray', { channel: 2, address: 4 }).data).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(read(one, 'ReadTEDSdataEntry', { channel: 2, template: 0, property: 100, index: 0 })).toEqual({
      next: 0,
      kind: 0,
      value: 0x04_03_02
    })
    expect(status(one, 'ReadTEDSdataEntry', { channel: 1, template: 0, property: 0, index: 0 })).toBe(0xb1)
    one.fault(5, 1)
    one.fault(5, 2)
    expect(read(one, 'GetLastValueError', { index: 2 }).fault.at(-1)).toBe(1)
    status(one, 'EraseErrorMemory')
    expect(status(one, 'GetLastValueError', { index: 2 })).toBe(0x51)
  })

  it('a GSV-6 says its values as text, and what saturates now', () => {
    const one = device('gsv-6')
    scan(one)
    expect(read(one, 'ReadValueString', { channel: 1, flags: 1 }).text).toBe('+1.00000 N')
    expect(status(one, 'ReadValueString', { channel: 0, flags: 0 })).toBe(0x62)
    status(one, 'StopTransmission')
    expect(read(one, 'ReadValueString', { channel: 0, flags: 0 }).text.split('\t')).toHaveLength(6)
    one.faults.add({ kind: 'saturation', channel: 'x', from: 1, to: 2, size: 1 }, 2, 1)
    scan(one)
    expect(read(one, 'GetLastValueError', { index: 0 }).fault).toEqual(Uint8Array.of(0, 4, 0, 0, 0, 0))
  })
})
