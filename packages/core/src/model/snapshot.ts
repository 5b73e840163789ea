/**
 * State that can be kept and restored: plain values and typed arrays, copied.
 *
 * @example
 * ```ts
 * import type { Snapshot } from '@messwerk/core/model'
 *
 * const snapshot: Snapshot = { kind: 'z-score', version: 1, state: { mean: Float64Array.of(1, 2) } }
 * snapshot.version // => 1
 * ```
 */
export interface Snapshot {
  readonly kind: string
  /** Of the shape of `state`; raised when that changes. */
  readonly version: number
  readonly state: unknown
}
