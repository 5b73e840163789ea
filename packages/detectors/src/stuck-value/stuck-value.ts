import { type DetectorSpec, type Duration, durationMs } from '@messwerk/core/model'
import { checkSize } from '../charts/chart-spec.ts'
import { sequenceSpec } from '../detector/detector-spec.ts'
import { StuckModel } from './stuck-model.ts'

/**
 * Options of {@link stuckValue}.
 *
 * @example
 * ```ts
 * import type { StuckValueOptions } from '@messwerk/detectors'
 *
 * const options: StuckValueOptions<'pressure'> = { channels: ['pressure'], after: '5min', minChange: 0.01 }
 * options.after // => '5min'
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface StuckValueOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /** Time without change that scores 1. @defaultValue for each channel the longest that was learned */
  readonly after?: Duration
  /** What a value must differ by from the one that is held to be a change, in the unit of the signal: more than this. @defaultValue 0 */
  readonly minChange?: number
}

/**
 * Scores a scan by how long a channel has stood still: 1 = as long as it ever did in normal operation, 3 = three times as long.
 *
 * For sensors and lines that hang: a live signal has noise, if only the last digit. A usual limit is 3 to 10.
 *
 * - Input: `Samples` of all channels given to `create`, by position, with times. A scan with a value that is not finite in a used
 *   channel scores NaN and is not learned; it is no change, and the time runs on. At a declared gap the time begins anew.
 * - Output: the largest over the used channels of the time since the last change over the longest such time learned (at least the
 *   longest time between two scans, so that a channel that always moves has a measure) or over `after`; 0 or more, 0 at a change.
 *   NaN until two scans are learned; with `after` it is ready at once. Shares are in proportion to the squares of what the channels
 *   score. There is no band.
 * - A channel that never moves in what is learned scores 1 and slowly more when it goes on: leave it out, or give `after`.
 * - Cost: O(channels) a scan. Memory O(channels).
 *
 * `restore` takes `after` and `minChange` from the options of today.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 *
 * @example
 * ```ts
 * import { samples, stuckValue } from '@messwerk/detectors'
 *
 * const detector = stuckValue().create([{ name: 'pressure', unit: 'bar' }])
 * detector.fit(samples({ pressure: [3.1, 3.1, 3.1, 3.2, 3.1, 3.1, 3] }))
 * const scores = detector.score(samples({ pressure: [3.2, 3.2, 3.2, 3.2, 3.2, 3.2, 3.2] }))
 * scores // => Float64Array.of(0, 0.5, 1, 1.5, 2, 2.5, 3)
 * ```
 *
 * Reference: common practice in condition monitoring ("flat line" or "frozen value" check), e.g. IOC/QARTOD manual, test 8
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function stuckValue<const K extends string = any>(options: StuckValueOptions<K> = {}): DetectorSpec<K> {
  const { channels, minChange = 0 } = options
  checkSize('stuckValue', 'minChange', minChange, true)
  const after = options.after === undefined ? Number.NaN : durationMs(options.after, 'stuckValue: after') / 1000
  if (after === 0) throw new RangeError(`stuckValue: after must be longer than nothing, got '${options.after}'`)
  return sequenceSpec({
    factory: 'stuckValue',
    options,
    kind: 'stuck-value',
    version: 1,
    channels,
    model: ({ used }) => new StuckModel(used.length, minChange, after),
    restored: ({ used }, reader) => StuckModel.restored(reader, used.length, minChange, after)
  })
}
