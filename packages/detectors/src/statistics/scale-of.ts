/** A deviation below this part of the level is rounding, not movement. */
const ROUNDING = 1e-12

/**
 * The deviation that counts 1: never less than the floor, than rounding of the level, nor 0. A channel that has only ever been 0 gets
 * 1e-12, so that it counts huge when it moves, and finite.
 *
 * @internal
 */
export function scaleOf(deviation: number, level: number, floor: number): number {
  const scale = Math.max(deviation, floor, ROUNDING * Math.abs(level))
  return scale > 0 ? scale : ROUNDING
}
