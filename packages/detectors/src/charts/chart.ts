/**
 * A control chart over all used channels. It is fed deviations from normal in standard deviations, and all it remembers is in one
 * array, so that it can stand still, look ahead and go back.
 *
 * @internal
 */
export interface Chart {
  /** Everything it remembers; copied in and out as a whole. */
  readonly memory: Float64Array
  /** Begins anew: nothing is remembered. */
  reset(): void
  /** Takes the deviations of the next scan; writes what each channel scores, >= 0. */
  step(deviations: Float64Array, scores: Float64Array): void
  /** What each channel scored last, signed, where it has a sign. */
  signed?(out: Float64Array): void
  /** The deviations at which the scan stepped last would have scored `limit`: `lower[u]`, `upper[u]`; NaN = none. */
  bounds(limit: number, lower: Float64Array, upper: Float64Array): void
}
