import { parseUnit } from '@messwerk/core/model'

/** UCUM by UNECE code, for what is met around machines (UN/CEFACT Recommendation 20). */
const UCUM: Readonly<Record<string, string>> = {
  C62: '1', CEL: 'Cel', FAH: '[degF]', KEL: 'K', PAL: 'Pa', KPA: 'kPa', MPA: 'MPa', A97: 'hPa', BAR: 'bar', MBR: 'mbar',
  PS: '[psi]', MTR: 'm', CMT: 'cm', MMT: 'mm', '4H': 'um', KMT: 'km', INH: '[in_i]', FOT: '[ft_i]', NEW: 'N', B47: 'kN',
  B73: 'MN', NU: 'N.m', B48: 'kN.m', KGM: 'kg', GRM: 'g', TNE: 't', SEC: 's', C26: 'ms', B98: 'us', MIN: 'min', HUR: 'h',
  DAY: 'd', HTZ: 'Hz', KHZ: 'kHz', MHZ: 'MHz', RPM: '/min', RPS: '/s', VLT: 'V', '2Z': 'mV', KVT: 'kV', AMP: 'A',
  '4K': 'mA', B84: 'uA', OHM: 'Ohm', B49: 'kOhm', WTT: 'W', KWT: 'kW', MAW: 'MW', WHR: 'W.h', KWH: 'kW.h', JOU: 'J',
  KJO: 'kJ', P1: '%', '59': '[ppm]', MTS: 'm/s', C16: 'mm/s', KMH: 'km/h', MSK: 'm/s2', LTR: 'L', MTQ: 'm3', L2: 'L/min',
  MQH: 'm3/h', MQS: 'm3/s', DD: 'deg', C81: 'rad', '2A': 'rad/s'
} // biome-ignore format: a table

/** What a server says of a unit. @internal */
export interface EngineeringUnits {
  readonly namespaceUri?: string | null | undefined
  readonly unitId: number
  readonly displayName?: { readonly text?: string | null | undefined } | null | undefined
}

/** The UCUM code of it; where there is none, its name as an annotation, `{pieces}`. @internal */
export function ucumOf({ unitId, displayName }: EngineeringUnits): string {
  const known = UCUM[codeOf(unitId)]
  if (known !== undefined) return known
  const name = displayName?.text?.trim() ?? ''
  if (name === '') return '1'
  try {
    parseUnit(name)
    return name
  } catch {
    return `{${name.replaceAll(/[^\x21-\x7e]|[{}]/g, '_')}}`
  }
}

/** The id is the code's letters as bytes of one number. */
function codeOf(unitId: number): string {
  let code = ''
  for (let rest = unitId; rest > 0; rest = Math.floor(rest / 256)) code = String.fromCharCode(rest % 256) + code
  return code
}
