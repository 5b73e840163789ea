import type { Operator } from '../rx/operator.ts'
import { channelWindows, type WindowOptions } from './windows.ts'

/**
 * Root mean square of each window: `sqrt(sum of x² / n)`, mean included, in the unit of the channel. Subtract a known
 * offset before with {@link scale}, or use {@link standardDeviation} for the alternating part alone.
 *
 * @see {@link WindowOptions} for where windows lie, and what NaN and holes do
 * @throws RangeError when an option is wrong; at the first block when a channel is unknown or no scan fits a window
 *
 * @example
 * ```ts
 * import { rms } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { force: 'N' }, rate: 10 }, { force: [3, -4, 0, 0, 0, 5] })
 * const windows = await lastValueFrom(of(block).pipe(rms({ window: '200ms', channels: ['force'] })))
 * column(windows, 'force.rms') // => Float64Array.of(Math.sqrt(12.5), 0, Math.sqrt(12.5))
 * ```
 *
 * Reference: ISO 2041:2018, "root-mean-square value".
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function rms<const K extends string = any>(options: WindowOptions<K>): Operator<K, `${K}.rms`, 'replace'> {
  return channelWindows('rms', options, { names: ['rms'], measure: measureRms })
}

/** Root mean square to `out[at]`. @internal */
export function measureRms(values: Float64Array, from: number, to: number, out: Float64Array, at: number): number {
  const sum = sumOfSquares(values, from, to)
  if (!Number.isNaN(sum)) {
    out[at] = Math.sqrt(sum / (to - from))
    return to - from
  }
  return measureSome(values, from, to, out, at)
}

function measureSome(values: Float64Array, from: number, to: number, out: Float64Array, at: number): number {
  let sum = 0
  let used = 0
  for (let i = from; i < to; i += 1) {
    const x = values[i] as number
    if (Number.isNaN(x)) continue
    sum += x * x
    used += 1
  }
  out[at] = Math.sqrt(sum / used)
  return used
}

/** Four sums side by side: an addition need not wait for the one before. @internal */
function sumOfSquares(values: Float64Array, from: number, to: number): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = from
  for (; i + 4 <= to; i += 4) {
    const w = values[i] as number
    const x = values[i + 1] as number
    const y = values[i + 2] as number
    const z = values[i + 3] as number
    a += w * w
    b += x * x
    c += y * y
    d += z * z
  }
  for (; i < to; i += 1) a += (values[i] as number) * (values[i] as number)
  return a + b + (c + d)
}
