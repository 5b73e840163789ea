/**
 * Why scans are missing.
 *
 * - `lost`: the wire or the device lost them; `sequence`: a sequence number was skipped; `resync`: bytes had to be skipped
 * - `overflow`: a buffer was full; `shed`: a declared policy dropped them; `late`: they came after their time
 * - `reconnect`: the link was down; `recording`: the recording itself pauses here
 * - `rejected`: they could not be processed or decoded
 *
 * @example
 * ```ts
 * import type { GapCause } from '@messwerk/core/model'
 *
 * const cause: GapCause = 'reconnect'
 * cause // => 'reconnect'
 * ```
 */
export type GapCause =
  | 'lost'
  | 'sequence'
  | 'resync'
  | 'overflow'
  | 'shed'
  | 'late'
  | 'reconnect'
  | 'recording'
  | 'rejected'

/**
 * A declared hole: how many scans are missing before a block, and why.
 *
 * @example
 * ```ts
 * import type { Gap } from '@messwerk/core/model'
 *
 * const gap: Gap = { scans: 1000, cause: 'lost' }
 * gap.scans // => 1000
 * ```
 */
export interface Gap {
  readonly scans: number | 'unknown'
  readonly cause: GapCause
}

/**
 * Two holes with nothing between them as one: their scans add up, the later cause stays.
 *
 * @example
 * ```ts
 * import { joinGaps } from '@messwerk/core/model'
 *
 * joinGaps({ scans: 3, cause: 'lost' }, { scans: 4, cause: 'rejected' }) // => { scans: 7, cause: 'rejected' }
 * ```
 */
export function joinGaps(earlier: Gap | undefined, later: Gap | undefined): Gap | undefined {
  if (earlier === undefined || later === undefined) return later ?? earlier
  const known = earlier.scans !== 'unknown' && later.scans !== 'unknown'
  return { scans: known ? (earlier.scans as number) + (later.scans as number) : 'unknown', cause: later.cause }
}
