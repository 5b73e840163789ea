import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BASE_UNITS, PREFIXES } from './unit-table.ts'
import { parseUnit, unitConversion } from './units.ts'

describe('the published values', () => {
  // UCUM specification, version 2.1, tables of "The Unified Code for Units of Measure" (ucum.org/ucum), and what they cite:
  // inch, foot, pound: international, 1959; g: CGPM 1901; bar, atm: ISO 1000; degF: NIST SP 811 appendix B.
  it.each([
    ['[in_i]', 'm', 0.0254],
    ['[ft_i]', 'm', 0.3048],
    ['[yd_i]', 'm', 0.9144],
    ['[mi_i]', 'm', 1609.344],
    ['[nmi_i]', 'm', 1852],
    ['[kn_i]', 'km/h', 1.852],
    ['[gal_us]', 'L', 3.785411784],
    ['[gr]', 'mg', 64.79891],
    ['[lb_av]', 'kg', 0.45359237],
    ['[oz_av]', 'g', 28.349523125],
    ['[oz_tr]', 'g', 31.1034768],
    ['[pwt_tr]', 'g', 1.55517384],
    ['[lbf_av]', 'N', 4.4482216152605],
    ['[psi]', 'Pa', 6894.757293168362],
    ['[HP]', 'W', 745.6998715822702],
    ['[g]', 'm/s2', 9.80665],
    ['gf', 'mN', 9.80665],
    ['kgf', 'N', 9.80665],
    ['[lb_av].[ft_i]/s2', 'N', 0.138254954376],
    ['[ft_i].[lbf_av]', 'N.m', 1.3558179483314003],
    ['bar', 'Pa', 100_000],
    ['atm', 'Pa', 101_325],
    ['att', 'Pa', 98_066.5],
    ['m[H2O]', 'Pa', 9806.65],
    ['mm[Hg]', 'Pa', 133.322],
    ['N/mm2', 'MPa', 1],
    ['t', 'kg', 1000],
    ['L', 'dm3', 1],
    ['l', 'mL', 1000],
    ['min', 's', 60],
    ['h', 's', 3600],
    ['d', 'h', 24],
    ['wk', 'd', 7],
    ['kW.h', 'MJ', 3.6],
    ['m3/h', 'L/min', 1000 / 60],
    ['km/h', 'm/s', 1 / 3.6],
    ['N', 'kg.m/s2', 1],
    ['Pa', 'N/m2', 1],
    ['J', 'N.m', 1],
    ['W', 'J/s', 1],
    ['V', 'W/A', 1],
    ['Ohm', 'V/A', 1],
    ['S', 'A/V', 1],
    ['F', 'C/V', 1],
    ['Wb', 'V.s', 1],
    ['T', 'Wb/m2', 1],
    ['H', 'V.s/A', 1],
    ['C', 'A.s', 1],
    ['lx', 'lm/m2', 1],
    ['Hz', '/s', 1],
    ['/min', 'Hz', 1 / 60],
    ['1/min', 'Hz', 1 / 60],
    ['{rpm}/min', 'Hz', 1 / 60],
    ['mV/V', '1', 0.001],
    ['um/m', '[ppm]', 1],
    ['%', '[ppth]', 10],
    ['[ppm]', '%', 0.0001],
    ['[ppb]', '[ppm]', 0.001],
    ['10*3', '1', 1000],
    ['10*-6', '[ppm]', 1],
    ['10^2', '%', 10_000],
    ['5.m', 'm', 5],
    ['{counts}', '1', 1],
    ['m{head}', 'cm', 100],
    ['KiHz', 'Hz', 1024],
    ['daN', 'N', 10],
    ['cN.m', 'N.m', 0.01],
    ['W/(m2.K)', 'mW/(cm2.K)', 0.1],
    ['m/s/s', 'm/s2', 1],
    ['(kg.m)/(s2)', 'N', 1],
    ['m+2', 'm2', 1]
  ])('%s in %s', (from, to, scale) => {
    expect(unitConversion(from, to)).toEqual({ scale, offset: 0 })
  })

  it.each([
    ['deg', 'rad', Math.PI / 180],
    ["'", 'deg', 1 / 60],
    ["''", 'deg', 1 / 3600],
    ['gon', 'deg', 0.9],
    ['circ', 'deg', 360],
    ['rad', 'deg', 180 / Math.PI],
    ['circ/min', 'rad/s', Math.PI / 30]
  ])('%s in %s, by pi', (from, to, scale) => {
    expect(unitConversion(from, to).scale / scale).toBeCloseTo(1, 14)
  })

  it.each([
    ['Cel', 'K', 1, 273.15],
    ['K', 'Cel', 1, -273.15],
    ['Cel', '[degF]', 1.8, 32],
    ['[degF]', 'Cel', 5 / 9, -160 / 9],
    ['[degF]', 'K', 5 / 9, 459.67 / 1.8],
    ['mK', 'Cel', 0.001, -273.15],
    ['Cel', 'mK', 1000, 273_150],
    ['mCel', 'Cel', 0.001, 0],
    ['(Cel)', 'K', 1, 273.15],
    ['Cel{oil}', 'K', 1, 273.15]
  ])('%s in %s', (from, to, scale, offset) => {
    const conversion = unitConversion(from, to)
    expect(conversion.scale).toBeCloseTo(scale, 13)
    expect(conversion.offset).toBeCloseTo(offset, 10)
  })

  it.each([
    ['Cel', '[degF]', { scale: 1.8, offset: 32 }],
    ['[degF]', 'Cel', { scale: 5 / 9, offset: -160 / 9 }],
    ['um', 'mm', { scale: 0.001, offset: 0 }],
    ['nV', 'kV', { scale: 1e-12, offset: 0 }]
  ])('is exact to the last bit: %s in %s', (from, to, conversion) =>
    expect(unitConversion(from, to)).toEqual(conversion)
  )
})

