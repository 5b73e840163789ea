import type { Operator } from '../rx/operator.ts'
import { measureExtremes } from './min-max.ts'
import { channelWindows, type WindowOptions } from './windows.ts'

/**
 * Largest minus smallest value of each window, in the unit of the channel (in K for temperatures in Cel).
 *
 * @see {@link WindowOptions} for where windows lie, and what NaN and holes do
 * @throws RangeError when an option is wrong; at the first block when a channel is unknown or no scan fits a window
 *
 * @example
 * ```ts
 * import { peakToPeak } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { force: 'N' }, rate: 10 }, { force: [1, -3, 5, 7] })
 * const windows = await lastValueFrom(of(block).pipe(peakToPeak({ window: '200ms', channels: ['force'] })))
 * column(windows, 'force.peakToPeak') // => Float64Array.of(4, 2)
 * ```
 *
 * Reference: ISO 2041:2018, "peak-to-peak value".
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function peakToPeak<const K extends string = any>(
  options: WindowOptions<K>
): Operator<K, `${K}.peakToPeak`, 'replace'> {
  return channelWindows('peakToPeak', options, { names: ['peakToPeak'], unit: unitOfDifference, measure })
}

/** A difference of temperatures has no zero point of its own. @internal */
export function unitOfDifference(unit: string): string {
  return unit === 'Cel' ? 'K' : unit
}

const extremes = new Float64Array(2)

function measure(values: Float64Array, from: number, to: number, out: Float64Array, at: number): number {
  const used = measureExtremes(values, from, to, extremes, 0)
  out[at] = (extremes[1] as number) - (extremes[0] as number)
  return used
}
