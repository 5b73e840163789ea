/* eslint-disable no-restricted-syntax -- runs once */
// Atoms of UCUM (https://ucum.org/ucum, tables 1 to 5, and the customary units of its later tables), as products of
// others, so that each number stands here once.

/** An atom: so much of a unit; `metric` ones take prefixes. @internal */
export interface Atom {
  readonly value: string
  readonly unit: string
  readonly metric: boolean
  /** Where its zero lies over that of K, in its own steps. */
  readonly offset?: string
  /** How people write it, where that differs. */
  readonly text?: string
}

/** Base units, in UCUM's choice. @internal */
export const BASE_UNITS = ['m', 's', 'g', 'rad', 'K', 'C', 'cd'] as const

function metric(value: string, unit: string, text?: string): Atom {
  return { value, unit, metric: true, ...(text !== undefined && { text }) }
}

function plain(value: string, unit: string, text?: string): Atom {
  return { value, unit, metric: false, ...(text !== undefined && { text }) }
}

/** @internal */
export const ATOMS: Readonly<Record<string, Atom>> = {
  '10*': plain('10', '', '10'),
  '10^': plain('10', '', '10'),
  '%': plain('0.01', ''),
  '[ppth]': plain('0.001', '', '‰'),
  '[ppm]': plain('0.000001', '', 'ppm'),
  '[ppb]': plain('0.000000001', '', 'ppb'),
  sr: metric('1', 'rad2'),
  Hz: metric('1', 's-1'),
  N: metric('1', 'kg.m/s2'),
  Pa: metric('1', 'N/m2'),
  J: metric('1', 'N.m'),
  W: metric('1', 'J/s'),
  A: metric('1', 'C/s'),
  V: metric('1', 'J/C'),
  F: metric('1', 'C/V'),
  Ohm: metric('1', 'V/A', 'Ω'),
  S: metric('1', 'Ohm-1'),
  Wb: metric('1', 'V.s'),
  T: metric('1', 'Wb/m2'),
  H: metric('1', 'Wb/A'),
  lm: metric('1', 'cd.sr'),
  lx: metric('1', 'lm/m2'),
  Cel: { value: '1', unit: 'K', metric: true, offset: '273.15', text: '°C' },
  '[degF]': { value: '5/9', unit: 'K', metric: false, offset: '459.67', text: '°F' },
  L: metric('1', 'dm3'),
  l: metric('1', 'dm3'),
  min: plain('60', 's'),
  h: plain('60', 'min'),
  d: plain('24', 'h'),
  wk: plain('7', 'd'),
  t: metric('1000', 'kg'),
  bar: metric('100000', 'Pa'),
  gf: metric('1', 'g.[g]'),
  '[g]': metric('9.80665', 'm/s2', 'g'),
  atm: plain('101325', 'Pa'),
  att: plain('1', 'kgf/cm2', 'at'),
  'm[H2O]': metric('9.80665', 'kPa', 'mH₂O'),
  'm[Hg]': metric('133.322', 'kPa', 'mHg'),
  '[pi]': plain('pi', '', 'π'),
  deg: plain('2/360', '[pi].rad', '°'),
  "'": plain('1/60', 'deg', '′'),
  "''": plain('1/60', "'", '″'),
  gon: plain('0.9', 'deg'),
  circ: plain('2', '[pi].rad', 'rev'),
  '[in_i]': plain('2.54', 'cm', 'in'),
  '[ft_i]': plain('12', '[in_i]', 'ft'),
  '[yd_i]': plain('3', '[ft_i]', 'yd'),
  '[mi_i]': plain('5280', '[ft_i]', 'mi'),
  '[nmi_i]': plain('1852', 'm', 'nmi'),
  '[kn_i]': plain('1', '[nmi_i]/h', 'kn'),
  '[gal_us]': plain('231', '[in_i]3', 'gal'),
  '[gr]': plain('64.79891', 'mg', 'gr'),
  '[lb_av]': plain('7000', '[gr]', 'lb'),
  '[oz_av]': plain('1/16', '[lb_av]', 'oz'),
  '[pwt_tr]': plain('24', '[gr]', 'dwt'),
  '[oz_tr]': plain('20', '[pwt_tr]', 'oz tr'),
  '[lbf_av]': plain('1', '[lb_av].[g]', 'lbf'),
  '[psi]': plain('1', '[lbf_av]/[in_i]2', 'psi'),
  '[HP]': plain('550', '[ft_i].[lbf_av]/s', 'hp')
}

/** Powers of ten (or two, for Ki to Ti) by prefix. @internal */
export const PREFIXES: Readonly<Record<string, readonly [base: bigint, exponent: number]>> = {
  Y: [10n, 24],
  Z: [10n, 21],
  E: [10n, 18],
  P: [10n, 15],
  T: [10n, 12],
  G: [10n, 9],
  M: [10n, 6],
  k: [10n, 3],
  h: [10n, 2],
  da: [10n, 1],
  d: [10n, -1],
  c: [10n, -2],
  m: [10n, -3],
  u: [10n, -6],
  n: [10n, -9],
  p: [10n, -12],
  f: [10n, -15],
  a: [10n, -18],
  z: [10n, -21],
  y: [10n, -24],
  Ki: [2n, 10],
  Mi: [2n, 20],
  Gi: [2n, 30],
  Ti: [2n, 40]
}

const SYMBOLS: ReadonlySet<string> = new Set<string>([...BASE_UNITS, ...Object.keys(ATOMS)])

/** Prefix and atom of a symbol, or undefined when it is none. @internal */
export function splitSymbol(symbol: string): { readonly prefix: string; readonly atom: string } | undefined {
  if (SYMBOLS.has(symbol)) return { prefix: '', atom: symbol }
  for (const length of [1, 2]) {
    const prefix = symbol.slice(0, length)
    const atom = symbol.slice(length)
    if (Object.hasOwn(PREFIXES, prefix) && SYMBOLS.has(atom) && (ATOMS[atom]?.metric ?? true)) return { prefix, atom }
  }
  return undefined
}
