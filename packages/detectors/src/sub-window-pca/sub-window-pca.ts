import type { DetectorSpec, Span } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { sequenceSpec } from '../detector/detector-spec.ts'
import { type Components, checkComponents, componentsText } from '../pca/components.ts'
import { type Reach, reachOf, reachText } from '../statistics/scan-window.ts'
import { SubWindowPcaModel } from './sub-window-pca-model.ts'

/**
 * Options of {@link subWindowPca}.
 *
 * @example
 * ```ts
 * import type { SubWindowPcaOptions } from '@messwerk/detectors'
 *
 * const options: SubWindowPcaOptions = { window: { scans: 64 }, components: 4 }
 * options.components // => 4
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface SubWindowPcaOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Length of the window: a number of scans from 2 to 1024, or a time, which is taken for scans by the mean period of the scans learned.
   *
   * @defaultValue `'period'`: the strongest period of the signal between 3 and 300 scans, 125 scans where there is none; at most a quarter of
   * the scans learned
   */
  readonly window?: Span | 'period'
  /**
   * Principal components of the windows that count as normal: a number, or the fewest that hold a share of the variance; fewer than
   * the window is long.
   *
   * @defaultValue `{ variance: 0.9 }`
   */
  readonly components?: Components
  /**
   * Least standard deviation of a value, in the unit of the signal: one for all channels, or by channel. 0 = none.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
}

/**
 * Scores the last window of the signal by how badly the shapes of the learned windows describe it.
 *
 * For signals that repeat: strokes, cycles, rotations, daily loads. A missed beat, a changed form or a wrong level stand out, though each
 * value is in its band. Single wild values are little in a long window: {@link robustZ} is for those.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned, and the window begins anew behind it, as after a gap: NaN until it is full.
 * - Output: squared distance of the window from its principal components, relative to the mean one while learning, averaged over the
 *   channels: 0..1.8e308, higher is more anomalous, about 1 for normal windows. It looks back only.
 * - Shares: the part of each channel in that mean; exact.
 * - Learning: `fit` takes all windows of its scans, which are taken for consecutive. One by one it first learns from 512 scans, then the
 *   shapes are found anew from the last 4096 learned, each time as many again have come; the length of the window stays.
 * - Flat channels: each value has a deviation of at least `minDeviation`, by default one step (`resolution`) of the channel; at least
 *   1e-12 of its level, which is rounding; 1e-12 where a channel has only ever been 0.
 * - Cost: O(window x components) a channel and scan; fitting O(scans x window + window³) a channel. Memory O(window x components + 4096)
 *   a channel.
 *
 * `restore` takes `minDeviation` from the options of today, from the next time the shapes are found on; the other options must be those of
 * the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link matrixProfile} where there is no clean part to learn from
 *
 * @example
 * ```ts
 * import { samples, subWindowPca } from '@messwerk/detectors'
 *
 * const wave = (i: number) => Math.sin(i / 3) + 0.01 * Math.cos(7 * i)
 * const detector = subWindowPca().create([{ name: 'force', unit: 'N' }])
 * detector.fit(samples({ force: Array.from({ length: 400 }, (_, i) => wave(i)) }))
 * const stuck = Array.from({ length: 40 }, (_, i) => wave(400 + Math.min(i, 20)))
 * const scores = detector.score(samples({ force: stuck }))
 * scores[19]! < 5 // => true
 * scores[29]! > 100 // => true
 * ```
 *
 * Reference: Q. Liu, J. Paparrizos, "The Elephant in the Room: Towards A Reliable Time-Series Anomaly Detection Benchmark", NeurIPS 2024
 * (Sub-PCA)
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function subWindowPca<const K extends string = any>(options: SubWindowPcaOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation, components = { variance: 0.9 } } = options
  const window = windowOf(options.window ?? 'period')
  checkComponents('subWindowPca', components, undefined)
  if (typeof components === 'number' && window !== 'period' && 'scans' in window && components >= window.scans)
    throw new RangeError(
      `subWindowPca: components must be fewer than the scans of the window (${window.scans}), got ${components}`
    )
  return sequenceSpec({
    factory: 'subWindowPca',
    options,
    kind: 'sub-window-pca',
    version: 1,
    channels,
    minDeviation,
    settings: { window: window === 'period' ? window : reachText(window), wanted: componentsText(components) },
    model: ({ floors }) => new SubWindowPcaModel({ window, components, floors }),
    restored: ({ floors }, reader) => new SubWindowPcaModel({ window, components, floors }, reader)
  })
}

function windowOf(window: Span | 'period'): Reach | 'period' {
  if (window === 'period') return window
  const reach = reachOf('subWindowPca', window)
  if ('scans' in reach && reach.scans > 1024)
    throw new RangeError(`subWindowPca: window must hold at most 1024 scans, got { scans: ${reach.scans} }`)
  return reach
}
