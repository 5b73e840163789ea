import type { Samples } from '@messwerk/core/model'

/**
 * The finite values of each channel, ascending.
 *
 * @throws RangeError when a channel has none
 * @internal
 */
export function sortedColumns(factory: string, samples: Samples): readonly Float64Array[] {
  return finiteColumns(factory, samples).map((column) => column.sort())
}

/**
 * The finite values of each channel, in order; copies.
 *
 * @throws RangeError when a channel has none
 * @internal
 */
export function finiteColumns(factory: string, { channels, length, values }: Samples): readonly Float64Array[] {
  if (values.length < channels.length * length) {
    const needed = channels.length * length
    throw new RangeError(`${factory}: samples of ${length} scans must hold ${needed} values, got ${values.length}`)
  }
  return channels.map((name, c) => {
    const finite = values.subarray(c * length, (c + 1) * length).filter(Number.isFinite)
    if (finite.length === 0) throw new RangeError(`${factory}: channel '${name}' must hold a finite value, got none`)
    return finite
  })
}

/** Linear between the two nearest ranks, as numpy's `percentile`; `share` is 0..1. @internal */
export function rankedAt(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share
  const low = Math.min(Math.floor(at), sorted.length - 1)
  const [a, b, t] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!, at - low]
  return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t
}

/** A scale that is 0 but for rounding divides by 1 instead, as in scikit-learn. @internal */
export function usableScale(scale: number): number {
  return scale < 10 * Number.EPSILON ? 1 : scale
}
