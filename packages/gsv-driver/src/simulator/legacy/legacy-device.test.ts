import { describe, expect, it } from 'vitest'
import { encodeLegacyRequest, type LegacyModel, LegacyParser } from '../../codec/index.ts'
import { LEGACY } from '../../codec/legacy/legacy-vectors.ts'
import { bytesOf } from '../../codec/vectors.ts'
import { Faults } from '../faults.ts'
import { Signal, type SimulatedChannel } from '../signal.ts'
import { LEGACY_INPUTS, LegacyDevice, type LegacyDeviceOptions } from './legacy-device.ts'

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ')

function device(model: LegacyModel, parts: readonly number[], more: Partial<LegacyDeviceOptions> = {}): LegacyDevice {
  const channels = Array.from(
    { length: LEGACY_INPUTS[model] },
    (_, i): SimulatedChannel => ({ unit: 'N', scale: 2, offset: 2 * (parts[i] ?? 0), noise: 0 })
  )
  const signal = new Signal(channels, 100, 1)
  return new LegacyDevice({ model, channels, rate: 100, serial: 8_449_050, signal, faults: new Faults(), ...more })
}

const ask = (one: LegacyDevice, request: string): string[] => one.take(bytesOf(request)).map(hex)
const frame = (one: LegacyDevice): string => hex(one.transmission.write(1).bytes)

describe('a GSV-4', () => {
  it('answers as the vectors say, and only while it does not transmit', () => {
    const one = device('gsv-4', [0, 0.5, -0.5, 0.99999])
    expect(ask(one, '1F')).toEqual([])
    expect(frame(one)).toBe(LEGACY.L4)
    expect(ask(one, '23')).toEqual([])
    expect(ask(one, '1F')).toEqual([LEGACY.L1])
    const other = device('gsv-4', [], { serial: 123_033 })
    other.take(bytesOf('23'))
    expect(ask(other, '29')).toEqual([LEGACY.L2])
    for (const [i, type] of [1, 1, 2, 3].entries()) {
      one.take(encodeLegacyRequest(0xb2, [i + 1, type]))
    }
    expect(ask(one, 'B3')).toEqual([LEGACY.L3.replace('01 01 02 03', '01 01 01 01')])
    one.take(bytesOf(LEGACY.L5))
    for (const [i, type] of [1, 1, 2, 3].entries()) one.take(encodeLegacyRequest(0xb2, [i + 1, type]))
    expect(ask(one, 'B3')).toEqual([LEGACY.L3])
    expect(ask(one, '3B')).toEqual([LEGACY.L4])
  })

  it('takes the code of a rate with its command or alone', () => {
    const one = device('gsv-4', [])
    one.take(bytesOf(`23 ${LEGACY.L5} 12 AB`))
    expect(one.rate).toBe(500)
    one.take(bytesOf('A6'))
    expect(one.rate).toBe(12.4)
  })
})

describe('a GSV-3', () => {
  it('has the frames, rates and thresholds of the vectors', () => {
    const one = device('gsv-3', [0.525])
    expect(frame(one)).toBe(LEGACY.L6)
    one.take(bytesOf(LEGACY.L7))
    expect(ask(one, '8B')).toEqual(['3B 06 FC F3'])
    expect(one.rate).toBeCloseTo(100.03, 2)
    one.take(bytesOf(LEGACY.L8))
    expect(ask(one, '21')).toEqual(['3B B3 33 4C CC'])
    expect(ask(one, '1F')).toEqual(['3B 30 38 34 34 39 30 35 30'])
    one.take(bytesOf('0C'))
    expect(frame(one)).toBe('A5 80 00')
  })

  it('counts scans in a channel', () => {
    const one = device('gsv-3', [], { counterChannel: 1 })
    one.transmission.sent = 65_534
    expect([frame(one), frame(one), frame(one)]).toEqual(['A5 FF FE', 'A5 FF FF', 'A5 00 00'])
  })
})

describe('a GSV-2', () => {
  it('has the long frame of the vector, short and text frames', () => {
    const one = device('gsv-2', [0.525])
    one.take(bytesOf('20 B3 33 4C CC'))
    expect(frame(one)).toBe(LEGACY.L9)
    one.take(bytesOf('80 00'))
    expect(frame(one)).toBe('A5 C0 00')
    one.take(bytesOf('26 02'))
    expect(new TextDecoder().decode(one.transmission.write(1).bytes)).toBe('+1.05000 N\r\n')
    expect(ask(one, '27')).toEqual(['3B 02'])
    expect(ask(one, '23 3B')).toHaveLength(1)
  })

  it('is read by the parser while it answers nothing it does not know', () => {
    const one = device('gsv-2', [0.25])
    const parser = new LegacyParser({ full() {}, answer() {}, skipped() {} }, one.layout)
    parser.push(one.transmission.write(100).bytes)
    expect([parser.decoded, parser.skippedBytes]).toEqual([100, 0])
    expect(one.take(bytesOf('F0 F1'))).toEqual([])
    expect(one.transmission.writer.longest).toBeGreaterThan(10)
  })
})
