/**
 * What a channel stands for. No role means `measurement`.
 *
 * Operators that are not told which channels to use take those of role `measurement` or `feature`, so that labels,
 * scores and limits never leak into a detector.
 *
 * @example
 * ```ts
 * import type { ChannelRole } from '@messwerk/core/model'
 *
 * const role: ChannelRole = 'score'
 * role // => 'score'
 * ```
 */
export type ChannelRole = 'measurement' | 'feature' | 'score' | 'contribution' | 'limit' | 'flag'

/**
 * One measured or computed quantity.
 *
 * @example
 * ```ts
 * import type { Channel } from '@messwerk/core/model'
 *
 * const pressure: Channel<'pressure'> = { name: 'pressure', unit: 'bar', range: [0, 10], resolution: 0.01 }
 * pressure.unit // => 'bar'
 * ```
 */
export interface Channel<N extends string = string> {
  /** Unique within its stream. */
  readonly name: N
  /** UCUM code, for example `mV/V`, `Cel`, `N.m`; `1` for a ratio. */
  readonly unit: string
  readonly role?: ChannelRole
  /** Smallest and largest value that the source can deliver, in `unit`. */
  readonly range?: readonly [number, number]
  /** Smallest step between two values, in `unit`. */
  readonly resolution?: number
}

/** Whether an operator uses this channel when it is not told which ones to use. @internal */
export function isMeasured(channel: Channel): boolean {
  return channel.role === undefined || channel.role === 'measurement' || channel.role === 'feature'
}
