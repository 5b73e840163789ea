import type { DetectorSpec, Span } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { scanSpec } from '../detector/detector-spec.ts'
import { DeviationModel } from '../deviation/deviation-model.ts'
import { MedianAndMad } from '../deviation/median-and-mad.ts'
import { type Side, signOf } from '../deviation/side.ts'
import { type Reach, reachOf, reachText } from '../statistics/scan-window.ts'

const DEFAULT_REACH: Reach = { scans: 1000 }

/**
 * Options of {@link robustZ}.
 *
 * @example
 * ```ts
 * import type { RobustZOptions } from '@messwerk/detectors'
 *
 * const options: RobustZOptions<'pressure'> = { channels: ['pressure'], minDeviation: 0.01 }
 * options.minDeviation // => 0.01
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface RobustZOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Median and MAD of the last scans learned only: a number of scans (at least 2), or a time, which keeps at least 32 scans.
   *
   * @defaultValue `fit`: all scans given to it; `update` and `process`: the last 1 000 scans learned
   */
  readonly window?: Span
  /**
   * Least deviation (MAD / 0.6745), in the unit of the signal: one for all channels, or by channel. 0 = none.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
  /** Which deviations count: `high` = above the median only, `low` = below it only. @defaultValue 'both' */
  readonly side?: Side
}

/**
 * Scores a scan by its largest distance from the median of a channel, in deviations estimated from the median absolute deviation.
 *
 * Up to half of what is learned may be outliers, so it is the default for a learning part nobody has looked through. Channels are
 * looked at one by one; a pair that only together is unusual goes unseen. For signals of two levels the median sits in one of them.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned; values beyond ±1e150 are scored and not learned.
 * - Output: the largest 0.6745 |x - median| / MAD over the used channels, in 0..1.8e308, higher is more anomalous; 3.5 is the usual
 *   limit for one scan. NaN until two scans are learned. Shares are in proportion to z². The band is median ± limit MAD / 0.6745.
 * - MAD of 0 (more than half of the values equal): 1.253314 x the mean absolute deviation from the median takes the place of
 *   MAD / 0.6745. Below that the deviation is at least `minDeviation`, by default one step (`resolution`) of the channel; at least
 *   1e-12 |median|, which is rounding; 1e-12 where a channel has only ever been 0.
 * - Without `window`, `fit` takes median and MAD of all its scans; the first scan learned after that goes on with the last 1 000
 *   scans (those of `fit` included). With `window`, `fit` too keeps the last scans only.
 * - With `side` only deviations upwards or downwards count, others score 0, and the band has one end; the other is NaN.
 * - Cost: O(channels) a scan; while learning O(channels x window) moves of memory and O(channels log window) comparisons, both
 *   exact, no approximation of quantiles. Memory O(channels x window).
 *
 * `restore` takes `minDeviation` and `side` from the options of today; the other options must be those of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link zScore} when everything is to be remembered in constant memory
 *
 * @example
 * ```ts
 * import { robustZ, samples } from '@messwerk/detectors'
 *
 * const detector = robustZ({ channels: ['level'] }).create([{ name: 'level', unit: 'mm' }])
 * detector.fit(samples({ level: [31, 32, 30, 31, 33, 29, 99] }))
 * detector.score(samples({ level: [31, 43] }))[0] // => 0
 * detector.score(samples({ level: [31, 43] }))[1] // => 8.09…
 * ```
 *
 * Reference: B. Iglewicz, D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC Quality Press 1993, section 3
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function robustZ<const K extends string = any>(options: RobustZOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation } = options
  const sign = signOf('robustZ', options.side ?? 'both')
  const reach = options.window === undefined ? undefined : reachOf('robustZ', options.window)
  const medians = (width: number): MedianAndMad => new MedianAndMad(width, reach ?? DEFAULT_REACH, reach === undefined)
  return scanSpec({
    factory: 'robustZ',
    options,
    kind: 'robust-z',
    version: 1,
    channels,
    minDeviation,
    settings: { window: reachText(reach) },
    model: ({ used, floors }) => new DeviationModel(medians(used.length), floors, sign),
    restored({ used, floors }, reader) {
      const normal = medians(used.length)
      normal.restore(reader)
      return new DeviationModel(normal, floors, sign)
    }
  })
}
