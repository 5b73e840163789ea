import type { DetectorSpec, Span } from '@messwerk/core/model'
import type { ChannelPlan, MinDeviation } from '../detector/channel-plan.ts'
import { sequenceSpec } from '../detector/detector-spec.ts'
import { MedianAndMad } from '../deviation/median-and-mad.ts'
import { type Side, signOf } from '../deviation/side.ts'
import { type Reach, reachOf, reachText } from '../statistics/scan-window.ts'
import { RateModel } from './rate-model.ts'

const DEFAULT_REACH: Reach = { scans: 1000 }

/**
 * Options of {@link rateOfChange}.
 *
 * @example
 * ```ts
 * import type { RateOfChangeOptions } from '@messwerk/detectors'
 *
 * const options: RateOfChangeOptions<'pressure'> = { channels: ['pressure'], side: 'low' }
 * options.side // => 'low'
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface RateOfChangeOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Median and MAD of the last rates learned only: a number of scans (at least 2), or a time, which keeps at least 32 scans.
   *
   * @defaultValue `fit`: all rates of its scans; `update` and `process`: the last 1 000
   */
  readonly window?: Span
  /**
   * Least change from one scan to the next that scores more than 1, in the unit of the signal: one for all channels, or by channel.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
  /** Which rates count: `high` = above the usual only (a rise), `low` = below it only (a fall). @defaultValue 'both' */
  readonly side?: Side
}

/**
 * Scores a scan by how fast each channel has changed since the scan before, per second, in robust deviations of the rates learned.
 *
 * For jumps and ramps of signals whose level wanders: a temperature may be anywhere, but not rise by 5 K in a second.
 *
 * - Input: `Samples` of all channels given to `create`, by position, with times. A scan with a value that is not finite in a used
 *   channel scores NaN and is not learned; the next rate reaches over it. Values beyond ±1e150 are scored and not learned.
 * - Output: the largest 0.6745 |rate - median| / MAD over the used channels, rate = change / seconds; 0 or more. NaN until two rates
 *   are learned, and for a scan without one before it: the first, the first behind a gap, one that is not later than its
 *   predecessor. Shares are in proportion to the squares of what the channels score. The band is where the value of this scan would
 *   have kept the score below the limit.
 * - MAD of 0, or no more than rounding of the values makes: as with {@link robustZ}. The deviation is at least `minDeviation` divided by the time between the two scans, at least
 *   1e-12 |median|, and 1e-12 where a channel has never moved.
 * - A jump up and back within one scan scores twice. White noise sampled faster has larger rates: take means over windows first.
 * - Cost: O(channels) a scan; while learning O(channels log window) comparisons and O(channels x window) moves of memory. Memory
 *   O(channels x window).
 *
 * `restore` takes `minDeviation` and `side` from the options of today; the other options must be those of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link robustZ} for levels
 *
 * @example
 * ```ts
 * import { rateOfChange, samples } from '@messwerk/detectors'
 *
 * const detector = rateOfChange().create([{ name: 'oil', unit: 'Cel' }])
 * detector.fit(samples({ oil: [40, 41, 43, 44, 45, 47, 48, 50, 51] }, { seconds: 10 }))
 * const scores = detector.score(samples({ oil: [52, 60] }, { seconds: 10 }))
 * scores[0]! < 1 // => true
 * scores[1]! > 6 // => true
 * ```
 *
 * Reference: B. Iglewicz, D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC Quality Press 1993, section 3
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function rateOfChange<const K extends string = any>(options: RateOfChangeOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation } = options
  const sign = signOf('rateOfChange', options.side ?? 'both')
  const reach = options.window === undefined ? undefined : reachOf('rateOfChange', options.window)
  const model = ({ used, floors }: ChannelPlan): RateModel => {
    const learned = reach ?? DEFAULT_REACH
    const medians = (rounding: Float64Array) => new MedianAndMad(used.length, learned, reach === undefined, rounding)
    return new RateModel(medians, floors, sign)
  }
  return sequenceSpec({
    factory: 'rateOfChange',
    options,
    kind: 'rate-of-change',
    version: 1,
    channels,
    minDeviation,
    settings: { window: reachText(reach) },
    model,
    restored(plan, reader) {
      const restored = model(plan)
      restored.restore(reader)
      return restored
    }
  })
}
