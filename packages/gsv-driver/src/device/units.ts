/** UCUM by unit code of the device; gaps are codes that do not exist. */
const UNITS: readonly string[] = [
  ...['mV/V', 'kg', 'g', 'N', 'cN', 'V', 'um/m', '1', 't', 'kN', '[lb_av]', '[oz_av]'],
  ...['kgf', '[lbf_av]', '[lb_av].[ft_i]/s2', 'mm', 'm', 'cN.m', 'N.m', 'Cel', '[degF]', 'K', '[oz_tr]', '[pwt_tr]'],
  ...['kN.m', '%', '[ppth]', 'W', 'kW', '/min', 'bar', 'Pa', 'hPa', 'MPa', 'N/mm2', 'deg'],
  ...['Hz', 'm/s', 'km/h', 'm3/h', 'mA', 'A', 'm/s2', '{flbs}', '[ft_i].[lbf_av]', 'J', 'kW.h']
]

/**
 * Slot (0 or 1) of the text that a unit code refers to, or undefined for the fixed ones.
 *
 * @internal
 */
export function unitSlot(code: number): 0 | 1 | undefined {
  return code === 255 ? 0 : code === 254 ? 1 : undefined
}

/**
 * UCUM code of a unit code of the device. The unit is a label there: it never changes the scaling.
 *
 * @param code - 0 to 46; 254 and 255 refer to a text of the user
 * @param text - that text; what is not plain becomes an annotation
 *
 * @example
 * ```ts
 * import { unitOf } from '@messwerk/gsv-driver'
 *
 * unitOf(18) // => 'N.m'
 * unitOf(255, 'N/cm') // => 'N/cm'
 * ```
 */
export function unitOf(code: number, text = ''): string {
  const known = UNITS[code]
  if (known !== undefined) return known
  const plain = text.trim()
  if (/^[A-Za-z%][A-Za-z0-9%./]*$/.test(plain)) return plain
  return plain === '' ? '1' : `{${plain.replace(/[^\x21-\x7a]/g, '?')}}`
}

/**
 * Unit code of the device for a UCUM code, or undefined where it has none.
 *
 * @example
 * ```ts
 * import { unitCodeOf } from '@messwerk/gsv-driver'
 *
 * unitCodeOf('kN') // => 9
 * ```
 */
export function unitCodeOf(unit: string): number | undefined {
  const code = UNITS.indexOf(unit)
  return code < 0 ? undefined : code
}
