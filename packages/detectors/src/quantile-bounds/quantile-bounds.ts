import type { DetectorSpec, Span } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { scanSpec } from '../detector/detector-spec.ts'
import { BoundsModel } from '../deviation/bounds-model.ts'
import { type Side, signOf } from '../deviation/side.ts'
import { type Reach, reachOf, reachText } from '../statistics/scan-window.ts'
import { LearnedBounds } from './learned-bounds.ts'

const DEFAULT_REACH: Reach = { scans: 10_000 }

/**
 * Options of {@link quantileBounds}.
 *
 * @example
 * ```ts
 * import type { QuantileBoundsOptions } from '@messwerk/detectors'
 *
 * const options: QuantileBoundsOptions<'pressure'> = { channels: ['pressure'], low: 0.01, high: 0.99 }
 * options.low // => 0.01
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface QuantileBoundsOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /** Part of what is learned that is below the lower bound, from 0 (the least value) to below 0.5. @defaultValue 0.01 */
  readonly low?: number
  /** Part of what is learned that is below the upper bound, above 0.5 to 1 (the largest value). @defaultValue 0.99 */
  readonly high?: number
  /**
   * Quantiles of the last scans learned only: a number of scans (at least 2), or a time, which keeps at least 32 scans.
   *
   * @defaultValue `fit`: all scans given to it; `update` and `process`: the last 10 000 scans learned
   */
  readonly window?: Span
  /**
   * Least distance from the median to a bound, in the unit of the signal: one for all channels, or by channel. 0 = none.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
  /** Which bounds count: `high` = the upper only, `low` = the lower only. @defaultValue 'both' */
  readonly side?: Side
}

/**
 * Scores a scan by how far it is from the median, in distances from there to a learned quantile: 1 at the bound, 2 twice as far.
 *
 * For signals of any shape with one level, also lopsided ones: the way up and the way down are measured each by its own quantile.
 * Channels are looked at one by one. Between two levels of a signal nothing is an anomaly.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned; values beyond ±1e150 are scored and not learned.
 * - Output: the largest of (x - median) / (high - median) and (median - x) / (median - low) over the used channels, 0 or more; above 1
 *   is outside. In what was learned a part of up to low + 1 - high a channel is. NaN until two scans are learned. Shares are in
 *   proportion to the squares of what the channels score. The band at a limit of 1 is low..high.
 * - Quantiles are exact and interpolated as numpy does. A bound is at least `minDeviation` from the median, by default one step
 *   (`resolution`) of the channel; at least 1e-12 |median|; 1e-12 where a channel has only ever been 0.
 * - A quantile needs data beyond it: for `high: 0.999` learn several thousand scans.
 * - Cost: O(channels) a scan; while learning O(channels log window) comparisons and O(channels x window) moves of memory. Memory
 *   O(channels x window).
 *
 * `restore` takes `minDeviation` and `side` from the options of today; the other options must be those of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link fixedLimits} where the bounds are known
 *
 * @example
 * ```ts
 * import { quantileBounds, samples } from '@messwerk/detectors'
 *
 * const detector = quantileBounds({ low: 0, high: 1 }).create([{ name: 'flow', unit: 'L/s' }])
 * detector.fit(samples({ flow: [4, 5, 6, 5, 9, 4, 6] }))
 * detector.score(samples({ flow: [5, 7, 9, 11, 3] })) // => Float64Array.of(0, 0.5, 1, 1.5, 2)
 * detector.band?.(1) // => Float64Array.of(4, 9)
 * ```
 *
 * Reference: R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), definition 7
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function quantileBounds<const K extends string = any>(options: QuantileBoundsOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation, low = 0.01, high = 0.99 } = options
  if (!(typeof low === 'number' && low >= 0 && low < 0.5))
    throw new RangeError(`quantileBounds: low must be from 0 to below 0.5, got ${low}`)
  if (!(typeof high === 'number' && high > 0.5 && high <= 1))
    throw new RangeError(`quantileBounds: high must be above 0.5 to 1, got ${high}`)
  const sign = signOf('quantileBounds', options.side ?? 'both')
  const reach = options.window === undefined ? undefined : reachOf('quantileBounds', options.window)
  const bounds = (width: number): LearnedBounds =>
    new LearnedBounds(width, reach ?? DEFAULT_REACH, reach === undefined, { low, high })
  return scanSpec({
    factory: 'quantileBounds',
    options,
    kind: 'quantile-bounds',
    version: 1,
    channels,
    minDeviation,
    settings: { window: reachText(reach), quantiles: `${low} and ${high}` },
    model: ({ used, floors }) => new BoundsModel(bounds(used.length), floors, sign),
    restored({ used, floors }, reader) {
      const learned = bounds(used.length)
      learned.restore(reader)
      return new BoundsModel(learned, floors, sign)
    }
  })
}
