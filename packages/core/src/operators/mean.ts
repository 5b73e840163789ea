import type { Operator } from '../rx/operator.ts'
import { channelWindows, type WindowOptions } from './windows.ts'

/**
 * Arithmetic mean of each window, in the unit of the channel.
 *
 * Computed in two passes, the second over the deviations from the first, so that a small ripple on a large offset keeps
 * its digits.
 *
 * @see {@link WindowOptions} for where windows lie, and what NaN and holes do
 * @throws RangeError when an option is wrong; at the first block when a channel is unknown or no scan fits a window
 *
 * @example
 * ```ts
 * import { mean } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { force: 'N' }, rate: 10 }, { force: [1, 3, 5, 7] })
 * const windows = await lastValueFrom(of(block).pipe(mean({ window: '200ms', channels: ['force'] })))
 * column(windows, 'force.mean') // => Float64Array.of(2, 6)
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function mean<const K extends string = any>(options: WindowOptions<K>): Operator<K, `${K}.mean`, 'replace'> {
  return channelWindows('mean', options, { names: ['mean'], measure })
}

function measure(values: Float64Array, from: number, to: number, out: Float64Array, at: number): number {
  const used = countOf(values, from, to)
  out[at] = meanOf(values, from, to, used)
  return used
}

/** Values that are not NaN. @internal */
export function countOf(values: Float64Array, from: number, to: number): number {
  let used = 0
  for (let i = from; i < to; i += 1) if (!Number.isNaN(values[i])) used += 1
  return used
}

/** Mean of the `used` values that are not NaN. @internal */
export function meanOf(values: Float64Array, from: number, to: number, used: number): number {
  const whole = used === to - from
  let sum = 0
  for (let i = from; i < to; i += 1) if (whole || !Number.isNaN(values[i])) sum += values[i] as number
  const about = sum / used
  let rest = 0
  for (let i = from; i < to; i += 1) if (whole || !Number.isNaN(values[i])) rest += (values[i] as number) - about
  return about + rest / used
}
