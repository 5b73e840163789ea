const NORM = 5_250_020
const LOWEST = 0x100594
const HIGHEST = 0x7f26e8
const MOST_PLACES = 6

/**
 * Register and decimal point of a GSV-2 (SetNorm, SetDecimalPoint) for the value that is shown for the nominal range.
 * The point is the parameter of the command: places + 1.
 *
 * @param scale - 0.2 to 1.58 times a power of ten, from 0.2 to 1.58e6
 * @throws RangeError when no decimal point brings the register into its range
 *
 * @example
 * ```ts
 * import { gsv2Norm } from '@messwerk/gsv-driver/commands'
 *
 * gsv2Norm(50) // => { register: 2_625_010, point: 3 }
 * ```
 */
export function gsv2Norm(scale: number): { register: number; point: number } {
  for (let places = 0; places <= MOST_PLACES; places += 1) {
    const register = Math.round((NORM * scale) / 10 ** places)
    if (register >= LOWEST && register <= HIGHEST) return { register, point: places + 1 }
  }
  throw new RangeError(`gsv2Norm: scale must be 0.2 to 1.587 times 1 to 10^${MOST_PLACES}, got ${scale}`)
}

/**
 * The value that a GSV-2 shows for the nominal range, by its register and decimal point.
 *
 * @example
 * ```ts
 * import { gsv2Scale } from '@messwerk/gsv-driver/commands'
 *
 * gsv2Scale({ register: 2_625_010, point: 3 }) // => 50
 * ```
 */
export function gsv2Scale({ register, point }: { readonly register: number; readonly point: number }): number {
  return (register * 10 ** (point - 1)) / NORM
}

/**
 * Register of a threshold of a GSV-3 for a part of the range, as the programs of the manufacturer calculate it
 * (cut off, not rounded). For a GSV-2 the same is assumed.
 *
 * @param part - -1 to 1; what is outside is limited
 *
 * @example
 * ```ts
 * import { thresholdRegister } from '@messwerk/gsv-driver/commands'
 *
 * thresholdRegister(0.4) // => 0xb333
 * thresholdRegister(-0.4) // => 0x4ccc
 * ```
 */
export function thresholdRegister(part: number): number {
  return Math.min(65_535, Math.max(0, Math.trunc(part * 32_768 + 32_768)))
}

/**
 * Part of the range that a register of a threshold means, the inverse of `thresholdRegister` within 1 of 32768.
 *
 * @example
 * ```ts
 * import { thresholdOf } from '@messwerk/gsv-driver/commands'
 *
 * thresholdOf(0xc000) // => 0.5
 * ```
 */
export function thresholdOf(register: number): number {
  return (register - 32_768) / 32_768
}

/**
 * Inputs of a GSV-4 by code (SetInput, GetInputs).
 *
 * @example
 * ```ts
 * import { gsv4Inputs } from '@messwerk/gsv-driver/commands'
 *
 * gsv4Inputs.get(1) // => { name: 'bridge', low: -2, high: 2, unit: 'mV/V' }
 * ```
 */
export const gsv4Inputs: ReadonlyMap<number, Gsv4Input> = new Map([
  [1, { name: 'bridge', low: -2, high: 2, unit: 'mV/V' }],
  [2, { name: '±10 V', low: -10, high: 10, unit: 'V' }],
  [3, { name: '0-5 V', low: 0, high: 5, unit: 'V' }],
  [4, { name: 'pt1000', unit: 'Cel' }],
  [6, { name: 'type k', unit: 'Cel' }],
  [7, { name: '0-10 V', low: 0, high: 10, unit: 'V' }]
])

/**
 * What can be connected to a channel of a GSV-4; the range where it is known.
 *
 * @example
 * ```ts
 * import { type Gsv4Input, gsv4Inputs } from '@messwerk/gsv-driver/commands'
 *
 * const input: Gsv4Input | undefined = gsv4Inputs.get(6)
 * input?.unit // => 'Cel'
 * ```
 */
export interface Gsv4Input {
  readonly name: string
  readonly low?: number
  readonly high?: number
  /** UCUM code. */
  readonly unit: string
}
