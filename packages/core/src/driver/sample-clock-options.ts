import type { ClockMemory } from './clock-memory.ts'

/**
 * Options of a sample clock.
 *
 * @example
 * ```ts
 * import type { SampleClockOptions } from '@messwerk/core/driver'
 *
 * const options: SampleClockOptions = { rate: 1000 }
 * options.rate // => 1000
 * ```
 */
export interface SampleClockOptions {
  /** Nominal scans per second, Hz. */
  readonly rate: number
  /** How long a step must last before it counts as lost scans, ms. @defaultValue 500 */
  readonly settleMs?: number
  /** How long scans are held back at most while it is open whether some are missing, ms. @defaultValue 3000 */
  readonly holdMs?: number
  /** Whether losses are known and told by `skip`: then none are looked for. @defaultValue false */
  readonly counted?: boolean
  /** What another clock of the same device knew, its times on the clock of the arrivals: say `interrupt` next. */
  readonly memory?: ClockMemory | undefined
}
