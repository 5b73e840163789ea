import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BitLayout,
  bitLayouts,
  decodeResponse,
  dioFunctions,
  dioTypeCode,
  dioTypeOf,
  encodeRequest,
  encodeResponse,
  inputOf,
  interfaceAnswer,
  interfaceInfoOf,
  mappedObjectOf,
  mappingEntry,
  readBits,
  sensorCalibration,
  sensorElements,
  sensorReads,
  sensorWrites,
  tedsEntryOf,
  tedsProperties,
  walkInterfaceSettings,
  writeBits
} from './index.ts'

describe('bits', () => {
  it('come back, and leave all others as they are', () => {
    for (const layout of Object.values(bitLayouts) as BitLayout[]) {
      fc.assert(
        fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (word, other) => {
          const changed = writeBits(layout, word, readBits(layout, other))
          expect(readBits(layout, changed)).toEqual(readBits(layout, other))
          expect(writeBits(layout, changed, readBits(layout, word))).toBe(word)
        }),
        { numRuns: 20 }
      )
    }
  })

  it('do not overlap', () => {
    for (const layout of Object.values(bitLayouts) as BitLayout[]) {
      const places = Object.values(layout).flatMap((place) => {
        const [low, high] = typeof place === 'number' ? [place, place] : place
        return Array.from({ length: high - low + 1 }, (_, i) => low + i)
      })
      expect(new Set(places).size).toBe(places.length)
      expect(Math.max(...places)).toBeLessThan(32)
    }
  })

  it('of the mode of a GSV-8 (A15): automatic analog filter, TEDS of all channels, its unit and analog output', () => {
    expect(readBits(bitLayouts.modeGsv8, 0x5ff02)).toMatchObject({
      multiAxis: false,
      autoAnalogFilter: true,
      noiseCut: false,
      tedsScale: 255,
      tedsUnit: true,
      tedsRange: false,
      tedsAout: true,
      autoZero: false
    })
  })

  it('of the top are no negative numbers', () => {
    expect(readBits(bitLayouts.interfaceFlags, 0xff000008)).toMatchObject({ application: 255, binaryOffset: true })
    expect(writeBits(bitLayouts.interfaceFlags, 0, { application: 255 })).toBe(0xff000000)
  })

  it('that do not fit or exist are refused', () => {
    expect(() => writeBits(bitLayouts.filterType, 0, { length: 16 })).toThrow(
      'length must be a whole number from 0 to 15, got 16'
    )
    expect(() => writeBits(bitLayouts.filterType, 0, { iir: true } as never)).toThrow(
      "no part 'iir'; there are: length, kind, fir"
    )
  })

  it('of the type of a sensor: 3 x 3 and 3 x 4', () => {
    expect(readBits(bitLayouts.sensorType, 139_266)).toMatchObject({ kind: 2, rows: 2, columns: 2 })
    expect(readBits(bitLayouts.sensorType, 204_802)).toMatchObject({ kind: 2, rows: 2, columns: 3 })
  })
})

describe('GetInterface', () => {
  it('A3: CRC on, eight objects, transmission off, float32', () => {
    const info = interfaceInfoOf(decodeResponse('GetInterface', Uint8Array.of(0xc8, 0x73, 0, 2)))
    expect(info).toEqual({
      model: 'gsv-8',
      modelCode: 8,
      crc: true,
      objects: 8,
      transmitting: false,
      dataType: 'float32',
      locked: false,
      allLocked: false,
      interface: 0,
      interfaces: 2
    })
  })

  it('A4: no CRC, transmission on; it comes back as it was', () => {
    const bytes = Uint8Array.of(0x48, 0x7b, 0, 2)
    const info = interfaceInfoOf(decodeResponse('GetInterface', bytes))
    expect(info).toMatchObject({ crc: false, transmitting: true, objects: 8 })
    expect(encodeResponse('GetInterface', interfaceAnswer(info))).toEqual(bytes)
  })

  it('of what is not known says so', () => {
    const info = interfaceInfoOf({ frames: 0x49, layout: 0x04, protection: 0xc1, interfaces: 0 })
    expect(info).toMatchObject({
      model: undefined,
      modelCode: 9,
      dataType: undefined,
      locked: true,
      allLocked: true,
      interface: 1
    })
  })
})

describe('interface settings', () => {
  const walk = (
    interfaces: number,
    answers: Readonly<Record<number, { next: number; type: number; data: number }>>
  ) => {
    const asked: number[] = []
    const steps = walkInterfaceSettings(interfaces)
    let step = steps.next()
    while (!step.done) {
      asked.push(step.value)
      step = steps.next(answers[step.value])
    }
    return { asked, settings: step.value }
  }

  it('are walked to the end of each list: A21 is the writable baud rate', () => {
    const { asked, settings } = walk(2, {
      0: { next: 5, type: 3, data: 0x0100_000b },
      5: { next: 0, type: 1, data: 4 },
      1: { next: 10, type: 6, data: 0x0100_0003 },
      10: { next: 11, type: 0x84, data: 460_800 },
      11: { next: 0, type: 5, data: 921_600 }
    })
    expect(asked).toEqual([0, 5, 1, 10, 11])
    expect(settings.map(({ kind }) => kind)).toEqual(['usb', 'rs422'])
    expect(settings[0]?.flags).toMatchObject({ binaryOffset: true, application: 1, crc: false })
    expect(settings[1]?.entries[0]).toEqual({ index: 10, type: 4, writable: true, data: 460_800 })
  })

  it('end where a list runs in a circle or an answer is missing', () => {
    expect(walk(2, { 1: { next: 9, type: 2, data: 0 }, 9: { next: 1, type: 4, data: 0 } }).asked).toEqual([0, 1, 9])
    expect(
      walk(1, { 0: { next: 5, type: 3, data: 0 }, 5: { next: 6, type: 1, data: 0 }, 6: { next: 5, type: 2, data: 0 } })
        .asked
    ).toEqual([0, 5, 6])
    expect(walk(2, { 1: { next: 9, type: 2, data: 0 } })).toMatchObject({
      asked: [0, 1, 9],
      settings: [{ index: 1, entries: [] }]
    })
  })
})

