import type { DetectorSpec } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { scanSpec } from '../detector/detector-spec.ts'
import { type Components, checkComponents, chosenComponents, componentsText } from './components.ts'
import { PcaModel, type Weigh } from './pca-model.ts'

/**
 * Options of {@link spe}.
 *
 * @example
 * ```ts
 * import type { SpeOptions } from '@messwerk/detectors'
 *
 * const options: SpeOptions = { components: { variance: 0.85 } }
 * options.components // => { variance: 0.85 }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface SpeOptions<K extends string = any> {
  /**
   * Channels to use; at least two.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Principal components that count as normal movement: a number below that of the channels, or the fewest that hold a share of the
   * variance; at least one direction is left over to be looked at.
   *
   * @defaultValue `'auto'`: those that hold more than channels without any tie would by chance (eigenvalue above
   * (1 + sqrt(channels / scans))²), and no more than 0.9 of the variance needs. The shares can tell channels apart only where several
   * directions are left over
   */
  readonly components?: Components | 'auto'
  /**
   * Least standard deviation, in the unit of the signal: one for all channels, or by channel. 0 = none.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
}

/**
 * Scores a scan by its squared prediction error (SPE, Q): how far it is off the plane in which normal scans lie.
 *
 * For channels tied to each other by the process: a fault that breaks a tie moves a scan off the plane, however small it is beside the normal
 * movement in the plane. It does not see a fault that moves along the plane; {@link t2} does.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned; values beyond ±1e150 are scored and not learned.
 * - Output: squared distance of the standardised scan from the plane of the components, in 0..1.8e308, higher is more anomalous;
 *   {@link speLimit} says how high it gets for normal scans. NaN until three scans are learned.
 * - Shares: what the two channels account for that account for most of the score is theirs, what is left is shared by squared
 *   residuals; with fewer than three directions off the plane, squared residuals alone. Squares alone named a sound channel in a
 *   quarter of double faults, as a fault shows in all channels that are tied to the faulty one.
 * - Components: of the standardised channels (divisor n - 1), never those with an eigenvalue below 1e-6 of the first, nor more than half as
 *   many as there are scans.
 * - Flat channels: outside of the components, each with a deviation of 1e-12 of its level: the score is huge when one moves. `minDeviation`, by
 *   default one step (`resolution`) of the channel, is the least deviation of a channel and makes a flat one an ordinary one.
 * - `update` and `process` add to the covariance with each scan and find the components again when the scans have grown by a 32nd (at
 *   each one up to 64).
 * - Cost: O(channels x directions left over) a scan; learning O(channels²). Memory O(channels²).
 *
 * `restore` takes `minDeviation` from the options of today, from the next time the components are found on; the other options must be those
 * of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing, when there is
 * only one, or not more channels than components
 * @see {@link t2} for what moves too far along the plane
 *
 * @example
 * ```ts
 * import { samples, spe } from '@messwerk/detectors'
 *
 * const detector = spe({ components: 1 }).create([{ name: 'speed', unit: '1/min' }, { name: 'flow', unit: 'l/min' }])
 * detector.fit(samples({ speed: [10, 20, 30, 40, 50, 60], flow: [1, 2.1, 2.9, 4.1, 4.9, 6] }))
 * const [together, apart] = detector.score(samples({ speed: [90, 20], flow: [9, 5] }))
 * together! < 0.01 // => true
 * apart! > 1 // => true
 * ```
 *
 * Reference: J. E. Jackson, G. S. Mudholkar, "Control procedures for residuals associated with principal component analysis",
 * Technometrics 21 (1979)
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function spe<const K extends string = any>(options: SpeOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation, components = 'auto' } = options
  checkComponents('spe', components, 'auto')
  const weigh: Weigh = (eigenvalues, scans) => ({
    from: Math.max(0, Math.min(chosenComponents(components, eigenvalues, scans), eigenvalues.length - 1)),
    to: eigenvalues.length,
    weight: () => 1
  })
  return scanSpec({
    factory: 'spe',
    options,
    kind: 'spe',
    version: 1,
    channels,
    minDeviation,
    settings: { components: componentsText(components) },
    model({ used, floors }) {
      if (used.length < 2) throw new RangeError(`spe: channels must be at least 2, got ${used.length}`)
      if (typeof components === 'number' && components >= used.length)
        throw new RangeError(`spe: components must be fewer than the channels (${used.length}), got ${components}`)
      return new PcaModel(floors, weigh, true)
    },
    restored: ({ floors }, reader) => new PcaModel(floors, weigh, true, reader)
  })
}
