import { describe, expect, it } from 'vitest'
import { bytesOf } from '../../codec/vectors.ts'
import { gsvCommands, isAvailable } from '../../commands/index.ts'
import { ask, device, hex, read, status } from './fixtures/asked-device.ts'
import type { Model } from './settings.ts'

describe('vectors, byte by byte', () => {
  const login = 'AA 94 19 42 65 6C 6E 85'
  it.each<[string, Model['name'], string[], string, string]>([
    ['A1', 'gsv-8', [], 'AA 90 24 85', 'AA 50 00 85'],
    ['A2', 'gsv-8', [], 'AA B0 23 A6 85', 'AA 70 00 A2 85'],
    ['A4', 'gsv-8', [], 'AA 91 01 00 85', 'AA 54 00 48 7B 00 02 85'],
    ['A5 after R9', 'gsv-8', ['AA 94 8B 42 C8 00 00 85'], 'AA 90 8A 85', 'AA 54 00 42 C8 00 00 85'],
    ['A6 after R10', 'gsv-8', ['AA B4 8B 42 C8 00 00 AE 85'], 'AA B0 8A F0 85', 'AA 74 00 42 C8 00 00 1C 85'],
    ['A8', 'gsv-8', [], 'AA 90 1F 85', 'AA 54 00 01 75 2B 7C 85'],
    ['A9', 'gsv-8', [], 'AA B0 1F 12 85', 'AA 74 00 01 75 2B 7C 8C 85'],
    ['A10', 'gsv-8', [], 'AA 90 2B 85', 'AA 54 00 00 01 00 38 85'],
    ['A11 after R13', 'gsv-8', ['AA 95 15 02 40 00 00 00 85'], 'AA 91 14 02 85', 'AA 54 00 40 00 00 00 85'],
    ['A12', 'gsv-8', [], 'AA 92 A2 01 FF 85', 'AA 55 00 01 00 00 01 5E 85'],
    ['A13 after R21', 'gsv-8', ['AA 92 10 00 03 85'], 'AA 91 0F 01 85', 'AA 51 00 03 85'],
    [
      'A14 after R18, R17',
      'gsv-8',
      ['AA 93 81 01 00 01 85', 'AA 93 81 01 00 03 85'],
      'AA 91 80 01 85',
      'AA 52 00 00 03 85'
    ],
    ['A15', 'gsv-8', ['AA 94 27 00 05 FF 02 85'], 'AA 90 26 85', 'AA 54 00 00 05 FF 02 85'],
    [
      'A16 after R22',
      'gsv-8',
      ['AA 99 12 00 4E 2F 63 6D 00 00 00 00 85'],
      'AA 91 11 00 85',
      'AA 58 00 4E 2F 63 6D 00 00 00 00 85'
    ],
    [
      'A17 after R23',
      'gsv-6',
      ['AA 9A 12 00 00 4E 2F 63 6D 00 00 00 00 85'],
      'AA 91 11 00 85',
      'AA 59 00 00 4E 2F 63 6D 00 00 00 00 85'
    ],
    ['A19', 'gsv-8', [], 'AA 91 63 00 85', 'AA 54 00 46 3B 80 00 85'],
    ['A20', 'gsv-8', [], 'AA 91 49 00 85', 'AA 52 00 00 08 85'],
    ['A21 after R31', 'gsv-8', ['AA 95 7C 0A 00 07 08 00 85'], 'AA 91 7B 0A 85', 'AA 56 00 0B 84 00 07 08 00 85'],
    ['A23', 'gsv-8', ['AA 92 5A 01 00 85', 'AA 95 5C 02 81 00 00 03 85'], 'AA 91 5B 02 85', 'AA 54 00 81 00 00 03 85'],
    ['A24 after R33', 'gsv-8', [login, 'AA 95 03 01 FF FF FB 2E 85'], 'AA 91 02 01 85', 'AA 54 00 FF FF FB 2E 85'],
    ['A25a to R19', 'gsv-8', [], 'AA 93 81 01 00 10 85', 'AA 50 52 85'],
    ['A25b', 'gsv-8', [], 'AA 90 14 85', 'AA 50 5B 85'],
    ['A26', 'gsv-8', [], 'AA 95 6A 10 00 00 00 02 85', 'AA 50 01 85'],
    ['A30', 'gsv-8', ['AA 91 35 01 85'], 'AA 91 3A 01 85', 'AA 54 00 00 3C F3 CF 85'],
    ['R12, defaults', 'gsv-6', [], 'AA 91 14 02 85', 'AA 54 00 40 00 00 00 85'],
    ['R16', 'gsv-6', [], 'AA 96 34 00 00 00 00 00 C8 85', 'AA 50 00 85'],
    ['R25 without the id', 'gsv-8', [], 'AA 94 92 55 4C 4B 61 85', 'AA 50 72 85'],
    ['R25 with R24', 'gsv-8', [login], 'AA 94 92 55 4C 4B 61 85', 'AA 50 00 85'],
    ['R26', 'gsv-8', ['AA 96 60 01 01 3F C0 00 00 85'], 'AA 92 5F 01 01 85', 'AA 54 00 3F C0 00 00 85'],
    ['R30', 'gsv-8', [login, 'AA 96 48 02 07 BE 00 00 00 85'], 'AA 92 47 02 07 85', 'AA 54 00 BE 00 00 00 85'],
    ['R32a', 'gsv-8', ['AA 94 27 00 00 00 00 85', 'AA 92 91 03 52 85'], 'AA 90 90 85', 'AA 52 00 03 52 85'],
    ['R34', 'gsv-8', ['AA 96 50 01 10 FE 80 00 00 85'], 'AA 92 4F 01 10 85', 'AA 54 00 FE 80 00 00 85']
  ])('%s (%s)', (_, model, before, request, answer) => {
    const one = device(model)
    for (const earlier of before)
      expect(hex(one.take(bytesOf(earlier))[0] as Uint8Array)).toMatch(/^AA 50 00 85|^AA 70 00/)
    expect(one.take(bytesOf(request)).map(hex)).toEqual([answer])
  })

  it('A3: the checksum of measured frames, with M1 to read', () => {
    const one = device('gsv-8')
    expect(one.take(bytesOf('AA B1 01 09 AB 85')).map(hex)).toEqual(['AA 74 00 C8 73 00 02 B9 85'])
    expect(one.transmission.write(1).bytes).toHaveLength(38)
  })

  it('A7: the real rate of a GSV-6', () => {
    const one = device('gsv-6', Math.fround(100.402))
    expect(one.take(bytesOf('AA 90 8A 85')).map(hex)).toEqual(['AA 54 00 42 C8 CD D3 85'])
  })

  it('A18 and A22: largest values and a fault', () => {
    const one = device('gsv-8')
    one.measuring.max[0] = 2.5
    one.measuring.min[0] = -1.25
    expect(one.take(bytesOf('AA 91 53 01 85')).map(hex)).toEqual(['AA 58 00 40 20 00 00 BF A0 00 00 85'])
    one.fault(1, 0x0101)
    expect(one.take(bytesOf('AA 91 43 01 85')).map(hex)).toEqual(['AA 56 00 20 00 03 E8 01 01 85'])
  })
})

