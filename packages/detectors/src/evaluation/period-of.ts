const LAGS = 400
const FIRST_LAG = 3
const DEFAULT_PERIOD = 125
const ROWS = 20_000

/**
 * The period of a signal in rows, from the highest local maximum of its autocorrelation among the lags 3..400; 125 where there is
 * none between about 6 and 303. The buffer that is usual for {@link vusPr}, from the first channel.
 *
 * Looks at the first 20 000 rows. Rows that are not finite count as the mean.
 *
 * @param values - one channel
 * @returns a whole number of rows
 *
 * @example
 * ```ts
 * import { periodOf } from '@messwerk/detectors/evaluation'
 *
 * periodOf(Array.from({ length: 1000 }, (_, i) => Math.sin((2 * Math.PI * i) / 40))) // => 40
 * periodOf([1, 1, 1, 1]) // => 125
 * ```
 *
 * Reference: `find_length` of TSB-UAD and TSB-AD
 */
export function periodOf(values: ArrayLike<number>): number {
  const centered = centeredOf(values)
  const correlations = new Float64Array(Math.max(0, Math.min(LAGS, centered.length - 1) + 1 - FIRST_LAG))
  for (let k = 0; k < correlations.length; k += 1) correlations[k] = product(centered, k + FIRST_LAG)
  let best = -1
  for (let k = 1; k + 1 < correlations.length; k += 1) {
    const isPeak = correlations[k]! > correlations[k - 1]! && correlations[k]! > correlations[k + 1]!
    if (isPeak && (best < 0 || correlations[k]! > correlations[best]!)) best = k
  }
  return best < 3 || best > 300 ? DEFAULT_PERIOD : best + FIRST_LAG
}

function centeredOf(values: ArrayLike<number>): Float64Array {
  const part = Float64Array.from(values).subarray(0, ROWS)
  let sum = 0
  let count = 0
  for (const value of part) {
    if (!Number.isFinite(value)) continue
    sum += value
    count += 1
  }
  const mean = sum / count
  return part.map((value) => (Number.isFinite(value) ? value - mean : 0))
}

function product(centered: Float64Array, lag: number): number {
  let sum = 0
  for (let i = lag; i < centered.length; i += 1) sum += centered[i]! * centered[i - lag]!
  return sum
}
