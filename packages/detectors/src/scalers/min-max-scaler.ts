import type { Samples } from '@messwerk/core/model'
import { applyScale } from './apply-scale.ts'
import type { FittedScaler, ScalerSpec } from './fitted-scaler.ts'
import type { MinMaxScalerJson } from './scaler-json.ts'
import { finiteColumns, usableScale } from './sorted-columns.ts'

/**
 * Options of {@link minMaxScaler}.
 *
 * @example
 * ```ts
 * import type { MinMaxScalerOptions } from '@messwerk/detectors/models'
 *
 * const options: MinMaxScalerOptions = { range: [-1, 1], clip: true }
 * options.range // => [-1, 1]
 * ```
 */
export interface MinMaxScalerOptions {
  /** What the smallest and the largest value of the training data become. @defaultValue [0, 1] */
  readonly range?: readonly [number, number] | undefined
  /** Whether later values are kept within the range: a detector behind it no longer sees how far out they are. @defaultValue false */
  readonly clip?: boolean | undefined
}

/**
 * Takes each channel from its smallest and largest value to a range.
 *
 * - Input: `Samples`; values that are not finite are left out of the fit.
 * - A channel that does not change becomes the lower end of the range. One outlier in the training data squeezes all the rest.
 * - Equal to scikit-learn's `MinMaxScaler` within 1e-12.
 *
 * @throws RangeError when an option is wrong; from `fit` when a channel has no finite value
 *
 * @example
 * ```ts
 * import { samples } from '@messwerk/detectors'
 * import { minMaxScaler } from '@messwerk/detectors/models'
 *
 * const scaler = minMaxScaler().fit(samples({ level: [2, 3, 6] }))
 * scaler.transform(Float64Array.of(2, 4, 8), 3) // => Float64Array.of(0, 0.5, 1.5)
 * ```
 */
export function minMaxScaler({ range = [0, 1], clip = false }: MinMaxScalerOptions = {}): ScalerSpec {
  const [low, high] = range
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    throw new RangeError(`minMaxScaler: range must be two finite numbers, ascending, got ${String(range)}`)
  return {
    fit(samples: Samples) {
      const columns = finiteColumns('minMaxScaler', samples)
      const least = columns.map((column) => column.reduce((a, b) => Math.min(a, b)))
      const span = columns.map((column, c) => column.reduce((a, b) => Math.max(a, b)) - least[c]!)
      const scale = Float64Array.from(span, (width) => (high - low) / usableScale(width))
      const min = Float64Array.from(least, (x, c) => low - x * scale[c]!)
      return rangeScaler(samples.channels, min, scale, clip ? [low, high] : undefined)
    }
  }
}

/** x * scale + min, within `clip`; the arrays are kept, not copied. @internal */
export function rangeScaler(
  channels: readonly string[],
  min: Float64Array,
  scale: Float64Array,
  clip?: readonly [number, number]
): FittedScaler {
  const [low, high] = clip ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  return {
    kind: 'min-max',
    channels: channels.slice(),
    transform: applyScale('min-max scaler', channels.length, (values, from, to, out, c) => {
      const [shift, factor] = [min[c]!, scale[c]!]
      for (let i = from; i < to; i += 1) {
        const scaled = values[i]! * factor + shift
        out[i] = Math.min(high, Math.max(low, scaled))
      }
    }),
    inverse: applyScale('min-max scaler', channels.length, (values, from, to, out, c) => {
      const [shift, factor] = [min[c]!, scale[c]!]
      for (let i = from; i < to; i += 1) out[i] = (values[i]! - shift) / factor
    }),
    toJSON(): MinMaxScalerJson {
      const json: MinMaxScalerJson = {
        kind: 'min-max',
        channels: channels.slice(),
        min: Array.from(min),
        scale: Array.from(scale)
      }
      return clip ? Object.assign(json, { clip: [low, high] }) : json
    }
  }
}
