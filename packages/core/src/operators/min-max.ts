import type { Operator } from '../rx/operator.ts'
import { channelWindows, type WindowOptions } from './windows.ts'

/**
 * Smallest and largest value of each window, in the unit of the channel.
 *
 * @see {@link WindowOptions} for where windows lie, and what NaN and holes do
 * @throws RangeError when an option is wrong; at the first block when a channel is unknown or no scan fits a window
 *
 * @example
 * ```ts
 * import { minMax } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { force: 'N' }, rate: 10 }, { force: [1, -3, 5, 7] })
 * const windows = await lastValueFrom(of(block).pipe(minMax({ window: '200ms', channels: ['force'] })))
 * column(windows, 'force.min') // => Float64Array.of(-3, 5)
 * column(windows, 'force.max') // => Float64Array.of(1, 7)
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function minMax<const K extends string = any>(
  options: WindowOptions<K>
): Operator<K, `${K}.min` | `${K}.max`, 'replace'> {
  return channelWindows('minMax', options, { names: ['min', 'max'], measure: measureExtremes })
}

/** Smallest to `out[at]`, largest to `out[at + 1]`; NaN when there are none. @internal */
export function measureExtremes(values: Float64Array, from: number, to: number, out: Float64Array, at: number): number {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let used = 0
  for (let i = from; i < to; i += 1) {
    const x = values[i] as number
    if (x < low) low = x
    if (x > high) high = x
    if (!Number.isNaN(x)) used += 1
  }
  out[at] = used > 0 ? low : Number.NaN
  out[at + 1] = used > 0 ? high : Number.NaN
  return used
}
