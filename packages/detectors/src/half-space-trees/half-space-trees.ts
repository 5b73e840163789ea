import type { DetectorSpec } from '@messwerk/core/model'
import { scanSpec } from '../detector/detector-spec.ts'
import { Random, seedOf } from '../statistics/random.ts'
import { HalfSpaceModel, type HalfSpaceParts } from './half-space-model.ts'
import { cutAtRandom } from './half-spaces.ts'
import { boxFrom, type ChannelRange, checkRange, rangeText } from './range.ts'

/** Trees times nodes of a tree. */
const MOST_NODES = 4_194_304

/**
 * Options of {@link halfSpaceTrees}.
 *
 * @example
 * ```ts
 * import type { HalfSpaceTreesOptions } from '@messwerk/detectors'
 *
 * const options: HalfSpaceTreesOptions<'level'> = { channels: ['level'], range: { level: [0, 10] } }
 * options.range // => { level: [0, 10] }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface HalfSpaceTreesOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Number of trees.
   *
   * @defaultValue 50
   */
  readonly trees?: number
  /**
   * Cuts from the root to a leaf, 1..15; `trees` times 2^(height + 1) must not exceed 2^22.
   *
   * @defaultValue 10
   */
  readonly height?: number
  /**
   * Scans that scores are taken from: those of the last full window. At least 2.
   *
   * @defaultValue 250
   */
  readonly window?: number
  /**
   * Least and greatest value, in the unit of the signal: one pair for all channels, or by channel. Values beyond are taken for those
   * at the end.
   *
   * @defaultValue learned from the scans of `fit`, or from the first `window` scans
   */
  readonly range?: ChannelRange<NoInfer<K>>
  /**
   * Whole number from 0; equal seeds and data give equal bits.
   *
   * @defaultValue 0
   */
  readonly seed?: number
}

/**
 * Scores a scan by how few of the scans of the last window lie where it lies, on boxes of many sizes cut at random before.
 *
 * For streams of several channels that change their ways slowly: it follows by itself and never fits again. A batch with faults in it
 * is better served by {@link isolationForest}.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned.
 * - Output: River's score 1 - mass / most mass, in 0..1; the mass of a node counts 2^depth, so all but the densest places score above
 *   0.9: go by the order or by a learned threshold. NaN until `fit`, or until `window` scans are learned.
 * - Learning: each scan counts in its nodes; each `window` scans, the counts become those that scores are taken from. The cuts never
 *   change: a signal that leaves its range for good is only seen at the end of it.
 * - Shares: an approximation: what the cuts on a channel lead to emptier places than an even spread would, in logarithms.
 * - Cost: `trees` x `height` steps to score and as many to learn. Memory O(`trees` x 2^`height`).
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing, or has no `range`
 * where there is one for others
 *
 * @example
 * ```ts
 * import { halfSpaceTrees, samples } from '@messwerk/detectors'
 *
 * const level = Array.from({ length: 500 }, (_, i) => Math.sin(i) + 0.3 * Math.sin(7 * i))
 * const detector = halfSpaceTrees({ range: [-5, 5] }).create([{ name: 'level', unit: 'mm' }])
 * detector.fit(samples({ level }))
 * const [usual, odd] = detector.score(samples({ level: [0.2, 4] }))
 * odd! > usual! // => true
 * ```
 *
 * Reference: S. C. Tan, K. M. Ting, T. F. Liu, "Fast Anomaly Detection for Streaming Data", IJCAI 2011; rules of River's
 * `HalfSpaceTrees`
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function halfSpaceTrees<const K extends string = any>(options: HalfSpaceTreesOptions<K> = {}): DetectorSpec<K> {
  const { channels, trees = 50, height = 10, window = 250, range } = options
  checkTrees(trees, height)
  checkWhole('window', window, 2, 1_048_576)
  checkRange('halfSpaceTrees', range)
  const seed = seedOf('halfSpaceTrees', options.seed ?? 0)
  const parts = (names: readonly string[], used: Int32Array): HalfSpaceParts => ({
    width: used.length,
    window,
    box: boxFrom('halfSpaceTrees', range, namesOf(names, used)),
    cut: (box) => cutAtRandom(box, trees, height, new Random(seed))
  })
  return scanSpec({
    factory: 'halfSpaceTrees',
    options,
    kind: 'half-space-trees',
    version: 1,
    channels,
    random: true,
    settings: { trees: `${trees}`, height: `${height}`, window: `${window}`, seed: `${seed}`, range: rangeText(range) },
    model: ({ names, used }) => new HalfSpaceModel(parts(names, used)),
    restored: ({ names, used }, reader) => HalfSpaceModel.restored(reader, parts(names, used))
  })
}

function namesOf(names: readonly string[], used: Int32Array): readonly string[] {
  return Array.from(used, (c) => names[c]!)
}

function checkTrees(trees: number, height: number): void {
  checkWhole('trees', trees, 1, Number.MAX_SAFE_INTEGER)
  checkWhole('height', height, 1, 15)
  if (trees * (2 << height) > MOST_NODES)
    throw new RangeError(
      `halfSpaceTrees: trees times 2^(height + 1) must not exceed ${MOST_NODES}, got ${trees} trees of height ${height}`
    )
}

function checkWhole(option: string, value: number, least: number, most: number): void {
  if (typeof value !== 'number') throw new TypeError(`halfSpaceTrees: ${option} must be a number, got ${String(value)}`)
  if (!(Number.isSafeInteger(value) && value >= least && value <= most))
    throw new RangeError(`halfSpaceTrees: ${option} must be a whole number from ${least} to ${most}, got ${value}`)
}
