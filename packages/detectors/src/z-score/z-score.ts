import type { DetectorSpec, Span } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { scanSpec } from '../detector/detector-spec.ts'
import { DeviationModel } from '../deviation/deviation-model.ts'
import { allScans, restoredAllScans, restoredWindowedScans, windowedScans } from '../deviation/mean-and-deviation.ts'
import type { Normal } from '../deviation/normal.ts'
import { type Side, signOf } from '../deviation/side.ts'
import { reachOf, reachText } from '../statistics/scan-window.ts'

/**
 * Options of {@link zScore}.
 *
 * @example
 * ```ts
 * import type { ZScoreOptions } from '@messwerk/detectors'
 *
 * const options: ZScoreOptions<'pressure'> = { channels: ['pressure'], window: '10min' }
 * options.window // => '10min'
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface ZScoreOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Mean and deviation of the last scans learned only: a number of scans (at least 2), or a time, which keeps at least 32 scans.
   *
   * @defaultValue all scans learned
   */
  readonly window?: Span
  /**
   * Least standard deviation, in the unit of the signal: one for all channels, or by channel. 0 = none.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
  /** Which deviations count: `high` = above the mean only, `low` = below it only. @defaultValue 'both' */
  readonly side?: Side
}

/**
 * Scores a scan by its largest distance from the mean of a channel, in standard deviations.
 *
 * For signals that scatter evenly around one level and a learning part without faults. Outliers in what is learned widen the
 * deviation and hide the next ones: use {@link robustZ} there. Channels are looked at one by one; a pair that only together is
 * unusual goes unseen.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned; values beyond ±1e150 are scored and not learned.
 * - Output: the largest |x - mean| / sd over the used channels, in 0..1.8e308, higher is more anomalous; sd is the sample standard
 *   deviation (divisor n - 1). NaN until two scans are learned. Shares are in proportion to z². The band is mean ± limit sd.
 * - Flat channels: sd is at least `minDeviation`, by default one step (`resolution`) of the channel; at least 1e-12 |mean|, which is
 *   rounding; 1e-12 where a channel has only ever been 0. So the score is finite, and huge when a flat channel moves.
 * - With `side` only deviations upwards or downwards count, others score 0, and the band has one end; the other is NaN.
 * - Cost: O(channels) a scan. Memory O(channels), with a window O(scans in it x channels).
 *
 * `restore` takes `minDeviation` and `side` from the options of today; the other options must be those of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link robustZ} when the learning part may hold outliers
 *
 * @example
 * ```ts
 * import { samples, zScore } from '@messwerk/detectors'
 *
 * const detector = zScore({ channels: ['pressure'] }).create([{ name: 'pressure', unit: 'bar' }])
 * detector.fit(samples({ pressure: [2, 4, 4, 4, 5, 5, 7, 9] }))
 * detector.score(samples({ pressure: [5, 14] }))[0] // => 0
 * detector.score(samples({ pressure: [5, 14] }))[1] // => 4.209…
 * ```
 *
 * Reference: B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962)
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function zScore<const K extends string = any>(options: ZScoreOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation } = options
  const sign = signOf('zScore', options.side ?? 'both')
  const reach = options.window === undefined ? undefined : reachOf('zScore', options.window)
  const untaught = (width: number): Normal => (reach ? windowedScans(width, reach) : allScans(width))
  return scanSpec({
    factory: 'zScore',
    options,
    kind: 'z-score',
    version: 1,
    channels,
    minDeviation,
    settings: { window: reachText(reach) },
    model: ({ used, floors }) => new DeviationModel(untaught(used.length), floors, sign),
    restored({ used, floors }, reader) {
      const width = used.length
      const normal = reach ? restoredWindowedScans(reader, width, reach) : restoredAllScans(reader, width)
      return new DeviationModel(normal, floors, sign)
    }
  })
}
