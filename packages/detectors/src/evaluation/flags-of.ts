/**
 * Flags of a fixed limit: 1 at a score of `limit` or above, 0 below and where there is no score.
 *
 * @example
 * ```ts
 * import { flagsOf } from '@messwerk/detectors/evaluation'
 *
 * flagsOf([5, 6, NaN, 7], 6) // => Uint8Array.of(0, 1, 0, 1)
 * ```
 */
export function flagsOf(scores: ArrayLike<number>, limit: number): Uint8Array {
  return Uint8Array.from(scores, (score) => (score >= limit ? 1 : 0))
}
