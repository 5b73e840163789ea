import type { Channel, Detector, DetectorSpec, Snapshot, Span } from '@messwerk/core/model'
import { type ChannelPlan, channelPlan, checkChannelOptions, type MinDeviation, restoredPlan } from '../channel-plan.ts'
import { DeviationDetector } from '../deviation-detector.ts'
import { SnapshotReader } from '../restore.ts'
import { type Reach, reachOf, reachText } from '../scan-window.ts'
import { MedianAndMad } from './median-and-mad.ts'

const KIND = 'robust-z'
const VERSION = 1
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
 * - Cost: O(channels) a scan; while learning O(channels x window) moves of memory and O(channels log window) comparisons, both
 *   exact, no approximation of quantiles. Memory O(channels x window).
 *
 * `restore` takes `minDeviation` from the options of today; the other options must be those of the snapshot.
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
  checkChannelOptions('robustZ', channels, minDeviation)
  const reach = options.window === undefined ? undefined : reachOf('robustZ', options.window)
  const medians = (width: number): MedianAndMad => new MedianAndMad(width, reach ?? DEFAULT_REACH, reach === undefined)
  return {
    kind: KIND,
    channels: channels?.slice(),
    create(available: readonly Channel[]): Detector {
      const plan = channelPlan('robustZ', available, channels, minDeviation)
      return detector(plan, reach, medians(plan.used.length))
    },
    restore(snapshot: Snapshot): Detector {
      const reader = new SnapshotReader(snapshot, KIND, VERSION)
      const plan = restoredPlan(reader, channels, minDeviation)
      reader.same('window', reader.text('window'), reachText(reach))
      const normal = medians(plan.used.length)
      normal.restore(reader)
      return detector(plan, reach, normal, reader.number('clock'))
    }
  }
}

function detector(plan: ChannelPlan, reach: Reach | undefined, normal: MedianAndMad, clock = 0): Detector {
  const snapshot = (state: Record<string, unknown>): Snapshot => {
    state.window = reachText(reach)
    return { kind: KIND, version: VERSION, state }
  }
  return new DeviationDetector({ factory: 'robustZ', plan, normal, clock, snapshot })
}
