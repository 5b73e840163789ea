import { BASE_UNITS } from './unit-table.ts'

const QUANTITIES: Readonly<Record<string, string>> = {
  '': 'a ratio',
  m: 'length',
  s: 'time',
  g: 'mass',
  rad: 'angle',
  K: 'temperature',
  C: 'charge',
  cd: 'luminous intensity',
  m2: 'area',
  m3: 'volume',
  's-1': 'frequency',
  'm.s-1': 'speed',
  'm.s-2': 'acceleration',
  's-1.rad': 'angular speed',
  's-2.rad': 'angular acceleration',
  'm3.s-1': 'volume flow',
  's-1.g': 'mass flow',
  'm-3.g': 'density',
  'm.s-2.g': 'force',
  's-2.g': 'stiffness',
  'm-1.s-2.g': 'pressure',
  'm2.s-2.g': 'energy or torque',
  'm2.s-3.g': 'power',
  's-1.C': 'current',
  'm2.s-2.g.C-1': 'voltage',
  'm2.s-1.g.C-2': 'resistance',
  'm-2.s.g-1.C2': 'conductance',
  'm-2.s2.g-1.C2': 'capacitance',
  'm2.g.C-2': 'inductance',
  'm2.s-1.g.C-1': 'magnetic flux',
  's-1.g.C-1': 'magnetic flux density'
}

/** Exponents as one text, in the order of the base units: `m.s-2`. @internal */
export function dimensionText(dimensions: Readonly<Record<string, number>>): string {
  const parts = BASE_UNITS.map((unit) => [unit, dimensions[unit] ?? 0] as const).filter(
    ([, exponent]) => exponent !== 0
  )
  return parts.map(([unit, exponent]) => (exponent === 1 ? unit : `${unit}${exponent}`)).join('.')
}

/** What is measured in units of these dimensions, in words. @internal */
export function quantityOf(dimensions: Readonly<Record<string, number>>): string {
  const text = dimensionText(dimensions)
  return QUANTITIES[text] ?? text
}
