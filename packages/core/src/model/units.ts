import { dimensionText, quantityOf } from './quantity.ts'
import { minus, power, times, toNumber, ZERO } from './ratio.ts'
import { parseTerm } from './unit-parser.ts'

/**
 * What a UCUM code means: `value * factor + offset` is the value in UCUM's base units (m, s, g, rad, K, C, cd).
 *
 * @example
 * ```ts
 * import type { Unit } from '@messwerk/core/model'
 *
 * const kN: Unit = { factor: 1e6, dimensions: { g: 1, m: 1, s: -2 } }
 * kN.dimensions.s // => -2
 * ```
 */
export interface Unit {
  readonly factor: number
  /** Only of a temperature with a zero of its own (Cel, [degF]): K. */
  readonly offset?: number
  /** Exponent by base unit; those of 0 are left out. */
  readonly dimensions: Readonly<Record<string, number>>
}

/**
 * Reads a UCUM code (case-sensitive): atoms with prefixes, `.`, `/`, exponents, parentheses, whole numbers, `10*`,
 * annotations in braces.
 *
 * A subset: SI with its named units, and what is used around machines (`bar`, `[psi]`, `kgf`, `[lbf_av]`, `[in_i]`,
 * `[ft_i]`, `%`, `[ppm]`, `deg`, `min`, `h`, `L`, `t`, ...). No logarithmic units. `Cel` and `[degF]` are temperatures with
 * a zero of their own when they stand alone; within a product (`mV/Cel`, `W/(m2.Cel)`) they mean a difference.
 *
 * @throws RangeError that names the part that it does not understand
 *
 * @example
 * ```ts
 * import { parseUnit } from '@messwerk/core/model'
 *
 * parseUnit('kN') // => { factor: 1000000, dimensions: { m: 1, s: -2, g: 1 } }
 * parseUnit('mV/V').factor // => 0.001
 * parseUnit('Cel').offset // => 273.15
 * ```
 */
export function parseUnit(code: string): Unit {
  const { factor, offset, dimensions } = parseTerm(code)
  if (offset === undefined) return { factor: toNumber(factor), dimensions }
  return { factor: toNumber(factor), offset: toNumber(offset), dimensions }
}

/**
 * How to convert a value: `value * scale + offset`.
 *
 * @example
 * ```ts
 * import type { UnitConversion } from '@messwerk/core/model'
 *
 * const toFahrenheit: UnitConversion = { scale: 1.8, offset: 32 }
 * 100 * toFahrenheit.scale + toFahrenheit.offset // => 212
 * ```
 */
export interface UnitConversion {
  readonly scale: number
  readonly offset: number
}

/**
 * How values of one unit become values of another: `value * scale + offset`, both exact to the last bit but for pi.
 *
 * @throws RangeError when a unit is not understood, or when the two measure different things. An angle is no ratio, so
 * `rad/s` is no `Hz`.
 *
 * @example
 * ```ts
 * import { unitConversion } from '@messwerk/core/model'
 *
 * unitConversion('bar', 'kPa') // => { scale: 100, offset: 0 }
 * unitConversion('Cel', '[degF]') // => { scale: 1.8, offset: 32 }
 * unitConversion('/min', 'mHz').scale * 3000 // => 50000
 * ```
 */
export function unitConversion(from: string, to: string): UnitConversion {
  const [a, b] = [parseTerm(from), parseTerm(to)]
  if (dimensionText(a.dimensions) !== dimensionText(b.dimensions)) {
    throw new RangeError(`cannot convert ${from} (${quantityOf(a.dimensions)}) to ${to} (${quantityOf(b.dimensions)})`)
  }
  const inverse = power(b.factor, -1)
  const scale = toNumber(times(a.factor, inverse))
  const shift = minus(a.offset ?? ZERO, b.offset ?? ZERO)
  return { scale, offset: shift.over === 0n ? 0 : toNumber(times(shift, inverse)) }
}
