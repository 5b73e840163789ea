import type { DetectorSpec, Span } from '@messwerk/core/model'
import { chartSpec, checkSize } from '../charts/chart-spec.ts'
import { CusumChart } from '../charts/cusum.ts'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { type Side, signOf } from '../deviation/side.ts'

/**
 * Options of {@link cusum}.
 *
 * @example
 * ```ts
 * import type { CusumOptions } from '@messwerk/detectors'
 *
 * const options: CusumOptions<'pressure'> = { channels: ['pressure'], k: 0.25, h: 8 }
 * options.k // => 0.25
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface CusumOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /** Slack: what a scan may deviate without counting, in sd; half of the shift that is to be found. @defaultValue 0.5 */
  readonly k?: number
  /**
   * Decision limit in sd: the score that is to raise an alarm. The sums stop at twice this value, so that they come back soon
   * after a fault has ended.
   *
   * @defaultValue 5
   */
  readonly h?: number
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
  /** Which shifts count: `high` = upwards only, `low` = downwards only. @defaultValue 'both' */
  readonly side?: Side
}

/**
 * Scores a scan by the sum of what its channels have deviated from their means, beyond a slack: the two-sided tabular CUSUM.
 *
 * The fastest test for a lasting shift of a known size (2 k) and a good one for slow drifts. A usual limit is `h` = 4 to 5.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN, is not learned, and the chart waits; values beyond ±1e150 are scored and not learned. At a declared gap it begins anew.
 * - Output: the largest over the used channels of max(0, S + d - k) upwards and max(0, S - d - k) downwards, d = (x - mean) / sd;
 *   0..2 h. NaN until two scans are learned. Shares are in proportion to the squares of the sums. The band is where the value of
 *   this scan would have kept the score below the limit.
 * - The chart moves along with every scan, learned or not; `fit` leaves it behind the last scan it learned. A deviation counts up to
 *   1e6 sd, so that one absurd reading is forgotten again. sd is at least `minDeviation`, by default one step (`resolution`) of the
 *   channel; at least 1e-12 |mean|; 1e-12 where a channel has only ever been 0.
 * - Values that follow each other closely (a slow signal sampled fast) make any control chart alarm too often: calibrate the limit
 *   on normal operation, or take means over windows first.
 * - Cost: O(channels) a scan. Memory O(channels), with a window O(scans in it x channels).
 *
 * `restore` takes `minDeviation` from the options of today; the other options must be those of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link ewmaChart} when the size of the shift is not known
 *
 * @example
 * ```ts
 * import { cusum, samples } from '@messwerk/detectors'
 *
 * const detector = cusum().create([{ name: 'level', unit: 'mm' }])
 * detector.fit(samples({ level: [30, 31, 32, 31] }))
 * const scores = detector.score(samples({ level: Array(8).fill(32) }))
 * scores[0] // => 0.9495…
 * scores[7] // => 6.0227…
 * ```
 *
 * Reference: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954)
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function cusum<const K extends string = any>(options: CusumOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation, window, k = 0.5, h = 5, side = 'both' } = options
  checkSize('cusum', 'k', k, true)
  checkSize('cusum', 'h', h)
  const sign = signOf('cusum', side)
  return chartSpec({
    factory: 'cusum',
    options,
    kind: 'cusum',
    channels,
    minDeviation,
    window,
    settings: { k: String(k), h: String(h), side },
    chart: (width) => new CusumChart(width, k, 2 * h, sign)
  })
}
