import type { Operator } from '../rx/operator.ts'
import { countOf, meanOf } from './mean.ts'
import { unitOfDifference } from './peak-to-peak.ts'
import { channelWindows, type WindowOptions } from './windows.ts'

/**
 * Sample standard deviation of each window: `sqrt(sum of (x - mean)² / (n - 1))`, in the unit of the channel (K for Cel).
 * NaN where fewer than two values are left.
 *
 * Computed in two passes with the remainder of the first taken off, so that a large offset costs no digits.
 *
 * @see {@link WindowOptions} for where windows lie, and what NaN and holes do
 * @throws RangeError when an option is wrong; at the first block when a channel is unknown or no scan fits a window
 *
 * @example
 * ```ts
 * import { standardDeviation } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { force: 'N' }, rate: 10 }, { force: [1, 2, 3] })
 * const windows = await lastValueFrom(of(block).pipe(standardDeviation({ window: { scans: 3 }, channels: ['force'] })))
 * column(windows, 'force.standardDeviation') // => Float64Array.of(1)
 * ```
 *
 * Reference: T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", The American
 * Statistician 37 (1983), equation 1.7 (corrected two-pass algorithm), doi:10.1080/00031305.1983.10483115
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function standardDeviation<const K extends string = any>(
  options: WindowOptions<K>
): Operator<K, `${K}.standardDeviation`, 'replace'> {
  return channelWindows('standardDeviation', options, { names: ['standardDeviation'], unit: unitOfDifference, measure })
}

function measure(values: Float64Array, from: number, to: number, out: Float64Array, at: number): number {
  const used = countOf(values, from, to)
  const center = meanOf(values, from, to, used)
  let squares = 0
  let rest = 0
  for (let i = from; i < to; i += 1) {
    const deviation = (values[i] as number) - center
    if (Number.isNaN(deviation)) continue
    squares += deviation * deviation
    rest += deviation
  }
  const finite = Number.isFinite(center) && used > 1
  out[at] = finite ? Math.sqrt(Math.max(0, squares - (rest * rest) / used) / (used - 1)) : Number.NaN
  return used
}
