import type { DetectorSpec } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { scanSpec } from '../detector/detector-spec.ts'
import { neighboursOf, referenceOf } from '../nearest-neighbour/reference-options.ts'
import { seedOf } from '../statistics/random.ts'
import { Reservoir } from '../statistics/reservoir.ts'
import { LocalOutlierFactorModel } from './local-outlier-factor-model.ts'

/**
 * Options of {@link localOutlierFactor}.
 *
 * @example
 * ```ts
 * import type { LocalOutlierFactorOptions } from '@messwerk/detectors'
 *
 * const options: LocalOutlierFactorOptions = { reference: 1000, k: 30 }
 * options.k // => 30
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface LocalOutlierFactorOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Scans kept to compare with, 2..65536.
   *
   * @defaultValue 512
   */
  readonly reference?: number
  /**
   * Neighbours that density is counted from, 1..64; fewer than `reference`.
   *
   * @defaultValue 20
   */
  readonly k?: number
  /**
   * Which random sample it is: a whole number from 0.
   *
   * @defaultValue 0
   */
  readonly seed?: number
  /**
   * Least standard deviation, in the unit of the signal: one for all channels, or by channel. 0 = none.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
}

/**
 * Scores a scan by its local outlier factor: how much thinner normal scans lie around it than around its neighbours.
 *
 * For operation in several states of which one scatters more than the other: a distance that is normal in the loose state is a fault in the
 * tight one. Where all states scatter alike, {@link nearestNeighbour} is as good and says more.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned; values beyond ±1e150 are scored and not learned.
 * - Output: mean density of the k neighbours / density at the scan, in 0..1.8e308, higher is more anomalous; about 1 for what lies as
 *   its neighbours do. As `novelty=True` of scikit-learn, its sign turned: a scan that was learned is a neighbour of itself. NaN until
 *   k + 1 scans are learned.
 * - Shares: in proportion to the squared differences from the neighbours. An approximation: the score is a ratio of densities and has no
 *   parts by channel.
 * - Scale and sample: the sample standard deviation (divisor n - 1) of everything learned; each scan learned is in the sample with the same
 *   probability. The densities are counted after `fit`, and when the scans have grown by an eighth since the last time.
 * - Flat channels: the deviation is at least `minDeviation`, by default one step (`resolution`) of the channel; at least 1e-12 |mean|,
 *   which is rounding; 1e-12 where a channel has only ever been 0.
 * - Cost: O(reference x channels) a scan; counting O(reference² x channels). Memory O(reference x channels).
 *
 * `restore` takes `minDeviation` from the options of today, from the next time the densities are counted on; the other options must be those of the
 * snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link nearestNeighbour} for a distance in standard deviations
 *
 * @example
 * ```ts
 * import { localOutlierFactor, samples } from '@messwerk/detectors'
 *
 * const detector = localOutlierFactor({ k: 2 }).create([{ name: 'speed', unit: '1/min' }])
 * detector.fit(samples({ speed: [9.9, 10, 10.1, 10.2, 80, 90, 100, 110] }))
 * const [besideTight, besideLoose] = detector.score(samples({ speed: [15, 120] }))
 * besideTight! > 20 // => true
 * besideLoose! < 2 // => true
 * ```
 *
 * Reference: M. M. Breunig, H.-P. Kriegel, R. T. Ng, J. Sander, "LOF: identifying density-based local outliers", SIGMOD 2000
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function localOutlierFactor<const K extends string = any>(
  options: LocalOutlierFactorOptions<K> = {}
): DetectorSpec<K> {
  const { channels, minDeviation } = options
  const reference = referenceOf('localOutlierFactor', options.reference ?? 512)
  const k = neighboursOf('localOutlierFactor', options.k ?? 20, reference - 1)
  const seed = seedOf('localOutlierFactor', options.seed ?? 0)
  return scanSpec({
    factory: 'localOutlierFactor',
    options,
    kind: 'local-outlier-factor',
    version: 1,
    channels,
    random: true,
    minDeviation,
    settings: { size: String(reference), k: String(k), seed: String(seed) },
    model: ({ floors }) => new LocalOutlierFactorModel(new Reservoir(reference, floors.length, seed), floors, k),
    restored({ floors }, reader) {
      const reservoir = Reservoir.restored(reader, reference, floors.length, seed)
      return new LocalOutlierFactorModel(reservoir, floors, k, reader)
    }
  })
}
