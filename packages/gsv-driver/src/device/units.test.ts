import { describe, expect, it } from 'vitest'
import { commandOf, commands } from './commands.ts'
import { refusal, statusOf } from './status.ts'
import { unitCodeOf, unitOf } from './units.ts'

describe('unitOf', () => {
  it('knows every code of the table, and finds it again', () => {
    for (let code = 0; code <= 46; code += 1) expect(unitCodeOf(unitOf(code))).toBe(code)
  })
  it.each([
    [0, 'mV/V'],
    [7, '1'],
    [9, 'kN'],
    [19, 'Cel'],
    [24, 'kN.m'],
    [29, '/min'],
    [34, 'N/mm2'],
    [42, 'm/s2'],
    [46, 'kW.h']
  ])('%i is %s', (code, unit) => expect(unitOf(code)).toBe(unit))
  it('takes a text of the user where it is plain, else as an annotation', () => {
    expect(unitOf(255, 'N/cm')).toBe('N/cm')
    expect(unitOf(254, 'm^2 s')).toBe('{m^2?s}')
    expect(unitOf(255, '  ')).toBe('1')
    expect(unitCodeOf('furlong')).toBeUndefined()
  })
})

describe('statusOf', () => {
  it('has a name for every code, documented or not', () => {
    for (let code = 0; code < 256; code += 1) expect(statusOf(code).name).toMatch(/^[A-Z0-9_x]+[a-f0-9]*$/)
    expect(statusOf(0x75).name).toBe('ERR_ACC_PORT')
    expect(statusOf(0x64).name).toBe('ERR_FDATA_TOO_HIGH')
    expect(statusOf(0xb8).name).toBe('GETTEDS_ERR_VERIFY')
  })
  it('says in the error what to do', () => {
    const { message, deviceCode } = refusal('SetTXMode', 0x71)
    expect(deviceCode).toBe(0x71)
    expect(message).toContain('ERR_ACC_BLK, write functions blocked; set the user id first')
  })
})

describe('commands', () => {
  it('have unique codes and are found by them', () => {
    const all = Object.entries(commands)
    expect(new Set(all.map(([, { code }]) => code)).size).toBe(all.length)
    for (const [name, command] of all) {
      expect(command.name).toBe(name)
      expect(commandOf(command.code)).toBe(command)
    }
    expect(commandOf(0x99)).toBeUndefined()
  })
})
