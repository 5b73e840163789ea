import type { DetectorSpec } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { scanSpec } from '../detector/detector-spec.ts'
import { type Components, checkComponents, chosenComponents, componentsText } from './components.ts'
import { PcaModel, type Weigh } from './pca-model.ts'

/**
 * Options of {@link t2}.
 *
 * @example
 * ```ts
 * import type { T2Options } from '@messwerk/detectors'
 *
 * const options: T2Options<'pressure' | 'flow'> = { channels: ['pressure', 'flow'], components: 'all' }
 * options.components // => 'all'
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface T2Options<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Principal components to look at: a number from 1 to that of the channels, or the fewest that hold a share of the variance.
   *
   * @defaultValue `'all'` whose eigenvalue is above 1e-6 of the first: the Mahalanobis distance
   */
  readonly components?: Components | 'all'
  /**
   * Least standard deviation, in the unit of the signal: one for all channels, or by channel. 0 = none.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
}

/**
 * Scores a scan by Hotelling's T²: the squared Mahalanobis distance from the mean of what was learned.
 *
 * For channels that move together, where a fault changes how they do so: two values that are each in their band, but not together, stand
 * out. Channels may have different units; they need one state of operation, or several with the same ties. A learning part with
 * outliers widens the covariance and hides the next ones.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned; values beyond ±1e150 are scored and not learned.
 * - Output: T² = sum over the components of t² / eigenvalue, in 0..1.8e308, higher is more anomalous; about the number of components on
 *   average for normal scans, {@link t2Limit} says how high it gets. NaN until three scans are learned. Shares are the squares of
 *   S^-1/2 (x - mean), which are never negative.
 * - Components: of the standardised channels (divisor n - 1). Never those with an eigenvalue below 1e-6 of the first, nor more than half as
 *   many as there are scans, the first ones then: with fewer scans than channels the others would be learned by heart.
 *   What such a direction does is {@link spe}'s to see.
 * - Flat channels: outside of the components, each with a deviation of 1e-12 of its level: the score is huge when one moves. `minDeviation`, by
 *   default one step (`resolution`) of the channel, is the least deviation of a channel and makes a flat one an ordinary one.
 * - `update` and `process` add to the covariance with each scan and find the components again when the scans have grown by a 32nd (at
 *   each one up to 64).
 * - Cost: O(channels x components) a scan; learning O(channels²). Memory O(channels²).
 *
 * `restore` takes `minDeviation` from the options of today, from the next time the components are found on; the other options must be those
 * of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing or there are
 * fewer channels than components
 * @see {@link spe} for what leaves the plane of the components
 *
 * @example
 * ```ts
 * import { samples, t2 } from '@messwerk/detectors'
 *
 * const detector = t2().create([{ name: 'speed', unit: '1/min' }, { name: 'flow', unit: 'l/min' }])
 * detector.fit(samples({ speed: [10, 20, 30, 40, 50, 60], flow: [1, 2.1, 2.9, 4.1, 4.9, 6] }))
 * const [together, apart] = detector.score(samples({ speed: [55, 20], flow: [5.5, 5] }))
 * together! < 2 // => true
 * apart! > 1000 // => true
 * ```
 *
 * Reference: H. Hotelling, "The generalization of Student's ratio", Ann. Math. Statist. 2 (1931); J. E. Jackson, "A User's Guide to
 * Principal Components", Wiley 1991, sections 1.4 and 2.6
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function t2<const K extends string = any>(options: T2Options<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation, components = 'all' } = options
  checkComponents('t2', components, 'all')
  const weigh: Weigh = (eigenvalues, scans) => ({
    from: 0,
    to: chosenComponents(components, eigenvalues, scans),
    weight: (eigenvalue) => 1 / Math.sqrt(eigenvalue)
  })
  return scanSpec({
    factory: 't2',
    options,
    kind: 't2',
    version: 1,
    channels,
    minDeviation,
    settings: { components: componentsText(components) },
    model({ used, floors }) {
      if (typeof components === 'number' && components > used.length)
        throw new RangeError(
          `t2: components must be at most the number of channels (${used.length}), got ${components}`
        )
      return new PcaModel(floors, weigh, false)
    },
    restored: ({ floors }, reader) => new PcaModel(floors, weigh, false, reader)
  })
}
