import type { DataType, IntegerEncoding } from './frame-layout.ts'

/**
 * How a kind of raw integer stands for a part of the nominal range: `(raw - zero) * overload / steps`.
 *
 * @example
 * ```ts
 * import { scalings } from '@messwerk/gsv-driver/codec'
 *
 * scalings['int16 offset'] // => { bits: 16, signed: false, zero: 0x8000, steps: 0x8000, overload: 1.05 }
 * ```
 */
export interface Scaling {
  /** Bits of the raw integer. */
  readonly bits: 16 | 24
  /** Whether the raw integer is two's complement. */
  readonly signed: boolean
  /** Raw value of zero. */
  readonly zero: number
  /** Raw steps from zero to the overload limit. */
  readonly steps: number
  /** Overload limit, as part of the nominal range. */
  readonly overload: number
}

/**
 * Every kind of raw integer that an amplifier sends. `offset` is GSV-8, `signed` is GSV-6; the limits of both are ±1.05
 * of the nominal range. The 1.05 is certain for GSV-2 and implied for GSV-3; GSV-4 is read as its maker's own scripts do, without it.
 *
 * @example
 * ```ts
 * import { partOf, scalings } from '@messwerk/gsv-driver/codec'
 *
 * partOf(0xf9e7, scalings['int16 offset']) // => 0.999980…
 * partOf(0xc000, scalings['gsv-4']) // => 0.5
 * ```
 */
export const scalings = {
  'int16 offset': { bits: 16, signed: false, zero: 0x8000, steps: 0x8000, overload: 1.05 },
  'int16 signed': { bits: 16, signed: true, zero: 0, steps: 0x8000, overload: 1.05 },
  'int24 offset': { bits: 24, signed: false, zero: 0x800000, steps: 0x800000, overload: 1.05 },
  'int24 signed': { bits: 24, signed: true, zero: 0, steps: 0x800000, overload: 1.05 },
  'gsv-2 bipolar 24': { bits: 24, signed: false, zero: 0x800000, steps: 0x800000, overload: 1.05 },
  'gsv-2 unipolar 24': { bits: 24, signed: false, zero: 0, steps: 0x1000000, overload: 1.05 },
  'gsv-2 bipolar 16': { bits: 16, signed: false, zero: 0x8000, steps: 0x8000, overload: 1.05 },
  'gsv-2 unipolar 16': { bits: 16, signed: false, zero: 0, steps: 0x10000, overload: 1.05 },
  'gsv-3': { bits: 16, signed: false, zero: 0x8000, steps: 0x8000, overload: 1.05 },
  'gsv-4': { bits: 16, signed: false, zero: 0x8000, steps: 0x8000, overload: 1 }
} as const satisfies Readonly<Record<string, Scaling>>

/** The scaling of integers of GSV-8 and GSV-6 frames. @internal */
export function integerScaling(type: Exclude<DataType, 'float32'>, encoding: IntegerEncoding): Scaling {
  return scalings[`${type} ${encoding}`]
}

/**
 * Part of the nominal range that a raw integer stands for; ±1 is the nominal range, ±1.05 the limit.
 *
 * @param raw - as on the wire, 0 to 2^bits - 1
 * @param scaling - a row of {@link scalings}
 *
 * @example
 * ```ts
 * import { partOf, scalings } from '@messwerk/gsv-driver/codec'
 *
 * partOf(0x8000, scalings['int16 signed']) // => -1.05
 * // times the input range: what the sensor gives, here of a bridge with 2 mV/V
 * partOf(0xf9e79e, scalings['int24 offset']) * 2 // => 1.9999999…
 * ```
 */
export function partOf(raw: number, { bits, signed, zero, steps, overload }: Scaling): number {
  const value = signed ? (raw << (32 - bits)) >> (32 - bits) : raw
  return ((value - zero) * overload) / steps
}

/**
 * Raw integer for a part of the nominal range, rounded to the nearest step; what is beyond the limits saturates.
 *
 * @param part - part of the nominal range
 * @param scaling - a row of {@link scalings}
 * @returns as on the wire, 0 to 2^bits - 1
 *
 * @example
 * ```ts
 * import { rawOf, scalings } from '@messwerk/gsv-driver/codec'
 *
 * rawOf(-1, scalings['int16 offset']) // => 0x0618
 * rawOf(7, scalings['int24 signed']) // => 0x7fffff
 * ```
 */
export function rawOf(part: number, { bits, signed, zero, steps, overload }: Scaling): number {
  const size = 2 ** bits
  const lowest = signed ? -size / 2 : 0
  const value = Math.max(lowest, Math.min(lowest + size - 1, Math.round((part * steps) / overload) + zero))
  return value < 0 ? value + size : value
}

/**
 * User scale that makes a device show the sensor's quantity.
 *
 * @param sensor - `fullScale` in the quantity's unit, `sensitivity` at full scale and `range` of the input in the same
 * unit, usually mV/V
 * @throws RangeError when the sensitivity is 0 or something is not a finite number
 *
 * @example
 * ```ts
 * import { userScaleOf } from '@messwerk/gsv-driver/codec'
 *
 * userScaleOf({ fullScale: 10, sensitivity: 0.594013, range: 3.5 }) // => 58.9213…
 * ```
 */
export function userScaleOf(sensor: {
  readonly fullScale: number
  readonly sensitivity: number
  readonly range: number
}): number {
  const { fullScale, sensitivity, range } = sensor
  const scale = (fullScale / sensitivity) * range
  if (Number.isFinite(scale)) return scale
  throw new RangeError(
    `userScaleOf: fullScale, sensitivity and range must be finite numbers and sensitivity not 0, got ${fullScale}, ${sensitivity} and ${range}`
  )
}