describe('mapping, lines, inputs', () => {
  it('mapped objects come back', () => {
    for (const quantity of [
      'channel',
      'force_x',
      'torque_z',
      'raw',
      'temperature',
      'digital_inputs',
      'pulses',
      'speed'
    ] as const) {
      for (const value of ['actual', 'maximum', 'minimum'] as const) {
        const object = { quantity, value, channel: 9 }
        expect(mappedObjectOf(mappingEntry(object))).toEqual(object)
      }
    }
    expect(mappedObjectOf(0x2938)).toEqual({ quantity: undefined, value: undefined, channel: 8 })
  })

  it('A23: threshold switch, inverted, and every other type', () => {
    expect(dioTypeOf(0x810000)).toEqual({ function: 'threshold', inverted: true, mirrored: false })
    for (const [name, { code }] of Object.entries(dioFunctions)) {
      const type = { function: name as keyof typeof dioFunctions, inverted: false, mirrored: false }
      expect(dioTypeCode(type)).toBe(code)
      expect(dioTypeOf(code)).toEqual(type)
    }
    expect(dioTypeOf(0x3).function).toBeUndefined()
  })

  it('lines that cannot be inverted or mirrored are refused', () => {
    expect(() => dioTypeCode({ function: 'output', inverted: true })).toThrow(
      "inverted must be false for the function 'output'"
    )
    expect(() => dioTypeCode({ function: 'input', mirrored: true })).toThrow('mirrored must be false')
    expect(() => dioTypeCode({ function: 'lamp' as never })).toThrow('must be one of none, fileTrigger')
  })

  it('inputs say range and unit', () => {
    expect(inputOf({ type: 3, range: 1_000_000 }, 'gsv-8')).toEqual({
      name: 'single-ended',
      unit: 'mV',
      nominal: 10_000
    })
    expect(inputOf({ type: 6, range: 100 }, 'gsv-8').unit).toBe('Cel')
    expect(inputOf({ type: 6, range: 100 }, 'gsv-6').name).toBe('counter')
    expect(inputOf({ type: 99, range: 100 }, 'gsv-8')).toEqual({ name: 'type 99', unit: '1', nominal: 1 })
  })
})

describe('six-axis calibration', () => {
  it('is written element by element and comes back', () => {
    const matrix = Array.from({ length: 36 }, (_, i) => i / 8)
    const calibration = { serial: [4711], matrix, maximum: [1, 2, 3, 4, 5, 6], date: [2026, 3, 1] }
    const writes = sensorWrites(calibration)
    expect(writes.slice(0, 2)).toEqual([
      { type: 0, index: 0, value: 4711 },
      { type: 2, index: 0, value: 0 }
    ])
    expect(encodeRequest('WriteFTSensorCal', writes[8]!)).toEqual(Uint8Array.of(2, 7, 0x3f, 0x60, 0, 0))
    expect(writes.map(({ type, index }) => ({ type, index }))).toEqual(
      sensorReads(['date', 'matrix', 'serial', 'maximum'])
    )
    expect(sensorCalibration(writes)).toEqual(calibration)
  })

  it('has holes where elements are missing, and refuses what does not fit', () => {
    expect(
      sensorCalibration([
        { type: 3, index: 1, value: 5 },
        { type: 99, index: 0, value: 1 }
      ])
    ).toEqual({ offset: [Number.NaN, 5, Number.NaN] })
    expect(() => sensorWrites({ offset: [1] })).toThrow('sensorWrites: offset must have 3 values, got 1')
    expect(() => sensorWrites({ offsets: [1] } as never)).toThrow("got 'offsets'")
    expect(Object.values(sensorElements).map(({ type }) => type)).toEqual([...Array(13).keys()])
  })
})

describe('TEDS', () => {
  it('has texts, dates and holes', () => {
    expect(tedsProperties.get(124)).toBe('MemberIndex')
    expect(tedsProperties.get(10)).toBe('Sens')
    const packed = [1, 2, 3, 0, 26].reduce((word, letter, i) => word + letter * 32 ** i, 0)
    expect(tedsEntryOf({ next: 4, kind: 2, value: packed })).toEqual({ next: 4, value: 'ABC Z' })
    expect(tedsEntryOf({ next: 0, kind: 4, value: 0 }).value).toEqual(new Date('1998-01-01T00:00:00Z'))
    expect(tedsEntryOf({ next: 0, kind: 0xff, value: 0 })).toEqual({
      next: 0,
      value: undefined,
      missing: 'does not exist'
    })
    expect(tedsEntryOf({ next: 0, kind: 0xfd, value: 0 }).missing).toBe('invalid')
  })
})
