import type { DetectorSpec, Span } from '@messwerk/core/model'
import { chartSpec, checkSize } from '../charts/chart-spec.ts'
import { PageHinkleyChart } from '../charts/page-hinkley.ts'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { type Side, signOf } from '../deviation/side.ts'

/**
 * Options of {@link pageHinkley}.
 *
 * @example
 * ```ts
 * import type { PageHinkleyOptions } from '@messwerk/detectors'
 *
 * const options: PageHinkleyOptions<'pressure'> = { channels: ['pressure'], delta: 0.1 }
 * options.delta // => 0.1
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface PageHinkleyOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /** What a scan may differ from the mean without counting, in sd. @defaultValue 0.005 */
  readonly delta?: number
  /** What is left of the sums at each scan, above 0 and at most 1. @defaultValue 0.9999 */
  readonly alpha?: number
  /** Scans that a channel needs since it began before it scores. @defaultValue 30 */
  readonly minScans?: number
  /** The score that is to raise an alarm: a channel above it begins anew at the next scan. @defaultValue 50 */
  readonly threshold?: number
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
 * Scores a scan by how far the sum of deviations from the running mean has moved away from its extreme: the Page-Hinkley test.
 *
 * For finding the moment of a change while the level itself is not known: the mean is that of the scans since it began. A channel
 * whose score was above `threshold` begins anew at the next scan, so that each change is reported once and the new level is normal.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN, is not learned, and the chart waits; values beyond ±1e150 are scored and not learned. At a declared gap it begins anew.
 * - Output: the largest over the used channels of the rise of sum(d - mean - delta) above its least value and the fall of
 *   sum(d - mean + delta) below its largest, d = (x - learned mean) / learned sd; 0 or more, and 0 in the first `minScans` of a
 *   channel: the rules of River 0.26. NaN until two scans are learned. Shares are in proportion to the squares of what the channels score. The band is where the value of this scan
 *   would have kept the score below the limit.
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
 * @see {@link cusum} when the normal level is known, {@link pageHinkleyDrift} for the test that begins anew after each drift
 *
 * @example
 * ```ts
 * import { pageHinkley, samples } from '@messwerk/detectors'
 *
 * const detector = pageHinkley().create([{ name: 'level', unit: 'mm' }])
 * detector.fit(samples({ level: Array.from({ length: 100 }, (_, i) => 30 + (i % 3)) }))
 * const scores = detector.score(samples({ level: Array(40).fill(33) }))
 * scores[0]! < 10 // => true
 * Math.max(...scores) > 50 // => true
 * ```
 *
 * Reference: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); D. V. Hinkley, "Inference about the change-point from
 * cumulative sum tests", Biometrika 58 (1971)
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function pageHinkley<const K extends string = any>(options: PageHinkleyOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation, window, side = 'both' } = options
  const { delta = 0.005, alpha = 0.9999, minScans = 30, threshold = 50 } = options
  checkSize('pageHinkley', 'delta', delta, true)
  checkAlpha(alpha)
  checkMinScans(minScans)
  checkSize('pageHinkley', 'threshold', threshold)
  const sign = signOf('pageHinkley', side)
  return chartSpec({
    factory: 'pageHinkley',
    options,
    kind: 'page-hinkley',
    channels,
    minDeviation,
    window,
    settings: {
      delta: String(delta),
      alpha: String(alpha),
      minScans: String(minScans),
      threshold: String(threshold),
      side
    },
    chart: (width) => new PageHinkleyChart(width, { delta, alpha, minScans, threshold }, sign)
  })
}

function checkAlpha(alpha: number): void {
  if (!(typeof alpha === 'number' && alpha > 0 && alpha <= 1))
    throw new RangeError(`pageHinkley: alpha must be above 0 and at most 1, got ${alpha}`)
}

function checkMinScans(minScans: number): void {
  if (!(Number.isSafeInteger(minScans) && minScans >= 1))
    throw new RangeError(`pageHinkley: minScans must be a whole number from 1, got ${minScans}`)
}
