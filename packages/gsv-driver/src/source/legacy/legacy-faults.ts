import { FrameFlag, type LegacyLayout, type ScanBuffer } from '../../codec/index.ts'
import type { GsvChannel } from '../../device/probe.ts'
import type { ScanFaults } from '../scan-faults.ts'

/** A value so near to the end of its range, as part of the range, is at the end: one step of 16 bits is twice as much. */
const NEAR = 1 / 2 ** 17

/**
 * Values of a GSV-2, GSV-3 or GSV-4 that are at the end of what the frame can say. The flag says that there is one, the
 * values which; nothing has to be asked.
 *
 * @internal
 */
export function legacyFaults(channels: readonly GsvChannel[], { frames }: LegacyLayout, capacity: number): ScanFaults {
  const masks = new Uint16Array(capacity)
  const near = frames === 'long' ? NEAR / 256 : NEAR
  const ends = channels.map(({ range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], resolution = 0 }) => {
    const margin = near * (range[1] - range[0]) + resolution
    return { low: range[0] + near * (range[1] - range[0]), high: range[1] - margin }
  })
  let examined = 0
  return {
    masks,
    examine: (scans: ScanBuffer) => {
      for (let i = examined; i < scans.length; i += 1) masks[i] = maskOf(scans, i, ends)
      examined = scans.length
    },
    taken: () => {
      examined = 0
    },
    ask: () => {}
  }
}

function maskOf(
  { flags, values, capacity }: ScanBuffer,
  scan: number,
  ends: readonly { readonly low: number; readonly high: number }[]
): number {
  // The other flags of a GSV-2 are its thresholds.
  if (((flags[scan] as number) & FrameFlag.saturated) === 0) return 0
  let mask = 0
  for (let c = 0; c < ends.length; c += 1) {
    const { low, high } = ends[c] as (typeof ends)[number]
    const value = values[c * capacity + scan] as number
    if (value <= low || value >= high) mask |= 1 << c
  }
  return mask
}
