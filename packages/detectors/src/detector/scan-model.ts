import type { LearnedScans } from './learned-scans.ts'

/**
 * What a detector that looks at one scan at a time is made of. Rows hold one finite value for each used channel.
 *
 * @internal
 */
export interface ScanModel {
  /** Whether it has learned enough to score. */
  readonly ready: boolean
  /** `fit` also wants the scans of which some values are missing, with NaN in their place. */
  readonly fitsPartial?: boolean
  /** Forgets everything and learns these scans; they may be none. */
  fit(scans: LearnedScans): void
  /** Learns one scan in addition. The row is the caller's: copy what is kept. */
  learn(row: Float64Array, seconds: number): void
  /** >= 0, higher is more anomalous; only asked when ready. The caller caps it to the largest number. */
  score(row: Float64Array): number
  /**
   * The same bits as `score` for each scan, faster: `values[used[u] * length + i]`; NaN where a used value is not finite (`spreadNaN`
   * does it).
   */
  scoreAll?(values: Float64Array, length: number, used: Int32Array, out: Float64Array): void
  /** The share of each used channel in the score of a row: >= 0, they sum to the score. */
  explain(row: Float64Array, score: number, shares: Float64Array): void
  /** The normal band of each used channel at a limit of the score. */
  band?(limit: number, lower: Float64Array, upper: Float64Array): void
  /** How far each used channel of a row is from normal, signed, in deviations; only asked when ready. The caller caps it. */
  deviations?(row: Float64Array, out: Float64Array): void
  /** Copies of all that restoring needs: plain values and typed arrays. */
  state(): Record<string, unknown>
}
