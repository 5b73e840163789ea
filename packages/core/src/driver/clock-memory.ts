/**
 * What is to be known of a `SampleClock` for another one to go on with its line, also in another process.
 *
 * @example
 * ```ts
 * import { type ClockMemory, SampleClock } from '@messwerk/core/driver'
 *
 * const clock = new SampleClock({ rate: 100 })
 * for (let i = 1; i <= 200; i += 1) clock.arrive(1, i * 10)
 * const memory = clock.remember() as ClockMemory
 * const other = new SampleClock({ rate: 100, memory })
 * other.interrupt()                                                     // 3 s later, and 300 scans
 * for (let i = 1; i <= 200; i += 1) other.arrive(1, 5000 + i * 10)
 * other.takeMissing() // => 300
 * ```
 */
export interface ClockMemory {
  /** Number of the scan that comes next, missing ones counted. */
  readonly next: number
  /** The earliest arrivals, in their order: number of the scan, and when it arrived, ms. */
  readonly arrivals: readonly (readonly [scan: number, at: number])[]
  /** Whether packets were in step with the scans. */
  readonly isInStep: boolean
}
