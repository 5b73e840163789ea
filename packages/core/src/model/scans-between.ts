import type { Block } from './block.ts'

/** Above this a clock was set, rather than so many scans missed. */
const MOST = 2 ** 40

/**
 * How many scans a stream has missed: from `end`, the time at which its next scan was due, to a block, in periods of the
 * block. Unknown for blocks without a period, and where the clock went back.
 *
 * @internal
 */
export function scansBetween(end: bigint, { time }: Block): number | 'unknown' {
  if (time.offsets) return 'unknown'
  const scans = Math.round((Number(time.start - end) + (time.phase ?? 0)) / time.period)
  return scans >= 0 && scans < MOST ? Math.abs(scans) : 'unknown' // no -0
}

/** When the scan after a block is due, ns since the Unix epoch; undefined for a block without a period. @internal */
export function dueAfter({ time, length }: Block): bigint | undefined {
  return time.offsets ? undefined : time.start + BigInt(Math.round((time.phase ?? 0) + length * time.period))
}
