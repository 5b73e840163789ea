/**
 * Quality of a value, as in OPC UA: good, uncertain, bad, missing. The worst is the largest.
 *
 * A bad or missing value is NaN in {@link Block.values}.
 *
 * @example
 * ```ts
 * import { Quality } from '@messwerk/core/model'
 *
 * Quality.bad > Quality.uncertain // => true
 * ```
 */
export const Quality = { good: 0, uncertain: 1, bad: 2, missing: 3 } as const

/**
 * One of the numbers of the constant `Quality`.
 *
 * @example
 * ```ts
 * import { Quality } from '@messwerk/core/model'
 *
 * const worst: Quality = Quality.missing
 * worst // => 3
 * ```
 */
export type Quality = (typeof Quality)[keyof typeof Quality]
