import type { DetectorSpec, Span } from '@messwerk/core/model'
import { chartSpec } from '../charts/chart-spec.ts'
import { EwmaChart } from '../charts/ewma.ts'
import type { MinDeviation } from '../detector/channel-plan.ts'

/**
 * Options of {@link ewmaChart}.
 *
 * @example
 * ```ts
 * import type { EwmaChartOptions } from '@messwerk/detectors'
 *
 * const options: EwmaChartOptions<'pressure'> = { channels: ['pressure'], weight: 0.1 }
 * options.weight // => 0.1
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface EwmaChartOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /** Weight of the newest scan (Roberts' lambda), above 0 and at most 1; less sees smaller shifts, later. @defaultValue 0.2 */
  readonly weight?: number
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
}

/**
 * Scores a scan by the exponentially weighted moving average of each channel, in standard deviations of that average: the EWMA
 * control chart with its exact limits.
 *
 * For small lasting shifts, of half a standard deviation to two, that no single scan shows. A usual limit is 2.6 to 3.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN, is not learned, and the chart waits; values beyond ±1e150 are scored and not learned. At a declared gap it begins anew.
 * - Output: the largest |z| over the used channels, where z is the average of (x - mean) / sd over sqrt(weight / (2 - weight)
 *   (1 - (1 - weight)^(2 t))), t the scans since it began; 0 or more. NaN until two scans are learned. Shares are in proportion to
 *   z². The band is where the value of this scan would have kept the score below the limit.
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
 * @see {@link cusum} for shifts of a known size
 *
 * @example
 * ```ts
 * import { ewmaChart, samples } from '@messwerk/detectors'
 *
 * const detector = ewmaChart().create([{ name: 'level', unit: 'mm' }])
 * detector.fit(samples({ level: [31, 30, 32, 31, 30, 32, 31, 30, 32, 31] }))
 * const scores = detector.process(samples({ level: Array(8).fill(32.5) }), () => false)
 * scores[0]! < 2 // => true
 * scores[7]! > 3 // => true
 * ```
 *
 * Reference: S. W. Roberts, "Control chart tests based on geometric moving averages", Technometrics 1 (1959)
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function ewmaChart<const K extends string = any>(options: EwmaChartOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation, window, weight = 0.2 } = options
  if (!(typeof weight === 'number' && weight > 0 && weight <= 1))
    throw new RangeError(`ewmaChart: weight must be above 0 and at most 1, got ${weight}`)
  return chartSpec({
    factory: 'ewmaChart',
    options,
    kind: 'ewma-chart',
    channels,
    minDeviation,
    window,
    settings: { weight: String(weight) },
    chart: (width) => new EwmaChart(width, weight)
  })
}
