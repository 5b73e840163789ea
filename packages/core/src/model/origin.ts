import type { Origin } from './block.ts'

/** An origin whose field `historical` is absent where it is not true, as in most blocks. @internal */
export function originOf(
  split: string,
  position: number,
  positions: Float64Array | undefined,
  historical: boolean | undefined
): Origin {
  return historical === true ? { split, position, positions, historical } : { split, position, positions }
}