describe('temperatures within products are differences', () => {
  it.each([
    ['mV/Cel', 'mV/K', 1],
    ['W/(m2.Cel)', 'W/(m2.K)', 1],
    ['Cel/min', 'K/s', 1 / 60],
    ['mV/[degF]', 'mV/K', 1.8],
    ['1.Cel', 'K', 1]
  ])('%s in %s', (from, to, scale) => {
    const conversion = unitConversion(from, to)
    expect(conversion.offset).toBe(0)
    expect(conversion.scale).toBeCloseTo(scale, 14)
  })

  it('has no offset to give in parseUnit', () => {
    expect(parseUnit('Cel')).toEqual({ factor: 1, offset: 273.15, dimensions: { K: 1 } })
    expect(parseUnit('Cel/s')).toEqual({ factor: 1, dimensions: { K: 1, s: -1 } })
    expect(parseUnit('Cel2')).toEqual({ factor: 1, dimensions: { K: 2 } })
    expect(parseUnit('m/m')).toEqual({ factor: 1, dimensions: {} })
  })
})

describe('nonsense is refused', () => {
  it.each([
    ['mV/V', 'Cel', 'cannot convert mV/V (a ratio) to Cel (temperature)'],
    ['N', 'Pa', 'cannot convert N (force) to Pa (pressure)'],
    ['N.m', 'W', 'cannot convert N.m (energy or torque) to W (power)'],
    ['rad/s', 'Hz', 'cannot convert rad/s (angular speed) to Hz (frequency)'],
    ['deg', '%', 'cannot convert deg (angle) to % (a ratio)'],
    ['V', 'A', 'cannot convert V (voltage) to A (current)'],
    ['Ohm', 'S', 'cannot convert Ohm (resistance) to S (conductance)'],
    ['F', 'H', 'cannot convert F (capacitance) to H (inductance)'],
    ['T', 'Wb', 'cannot convert T (magnetic flux density) to Wb (magnetic flux)'],
    ['kg', 'kgf', 'cannot convert kg (mass) to kgf (force)'],
    ['ft', '[ft_i]', 'cannot convert ft (mass) to [ft_i] (length)'],
    ['m3', 'm2', 'cannot convert m3 (volume) to m2 (area)'],
    ['m3/s', 'kg/s', 'cannot convert m3/s (volume flow) to kg/s (mass flow)'],
    ['N/m', 'kg/m3', 'cannot convert N/m (stiffness) to kg/m3 (density)'],
    ['m/s', 'm/s2', 'cannot convert m/s (speed) to m/s2 (acceleration)'],
    ['C', 'cd', 'cannot convert C (charge) to cd (luminous intensity)'],
    ['m/s3', 's', 'cannot convert m/s3 (m.s-3) to s (time)']
  ])('%s to %s', (from, to, message) => expect(() => unitConversion(from, to)).toThrow(new RangeError(message)))

  it.each([
    ['furlong', "unit 'furlong' is no UCUM code that is known here (they are case-sensitive)"],
    ['N/furlong', "unit 'furlong' in 'N/furlong' is no UCUM code"],
    ['°C', "unit '°C' is no UCUM code"],
    ['BAR', "unit 'BAR' is no UCUM code"],
    ['kmin', "unit 'kmin' is no UCUM code"],
    ['k%', "unit 'k%' is no UCUM code"],
    ['toString', "unit 'toString' is no UCUM code"],
    ['', "unit must be a UCUM code such as 'bar', 'N.m' or 'mV/V', got ''"],
    [undefined, "unit must be a UCUM code such as 'bar', 'N.m' or 'mV/V', got undefined"],
    ['m'.repeat(201), 'unit must be a UCUM code'],
    ['m/', "unit 'm/': the end is not understood at character 3"],
    ['m..s', "unit 'm..s': '.s' is not understood at character 3"],
    ['(m', "unit '(m': ')' is missing at character 3"],
    ['m)', "unit 'm)': ')' is not understood at character 2"],
    ['m s', "unit 'm s': ' s' is not understood at character 2"],
    ['N m', "unit 'N m': ' m' is not understood at character 2"],
    ['m*s', "unit 'm*s' is no UCUM code"],
    ['{open', "unit '{open': '{open' is not understood at character 1"],
    ['0', "unit '0': "],
    ['m999', "unit 'm999': '999' is not understood at character 2"],
    ['Ym99', 'is beyond what a number can hold']
  ])('%s', (code, message) => {
    expect(() => parseUnit(code as string)).toThrow(RangeError)
    expect(() => parseUnit(code as string)).toThrow(message)
  })

  it('throws nothing but RangeError', () => {
    const part = fc.constantFrom(
      'm',
      'k',
      'Cel',
      '.',
      '/',
      '(',
      ')',
      '2',
      '-1',
      '99',
      '{x}',
      '10*',
      '[ft_i]',
      '[',
      ' ',
      'µ'
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          expect(parseUnit(parts.join('')).factor).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 1000 }
    )
  })
})

describe('there and back', () => {
  const units = ['kN', '[lbf_av]', 'kgf', 'cN', 'daN', 'GN']
  it.each(units)('%s', (unit) => {
    const [there, back] = [unitConversion(unit, 'N'), unitConversion('N', unit)]
    expect(there.scale * back.scale).toBeCloseTo(1, 14)
  })

  it('all prefixes on all base units', () => {
    for (const base of BASE_UNITS) {
      for (const [prefix, [ten, exponent]] of Object.entries(PREFIXES)) {
        const expected = Number(ten) === 10 ? Number(`1e${exponent}`) : 2 ** exponent
        expect(unitConversion(prefix + base, base), prefix + base).toEqual({ scale: expected, offset: 0 })
      }
    }
  })
})
