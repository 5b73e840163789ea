import type { Samples } from '@messwerk/core/model'
import { applyScale } from './apply-scale.ts'
import type { FittedScaler, ScalerSpec } from './fitted-scaler.ts'
import { normalBelow, normalInverse } from './normal.ts'
import type { QuantileScalerJson } from './scaler-json.ts'
import { rankedAt, sortedColumns } from './sorted-columns.ts'

/** As in scikit-learn: nearer to the ends than this counts as the end. */
const NEAR_END = 1e-7
const LEAST = normalInverse(NEAR_END - Number.EPSILON)
const MOST = normalInverse(1 - (NEAR_END - Number.EPSILON))

/**
 * Options of {@link quantileScaler}.
 *
 * @example
 * ```ts
 * import type { QuantileScalerOptions } from '@messwerk/detectors/models'
 *
 * const options: QuantileScalerOptions = { output: 'normal', quantiles: 100 }
 * options.output // => 'normal'
 * ```
 */
export interface QuantileScalerOptions {
  /** What the values of the training data become: evenly spread over 0..1, or normally distributed. @defaultValue 'uniform' */
  readonly output?: 'uniform' | 'normal' | undefined
  /** Quantiles kept a channel, 2..10000; at most as many as there are scans. @defaultValue 1000 */
  readonly quantiles?: number | undefined
}

/**
 * Takes each channel to the share of the training data below it: whatever its distribution was, it is even (or normal) afterwards.
 *
 * - Input: `Samples`; values that are not finite are left out of the fit.
 * - Beyond what it has seen a value becomes 0 or 1 (-5.2 or 5.2 for `normal`): a detector behind it does not see how far out it is.
 * - Equal to scikit-learn's `QuantileTransformer` (without its random subsample) within 1e-12.
 *
 * @throws RangeError when an option is wrong; from `fit` when a channel has no finite value
 *
 * @example
 * ```ts
 * import { samples } from '@messwerk/detectors'
 * import { quantileScaler } from '@messwerk/detectors/models'
 *
 * const scaler = quantileScaler().fit(samples({ current: [1, 10, 100, 1000, 10000] }))
 * scaler.transform(Float64Array.of(100, 550, 1e6), 3) // => Float64Array.of(0.5, 0.625, 1)
 * ```
 */
export function quantileScaler({ output = 'uniform', quantiles = 1000 }: QuantileScalerOptions = {}): ScalerSpec {
  if (output !== 'uniform' && output !== 'normal')
    throw new RangeError(`quantileScaler: output must be 'uniform' or 'normal', got '${String(output)}'`)
  if (!(Number.isInteger(quantiles) && quantiles >= 2 && quantiles <= 10_000))
    throw new RangeError(`quantileScaler: quantiles must be a whole number of 2..10000, got ${String(quantiles)}`)
  return {
    fit(samples: Samples) {
      const count = Math.max(2, Math.min(quantiles, samples.length))
      const references = Float64Array.from({ length: count }, (_, k) => (k === count - 1 ? 1 : k * (1 / (count - 1))))
      const values = sortedColumns('quantileScaler', samples).map((sorted) => ascending(sorted, references))
      return rankScaler(samples.channels, output, references, values)
    }
  }
}

function ascending(sorted: Float64Array, references: Float64Array): Float64Array {
  const quantiles = references.map((share) => rankedAt(sorted, share))
  for (let k = 1; k < quantiles.length; k += 1) quantiles[k] = Math.max(quantiles[k]!, quantiles[k - 1]!)
  return quantiles
}

/** The arrays are kept, not copied. @internal */
export function rankScaler(
  channels: readonly string[],
  output: 'uniform' | 'normal',
  references: Float64Array,
  quantiles: readonly Float64Array[]
): FittedScaler {
  const near = output === 'normal' ? NEAR_END : 0
  const shaped = output === 'normal' ? (p: number) => Math.min(MOST, Math.max(LEAST, normalInverse(p))) : same
  const unshaped = output === 'normal' ? normalBelow : same
  return {
    kind: 'quantile',
    channels: channels.slice(),
    transform: applyScale('quantile scaler', channels.length, (values, from, to, out, c) => {
      const known = quantiles[c]!
      for (let i = from; i < to; i += 1) out[i] = shaped(shareOf(values[i]!, known, references, near))
    }),
    inverse: applyScale('quantile scaler', channels.length, (values, from, to, out, c) => {
      const known = quantiles[c]!
      for (let i = from; i < to; i += 1) out[i] = valueAt(unshaped(values[i]!), known, references, near)
    }),
    toJSON: (): QuantileScalerJson => ({
      kind: 'quantile',
      channels: channels.slice(),
      output,
      references: Array.from(references),
      quantiles: quantiles.map((known) => Array.from(known))
    })
  }
}

function same(x: number): number {
  return x
}

/** The middle of the shares where quantiles repeat. */
function shareOf(x: number, quantiles: Float64Array, references: Float64Array, near: number): number {
  if (Number.isNaN(x)) return x
  const last = quantiles.length - 1
  // the lower end goes before the upper one, where they are the same
  if (near === 0 ? x <= quantiles[0]! : x - near < quantiles[0]!) return 0
  if (near === 0 ? x >= quantiles[last]! : x + near > quantiles[last]!) return 1
  const above = between(x, quantiles, references, lastAtMost(x, quantiles))
  const below = firstAtLeast(x, quantiles)
  return 0.5 * (above + (quantiles[below] === x ? references[below]! : between(x, quantiles, references, below - 1)))
}

function valueAt(share: number, quantiles: Float64Array, references: Float64Array, near: number): number {
  if (Number.isNaN(share)) return share
  const last = quantiles.length - 1
  if (near === 0 ? share <= 0 : share - near < 0) return quantiles[0]!
  if (near === 0 ? share >= 1 : share + near > 1) return quantiles[last]!
  return between(share, references, quantiles, lastAtMost(share, references))
}

function between(x: number, from: Float64Array, to: Float64Array, k: number): number {
  if (x === from[k]! || k >= from.length - 1) return to[k]!
  return to[k]! + ((x - from[k]!) * (to[k + 1]! - to[k]!)) / (from[k + 1]! - from[k]!)
}

function lastAtMost(x: number, ascendingValues: Float64Array): number {
  let [low, high] = [0, ascendingValues.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (ascendingValues[middle]! <= x) low = middle
    else high = middle - 1
  }
  return low
}

function firstAtLeast(x: number, ascendingValues: Float64Array): number {
  let [low, high] = [0, ascendingValues.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascendingValues[middle]! >= x) high = middle
    else low = middle + 1
  }
  return low
}
