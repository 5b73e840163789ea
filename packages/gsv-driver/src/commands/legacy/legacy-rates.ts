/** Clock of the GSV-2 and the GSV-3, Hz. */
const CLOCK = 5_000_000
/** Lowest count that the device's own rates use is 625, and half of it is never used. */
const LEAST = 512
const EXPONENT = 8

/**
 * Rate of a GSV-3 by its two registers, Hz. Derived from six examples of the manufacturer, which it reproduces.
 *
 * @param registers - of ReadSamplingRate and WriteSamplingRate
 *
 * @example
 * ```ts
 * import { gsv3Rate } from '@messwerk/gsv-driver/commands'
 *
 * gsv3Rate({ exponent: 4, register: 0xfd8f }) // => 500
 * ```
 */
export function gsv3Rate({ exponent, register }: { readonly exponent: number; readonly register: number }): number {
  return CLOCK / (65_536 - register) / 2 ** exponent
}

/**
 * The registers of a GSV-3 for a rate; the exponent is chosen as in the examples of the manufacturer. Read the rate back:
 * registers are whole numbers.
 *
 * @param rate - Hz, 0.3 to 9765
 * @throws RangeError when the rate is outside
 *
 * @example
 * ```ts
 * import { gsv3RateRegisters } from '@messwerk/gsv-driver/commands'
 *
 * gsv3RateRegisters(100) // => { exponent: 6, register: 0xfcf3 }
 * ```
 */
export function gsv3RateRegisters(rate: number): { exponent: number; register: number } {
  for (let exponent = EXPONENT; exponent >= 0; exponent -= 1) {
    const count = Math.round(CLOCK / rate / 2 ** exponent)
    if (count >= LEAST && count <= 65_536) return { exponent, register: 65_536 - count }
  }
  throw new RangeError(`gsv3RateRegisters: rate must be from 0.3 to 9765 Hz, got ${rate}`)
}

/**
 * Rate of a GSV-2 by its register (ReadFrequency), Hz.
 *
 * @param register - 0 to 2^24 - 1
 *
 * @example
 * ```ts
 * import { gsv2Rate } from '@messwerk/gsv-driver/commands'
 *
 * gsv2Rate(0xff3cb0) // => 100
 * ```
 */
export function gsv2Rate(register: number): number {
  return CLOCK / (2 ** 24 - register)
}

/**
 * The register of a GSV-2 for a rate, the inverse of `gsv2Rate`.
 *
 * @param rate - Hz, 0.3 to 5e6
 * @throws RangeError when the rate is outside
 *
 * @example
 * ```ts
 * import { gsv2RateRegister } from '@messwerk/gsv-driver/commands'
 *
 * gsv2RateRegister(100) // => 0xff3cb0
 * ```
 */
export function gsv2RateRegister(rate: number): number {
  const count = Math.round(CLOCK / rate)
  if (!(count >= 1 && count <= 2 ** 24)) {
    throw new RangeError(`gsv2RateRegister: rate must be from 0.3 to 5000000 Hz, got ${rate}`)
  }
  return 2 ** 24 - count
}

/**
 * Rates of a GSV-4 in Hz by rate code (GetRate, SetRate).
 *
 * @example
 * ```ts
 * import { gsv4Rates } from '@messwerk/gsv-driver/commands'
 *
 * gsv4Rates.get(0xac) // => 937.5
 * ```
 */
export const gsv4Rates: ReadonlyMap<number, number> = new Map(
  [0.625, 1.25, 2.5, 3.75, 6.25, 7.5, 12.4, 14.7, 24.4, 125, 250, 500, 937.5].map((rate, i) => [0xa0 + i, rate])
)

/**
 * Rate code of a GSV-4 for a rate, or undefined where it does not have it.
 *
 * @example
 * ```ts
 * import { gsv4RateCode } from '@messwerk/gsv-driver/commands'
 *
 * gsv4RateCode(125) // => 0xa9
 * gsv4RateCode(100) // => undefined
 * ```
 */
export function gsv4RateCode(rate: number): number | undefined {
  return [...gsv4Rates].find(([, known]) => known === rate)?.[0]
}
