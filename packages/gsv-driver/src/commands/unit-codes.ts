/** Label of the device and UCUM code, by unit code. */
const UNITS: readonly (readonly [label: string, ucum: string])[] = [
  ['mV/V', 'mV/V'],
  ['kg', 'kg'],
  ['g', 'g'],
  ['N', 'N'],
  ['cN', 'cN'],
  ['V', 'V'],
  ['µm/m', 'um/m'],
  ['', '1'],
  ['t', 't'],
  ['kN', 'kN'],
  ['lb', '[lb_av]'],
  ['oz', '[oz_av]'],
  ['kp', 'kgf'],
  ['lbf', '[lbf_av]'],
  ['pdl', '[lb_av].[ft_i]/s2'],
  ['mm', 'mm'],
  ['m', 'm'],
  ['cNm', 'cN.m'],
  ['Nm', 'N.m'],
  ['°C', 'Cel'],
  ['°F', '[degF]'],
  ['K', 'K'],
  ['oztr', '[oz_tr]'],
  ['dwt', '[pwt_tr]'],
  ['kNm', 'kN.m'],
  ['%', '%'],
  ['‰', '[ppth]'],
  ['W', 'W'],
  ['kW', 'kW'],
  ['rpm', '/min'],
  ['bar', 'bar'],
  ['Pa', 'Pa'],
  ['hPa', 'hPa'],
  ['MPa', 'MPa'],
  ['N/mm²', 'N/mm2'],
  ['°', 'deg'],
  ['Hz', 'Hz'],
  ['m/s', 'm/s'],
  ['km/h', 'km/h'],
  ['m³/h', 'm3/h'],
  ['mA', 'mA'],
  ['A', 'A'],
  ['m/s²', 'm/s2'],
  ['flbs', '{flbs}'],
  ['ftlb', '[ft_i].[lbf_av]'],
  ['J', 'J'],
  ['kWh', 'kW.h']
]

/**
 * Label and UCUM code of every unit code of the devices: the unit code is the index. 254 and 255 are texts of the user.
 *
 * @example
 * ```ts
 * import { unitCodes } from '@messwerk/gsv-driver/commands'
 *
 * unitCodes[18] // => ['Nm', 'N.m']
 * ```
 */
export const unitCodes = UNITS

/**
 * UCUM code of a unit code of the device. The unit is a label there: it never changes the scaling.
 *
 * @param code - 0 to 46; 254 and 255 refer to a text of the user
 * @param text - that text; what is not plain becomes an annotation
 *
 * @example
 * ```ts
 * import { unitOf } from '@messwerk/gsv-driver/commands'
 *
 * unitOf(18) // => 'N.m'
 * unitOf(255, 'N/cm') // => 'N/cm'
 * unitOf(255, 'my unit') // => '{my?unit}'
 * ```
 */
export function unitOf(code: number, text = ''): string {
  const known = UNITS[code]
  if (known) return known[1]
  const plain = text.trim()
  const listed = UNITS.find(([label]) => label !== '' && label === plain)
  if (listed) return listed[1]
  if (/^[A-Za-z%][A-Za-z0-9%./]*$/.test(plain)) return plain
  return plain === '' ? '1' : `{${plain.replace(/[^\x21-\x7a]/g, '?')}}`
}

/**
 * Unit code of the device for a UCUM code, or undefined where it has none.
 *
 * @example
 * ```ts
 * import { unitCodeOf } from '@messwerk/gsv-driver/commands'
 *
 * unitCodeOf('kN') // => 9
 * unitCodeOf('N/cm') // => undefined
 * ```
 */
export function unitCodeOf(unit: string): number | undefined {
  const code = UNITS.findIndex(([, ucum]) => ucum === unit)
  return code < 0 ? undefined : code
}

/**
 * What to set in a device so that a channel has a unit: its unit code, and the text of a slot where the code refers to
 * one.
 *
 * @param unit - UCUM code
 * @param slot - text that may be overwritten where the device has no code for the unit
 * @throws RangeError when the unit has no code and is no text of at most eight characters of Latin-1
 *
 * @example
 * ```ts
 * import { unitSetting } from '@messwerk/gsv-driver/commands'
 *
 * unitSetting('kN') // => { code: 9 }
 * unitSetting('N/cm') // => { code: 255, slot: 0, text: 'N/cm' }
 * ```
 */
export function unitSetting(unit: string, slot: 0 | 1 = 0): { code: number; slot?: 0 | 1; text?: string } {
  const code = unitCodeOf(unit)
  if (code !== undefined) return { code }
  const text = unit.replace(/^\{(.*)\}$/, '$1')
  if (!/^[\x20-\xff]{1,8}$/.test(text)) {
    throw new RangeError(`unitSetting: unit must have a unit code or be at most 8 characters long, got '${unit}'`)
  }
  return { code: 255 - slot, slot, text }
}

/**
 * Slot (0 or 1) of the text that a unit code refers to, or undefined for the fixed ones.
 *
 * @example
 * ```ts
 * import { unitSlot } from '@messwerk/gsv-driver/commands'
 *
 * unitSlot(255) // => 0
 * unitSlot(3) // => undefined
 * ```
 */
export function unitSlot(code: number): 0 | 1 | undefined {
  return code === 255 ? 0 : code === 254 ? 1 : undefined
}
