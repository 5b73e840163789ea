import type { OnnxTensor } from '../graph.ts'
import type { Step } from './steps.ts'
import type { Sum } from './sum.ts'

/** One channel of the input, after what the scalers before the trees make of it. @internal */
export interface Column {
  /** Counted through all inputs. */
  readonly channel: number
  readonly steps: readonly Step[]
  /** Its values are double rather than float32. */
  readonly isDouble: boolean
}

/**
 * What is known of a value of the graph for any row.
 *
 * - `columns`: channels of the input, [N, columns].
 * - `sums`: sums over trees of what stands at the leaf that a row comes to; `isFlat` = [N] rather than [N, sums].
 * - `power`: factor x 2^exponent + addend; `isFlat` as with sums.
 * - `beyond`: where `of` is below, or above, the constant `by`.
 * - `zero`: 0 for finite rows. `always`: true for all rows.
 * - `unknown`: it does not matter unless the score comes of it; `why` is for the message then.
 *
 * @internal
 */
export type Meaning =
  | { readonly kind: 'constant'; readonly tensor: OnnxTensor }
  | { readonly kind: 'columns'; readonly columns: readonly Column[] }
  | { readonly kind: 'sums'; readonly sums: readonly Sum[]; readonly isFlat: boolean }
  | Power
  | Beyond
  | { readonly kind: 'zero' }
  | { readonly kind: 'always' }
  | Unknown

/** @internal */
export type Columns = Extract<Meaning, { kind: 'columns' }>

/** @internal */
export interface Beyond {
  readonly kind: 'beyond'
  readonly isBelow: boolean
  readonly of: Columns
  readonly by: OnnxTensor
}

/** @internal */
export interface Power {
  readonly kind: 'power'
  readonly exponent: Sum
  readonly factor: number
  readonly addend: number
}

/** @internal */
export interface Unknown {
  readonly kind: 'unknown'
  readonly why: string
}
