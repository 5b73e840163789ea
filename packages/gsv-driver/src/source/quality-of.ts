import { Quality } from '@messwerk/core/model'
import type { ScanBuffer } from '../codec/index.ts'

/**
 * Quality of the scans from `start` to before `end`: channels of flagged ones are uncertain, as far as that is known.
 *
 * @param masks - uncertain values by scan, bit 0 the first of the frame
 * @param wanted - bits of the values that are channels
 * @returns undefined where all are good
 *
 * @internal
 */
export function qualityOf(
  { flags }: ScanBuffer,
  start: number,
  end: number,
  columns: readonly number[],
  masks: Uint16Array,
  wanted: number
): Uint8Array | undefined {
  let quality: Uint8Array | undefined
  const length = end - start
  for (let i = start; i < end; i += 1) {
    if (flags[i] === 0) continue
    const mask = (masks[i] as number) & wanted
    if (mask === 0) continue
    quality ??= new Uint8Array(columns.length * length)
    for (let c = 0; c < columns.length; c += 1) {
      if ((mask >> (columns[c] as number)) & 1) quality[c * length + i - start] = Quality.uncertain
    }
  }
  return quality
}
