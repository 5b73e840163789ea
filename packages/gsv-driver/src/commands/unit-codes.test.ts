import { describe, expect, it } from 'vitest'
import { unitCodeOf, unitCodes, unitOf, unitSetting, unitSlot } from './index.ts'

describe('units', () => {
  it('are found by their code and again', () => {
    expect(unitCodes).toHaveLength(47)
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

  it('of the user are texts: plain ones, those of the list, annotations', () => {
    expect(unitOf(255, 'N/cm')).toBe('N/cm')
    expect(unitOf(255, 'Nm')).toBe('N.m')
    expect(unitOf(254, 'm^2 s')).toBe('{m^2?s}')
    expect(unitOf(255, '  ')).toBe('1')
    expect(unitCodeOf('furlong')).toBeUndefined()
    expect([unitSlot(255), unitSlot(254), unitSlot(7)]).toEqual([0, 1, undefined])
  })

  it('are set by code, else as a text that comes back', () => {
    expect(unitSetting('N.m')).toEqual({ code: 18 })
    const setting = unitSetting('{parts}', 1)
    expect(setting).toEqual({ code: 254, slot: 1, text: 'parts' })
    expect(() => unitSetting('[in_i].[lbf_av]')).toThrow(RangeError)
  })
})
