import type { DetectorSpec } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { scanSpec } from '../detector/detector-spec.ts'
import { seedOf } from '../statistics/random.ts'
import { Reservoir } from '../statistics/reservoir.ts'
import { NeighbourModel } from './neighbour-model.ts'
import { neighboursOf, referenceOf } from './reference-options.ts'

/**
 * Options of {@link nearestNeighbour}.
 *
 * @example
 * ```ts
 * import type { NearestNeighbourOptions } from '@messwerk/detectors'
 *
 * const options: NearestNeighbourOptions = { reference: 512, k: 3 }
 * options.k // => 3
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface NearestNeighbourOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Scans kept to compare with, 2..65536.
   *
   * @defaultValue 256
   */
  readonly reference?: number
  /**
   * Which neighbour's distance is the score, 1..64; at most `reference`. With 1 a scan that was itself learned scores 0.
   *
   * @defaultValue 5, the best of 1, 2 and 5 without a clean learning part; 1 or 2 with one
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
 * Scores a scan by its distance from the k-th nearest of a random sample of what was learned.
 *
 * For operation in several states, of any shape, where what is normal has been seen: the strongest of the cheap methods when the learning part
 * is free of faults. A fault that lasts while learning is soon a neighbour of itself.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned; values beyond ±1e150 are scored and not learned.
 * - Output: Euclidean distance in standard deviations of the channels, in 0..1.8e308, higher is more anomalous. NaN until max(2, k)
 *   scans are learned. Shares are in proportion to the squared differences from that neighbour.
 * - Scale: the sample standard deviation (divisor n - 1) of everything learned so far, up to date with each scan, for the sample and
 *   the new scan alike.
 * - Sample: each scan learned is in it with the same probability, in `fit` as in `update` and `process` (reservoir sampling); equal seed and
 *   data give equal samples.
 * - Flat channels: the deviation is at least `minDeviation`, by default one step (`resolution`) of the channel; at least 1e-12 |mean|,
 *   which is rounding; 1e-12 where a channel has only ever been 0.
 * - Cost: O(reference x channels) a scan at most, most of the sample is left after a few channels; learning O(channels). Memory
 *   O(reference x channels).
 *
 * `restore` takes `minDeviation` from the options of today; the other options must be those of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link t2} for one state of operation with straight ties, at a small part of the cost
 *
 * @example
 * ```ts
 * import { nearestNeighbour, samples } from '@messwerk/detectors'
 *
 * const detector = nearestNeighbour().create([{ name: 'speed', unit: '1/min' }])
 * detector.fit(samples({ speed: [8, 9, 10, 11, 12, 98, 99, 100, 101, 102] }))
 * const [slow, between] = detector.score(samples({ speed: [10, 55] }))
 * slow! < 0.1 // => true
 * between! > 0.9 // => true
 * ```
 *
 * Reference: M. Sugiyama, K. M. Borgwardt, "Rapid distance-based outlier detection via sampling", NIPS 26 (2013)
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function nearestNeighbour<const K extends string = any>(
  options: NearestNeighbourOptions<K> = {}
): DetectorSpec<K> {
  const { channels, minDeviation } = options
  const reference = referenceOf('nearestNeighbour', options.reference ?? 256)
  const k = neighboursOf('nearestNeighbour', options.k ?? 5, reference)
  const seed = seedOf('nearestNeighbour', options.seed ?? 0)
  return scanSpec({
    factory: 'nearestNeighbour',
    options,
    kind: 'nearest-neighbour',
    version: 1,
    channels,
    random: true,
    minDeviation,
    settings: { size: String(reference), k: String(k), seed: String(seed) },
    model: ({ floors }) => new NeighbourModel(new Reservoir(reference, floors.length, seed), floors, k),
    restored({ floors }, reader) {
      const reservoir = Reservoir.restored(reader, reference, floors.length, seed)
      return new NeighbourModel(reservoir, floors, k, reader)
    }
  })
}
