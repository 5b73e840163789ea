/**
 * A fitted scaler as plain JSON: every list holds one finite number a channel, in the order of `channels`. The names are those of
 * scikit-learn's fitted attributes, so that a few lines of Python write it.
 *
 * - `standard`: (x - mean) / scale.
 * - `robust`: (x - center) / scale.
 * - `min-max`: x * scale + min, within `clip` where it is given.
 * - `quantile`: where x lies among the `quantiles` of its channel (ascending, one list a channel, as long as `references`), read off
 *   `references` (ascending, 0..1); `normal` takes that through the inverse of the normal distribution.
 *
 * @example
 * ```ts
 * import { type ScalerJson, scalerFromJson } from '@messwerk/detectors/models'
 *
 * const json: ScalerJson = { kind: 'standard', channels: ['pressure'], mean: [5], scale: [2] }
 * scalerFromJson(json).transform(Float64Array.of(9), 1) // => Float64Array.of(2)
 * ```
 */
export type ScalerJson = StandardScalerJson | RobustScalerJson | MinMaxScalerJson | QuantileScalerJson

/** @internal */
export interface StandardScalerJson {
  readonly kind: 'standard'
  readonly channels: readonly string[]
  readonly mean: readonly number[]
  readonly scale: readonly number[]
}

/** @internal */
export interface RobustScalerJson {
  readonly kind: 'robust'
  readonly channels: readonly string[]
  readonly center: readonly number[]
  readonly scale: readonly number[]
}

/** @internal */
export interface MinMaxScalerJson {
  readonly kind: 'min-max'
  readonly channels: readonly string[]
  readonly min: readonly number[]
  readonly scale: readonly number[]
  readonly clip?: readonly [number, number]
}

/** @internal */
export interface QuantileScalerJson {
  readonly kind: 'quantile'
  readonly channels: readonly string[]
  readonly output: 'uniform' | 'normal'
  readonly references: readonly number[]
  readonly quantiles: readonly (readonly number[])[]
}