describe('every command of the table', () => {
  it.each(['gsv-8', 'gsv-6'] as const)('is answered by a %s with what the table says', (name) => {
    for (const command of gsvCommands) {
      const one = device(name, 100, { firmware: '9.99' })
      one.idState = 0x10
      one.settings.sensorModel = 'K6D'
      one.measuring.max.fill(0)
      one.measuring.min.fill(0)
      if (!isAvailable(command, name, '9.99') || command.answer) continue
      const length = command.request.reduce(
        (sum, { type }) =>
          sum +
          ({ u8: 1, zero: 1, u16: 2, s16: 2, u24: 3 }[type as string] ??
            /\d+/.exec(type.replace(/^[usf]\d+/, ''))?.map(Number)[0] ??
            4),
        0
      )
      const answer = ask(one, command.code, new Uint8Array(Math.min(15, Math.max(length, 0))))
      expect([command.name, answer.status]).not.toEqual([command.name, 0x40])
      expect([command.name, answer.status]).not.toEqual([command.name, command.code === 0x93 ? -1 : 0x41])
    }
  })

  it('is refused by number where no model or another model has it, or the firmware is too old', () => {
    expect(ask(device('gsv-8'), 0xfe).status).toBe(0x40)
    expect(ask(device('gsv-8'), 0x78).status).toBe(0x41)
    expect(ask(device('gsv-8'), 0x40).status).toBe(0x41)
    expect(ask(device('gsv-8', 100, { firmware: '1.62' }), 0x40).data).toHaveLength(16)
    expect(ask(device('gsv-8'), 0x93, [0x24, 0x23]).status).toBe(0)
    expect(ask(device('gsv-8'), 0x93, [0x79, 0x78]).status).toBe(0x41)
  })
})

describe('access', () => {
  it('needs an id, refuses after three wrong ones, and the manufacturer has his own', () => {
    const one = device('gsv-8')
    expect(status(one, 'WriteZero', { channel: 1, tare: 5 })).toBe(0x72)
    for (let i = 0; i < 3; i += 1) expect(status(one, 'MEsetID', { id: 'nope' })).toBe(0x72)
    expect(status(one, 'MEsetID', { id: 'Beln' })).toBe(0x74)
    one.powerUp()
    expect(status(one, 'MEsetID', { id: 'Beln' })).toBe(0)
    expect(read(one, 'MEgetIDstate').state).toBe(8)
    expect(status(one, 'WriteZero', { channel: 1, tare: 5 })).toBe(0)
    expect(status(one, 'MEsetSerNo', { serial: 7 })).toBe(0x72)
    expect(status(one, 'SetPassword', { password: 'Nord' })).toBe(0)
    one.powerUp()
    expect(status(one, 'MEsetID', { id: 'Beln' })).toBe(0x72)
    expect(status(one, 'MEsetID', { id: 'Nord' })).toBe(0)
    expect(read(one, 'ReadZero', { channel: 1 }).tare).toBe(5)
  })

  it('can be locked and belongs to one interface', () => {
    const one = device('gsv-8')
    expect(status(one, 'SwitchBlocking', { key: 'BlkA' })).toBe(0)
    expect(status(one, 'WriteUserScale', { channel: 1, scale: 3 })).toBe(0x71)
    expect(read(one, 'GetMode').flags & 0x80).toBe(0x80)
    expect(read(one, 'GetInterface', { flags: 0 }).protection).toBe(0x40)
    one.powerUp()
    expect(status(one, 'WriteUserScale', { channel: 1, scale: 3 })).toBe(0x71)
    expect(status(one, 'MEsetID', { id: 'Beln' })).toBe(0)
    expect(status(one, 'SwitchBlocking', { key: 'ULKa' })).toBe(0)
    one.owner = 'other'
    expect(status(one, 'WriteUserScale', { channel: 1, scale: 3 })).toBe(0x75)
    expect(status(one, 'ReleaseInterface')).toBe(0x75)
    one.owner = undefined
    expect(status(one, 'WriteUserScale', { channel: 1, scale: 3 })).toBe(0)
    expect(read(one, 'GetLastProtocolError', { index: 0 }).error).toBe(0x75)
    expect(status(one, 'ResetStatus')).toBe(0)
    expect(read(one, 'GetLastProtocolError', { index: 0 }).error).toBe(0)
  })
})
