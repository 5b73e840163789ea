/**
 * The times of consecutive scans, ms on the clock of the arrivals.
 *
 * @example
 * ```ts
 * import type { ScanTimes } from '@messwerk/core/driver'
 *
 * const times: ScanTimes = { start: 12.5, period: 1, uncertainty: 0.8 }
 * times.period // => 1
 * ```
 */
export interface ScanTimes {
  /** Time of the first scan. */
  readonly start: number
  /** From one scan to the next. */
  readonly period: number
  /** How far the times may be off, ±, but for the constant part of the transport's delay, which nobody can see. */
  readonly uncertainty: number
}
