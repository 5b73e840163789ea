/**
 * Which deviations count: those to both sides, those upwards, or those downwards.
 *
 * @example
 * ```ts
 * import { type Side, zScore } from '@messwerk/detectors'
 *
 * const upwards: Side = 'high'
 * zScore({ side: upwards }).kind // => 'z-score'
 * ```
 */
export type Side = 'both' | 'high' | 'low'

/** 0 = both, 1 = high, -1 = low. @internal */
export type Sign = 0 | 1 | -1

const SIGNS: Readonly<Record<Side, Sign>> = { both: 0, high: 1, low: -1 }

/** Checks the option `side`. @internal */
export function signOf(factory: string, side: Side): Sign {
  if (Object.hasOwn(SIGNS, side)) return SIGNS[side]
  throw new RangeError(`${factory}: side must be 'both', 'high' or 'low', got ${String(side)}`)
}

/** The part of a signed deviation that counts, >= 0. @internal */
export function counted(deviation: number, sign: Sign): number {
  return sign === 0 ? Math.abs(deviation) : Math.max(0, sign * deviation)
}
