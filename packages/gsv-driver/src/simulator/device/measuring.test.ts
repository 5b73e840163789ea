import { describe, expect, it } from 'vitest'
import { device, read, scan, status } from './fixtures/asked-device.ts'

describe('rates and types', () => {
  it('refuses what is too high and takes the nearest divisor', () => {
    const one = device('gsv-8')
    expect(status(one, 'WriteDataRate', { rate: 1e7 })).toBe(0x54)
    expect(status(one, 'WriteDataRate', { rate: 24_000 })).toBe(0x54)
    expect(status(one, 'WriteDataRate', { rate: 0.1 })).toBe(0x55)
    status(one, 'WriteDataRate', { rate: 1900 })
    expect(read(one, 'ReadDataRate').rate).toBe(1920)
    status(one, 'SetTXMode', { index: 1, value: 1 })
    expect(status(one, 'WriteDataRate', { rate: 48_000 })).toBe(0)
    expect(status(one, 'SetTXMode', { index: 1, value: 3 })).toBe(0x57)
    expect(status(device('gsv-6'), 'SetTXMode', { index: 1, value: 2 })).toBe(0x52)
  })

  it('puts several scans into a frame when it may', () => {
    const one = device('gsv-8')
    status(one, 'SetTXMode', { index: 1, value: 1 })
    status(one, 'SetTXmapping', { index: 0, value: 2 })
    status(one, 'WriteDataRate', { rate: 48_000 })
    expect(one.layout.objects).toBe(2)
    read(one, 'GetInterface', { flags: 4 })
    expect(one.layout).toEqual({ objects: 16, dataType: 'int16', crc: false, channels: 2 })
    expect(one.transmission.write(20).scans).toBe(16)
    expect(read(one, 'GetTXmapping', { index: 0 }).value).toBe(2)
    read(one, 'GetInterface', { flags: 0 })
    expect(one.layout.objects).toBe(2)
  })
})

describe('values', () => {
  it('follow scale, offset, zero and input type', () => {
    const one = device('gsv-8')
    expect(scan(one).values).toEqual(new Array(8).fill(1))
    status(one, 'WriteUserScale', { channel: 2, scale: 10 })
    status(one, 'WriteUserOffset', { channel: 2, offset: -1 })
    expect(scan(one).values[1]).toBe(4)
    status(one, 'SetInputType', { channel: 3, type: 0 })
    // half of 3.5 mV/V is 1.75 of 2 mV/V, and the scale is the range again
    expect(scan(one).values[2]).toBeCloseTo(1.75, 6)
    expect(status(one, 'SetZero', { channel: 9 })).toBe(0x51)
    status(one, 'SetZero', { channel: 0 })
    expect(scan(one).values[1]).toBeCloseTo(-1, 5)
    status(one, 'SetInjectValOrOffset', { mode: 1 })
    expect(scan(one).values[7]).toBeCloseTo(1 - 1, 5)
  })

  it('saturate with a flag and an entry in the fault memory', () => {
    const one = device('gsv-8')
    one.faults.add({ kind: 'saturation', channel: 'x', from: 1, to: 3, size: -1 }, 4, 1)
    one.faults.add({ kind: 'broken-bridge', channel: 'x', from: 4, to: 5, size: 0 }, 0, 1)
    expect(scan(one).flags).toBe(0)
    expect(scan(one).flags).toBe(1)
    expect(read(one, 'GetLastValueError', { index: 1 }).fault).toEqual(Uint8Array.of(0x20, 0, 3, 0xe8, 0x10, 0))
    expect(scan(one).values[4]).toBeCloseTo(-2.1, 6)
    expect(scan(one).flags).toBe(0)
    expect(scan(one).flags).toBe(1)
    expect(read(one, 'GetSensorPlugged').flags).toBe(0xfe)
    scan(one)
    expect(read(one, 'GetSensorPlugged').flags).toBe(0xff)
    expect(read(one, 'GetLastValueError', { index: 0 }).fault[0]).toBe(3)
  })

  it('of a six-axis sensor come out of its matrix, and exceed their maxima', () => {
    const one = device('gsv-8')
    status(one, 'MEsetID', { id: 'Beln' })
    status(one, 'PrepReadFTsensor', { index: 0 })
    status(one, 'WriteFTSensorCal', { type: 2, index: 1, value: 2 })
    status(one, 'WriteFTSensorCal', { type: 4, index: 0, value: 1 })
    status(one, 'StoreFTSensorCal', { index: 0 })
    expect(read(one, 'GetFTSensorCalArrNo')).toEqual({ max: 11, stored: 1, active: 0 })
    status(one, 'SetMode', { flags: read(one, 'GetMode').flags | 1 })
    expect(read(one, 'GetTXmapping', { index: 3 }).value >> 8).toBe(3)
    const { values, flags } = scan(one)
    // half of 3.5 mV/V over the sensitivity of 2
    expect(values[1]).toBeCloseTo(0.875, 6)
    expect(values[0]).toBeCloseTo(3 * 0.875, 6)
    expect(flags).toBe(2)
    expect(status(one, 'SetZero', { channel: 1 })).toBe(0x5c)
  })

  it.each([
    ['int16', 2 ** 16],
    ['int24', 2 ** 24],
    ['float32', 2 ** 24]
  ] as const)('of a counter channel are the number of the scan in %s', (dataType, modulus) => {
    const one = device('gsv-8', 100, { counterChannel: 8 })
    status(one, 'SetTXMode', { index: 1, value: { int16: 1, int24: 2, float32: 3 }[dataType] })
    const { scale } = read(one, 'ReadUserScale', { channel: 8 })
    const { offset } = read(one, 'ReadUserOffset', { channel: 8 })
    for (const sent of [0, 1, 77, modulus - 1, modulus, modulus + 5]) {
      one.transmission.sent = sent
      const value = scan(one).values[7] as number
      expect(Math.round(dataType === 'float32' ? value : value * scale + offset) + 0).toBe(sent % modulus)
    }
  })

  it('switch digital outputs, and inputs set the zero', () => {
    const one = device('gsv-8')
    status(one, 'SetDIOdirection', { group: 1, direction: 0 })
    status(one, 'SetDIOtype', { line: 1, type: 0x10000, channel: 3 })
    status(one, 'WriteDIOthreshold', { line: 1, which: 1, threshold: 0.5 })
    scan(one)
    expect(read(one, 'GetDIOlevel', { line: 1 }).level).toBe(1)
    expect(status(one, 'SetDIOtype', { line: 5, type: 0x1000, channel: 0 })).toBe(0x5c)
    status(one, 'SetDIOtype', { line: 5, type: 0x20, channel: 0 })
    one.setLine(4, 1)
    expect(scan(one).values[0]).toBeCloseTo(0, 5)
  })
})
