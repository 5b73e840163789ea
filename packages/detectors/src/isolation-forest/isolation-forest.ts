import type { DetectorSpec } from '@messwerk/core/model'
import { scanSpec } from '../detector/detector-spec.ts'
import type { LearnedScans } from '../detector/learned-scans.ts'
import { Random, seedOf } from '../statistics/random.ts'
import { depthOf } from './forest.ts'
import { grow } from './grow.ts'
import { IsolationForestModel } from './isolation-forest-model.ts'

/** Trees times entries of a tree: 64 MB. */
const MOST_NODES = 4_194_304

/**
 * Options of {@link isolationForest}.
 *
 * @example
 * ```ts
 * import type { IsolationForestOptions } from '@messwerk/detectors'
 *
 * const options: IsolationForestOptions = { trees: 200, seed: 7 }
 * options.trees // => 200
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface IsolationForestOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Number of trees. More of them make the score of one seed more like that of another; cost grows in proportion.
   *
   * @defaultValue 100
   */
  readonly trees?: number
  /**
   * Scans that each tree is grown from, drawn without repeats: at least 2; all where there are fewer. `trees` times
   * `sample`, the next power of 2, must not exceed 2^22.
   *
   * @defaultValue 'auto' = 256
   */
  readonly sample?: number | 'auto'
  /**
   * Channels that each tree sees: up to 1 a share of them (at least one), from 2 their number.
   *
   * @defaultValue 1, all
   */
  readonly maxFeatures?: number
  /**
   * Whole number from 0; equal seeds and data give equal bits.
   *
   * @defaultValue 0
   */
  readonly seed?: number
}

/**
 * Scores a scan by how few random cuts it takes to be alone.
 *
 * For several channels of any scale and shape, where the learning part may hold faults and nobody has looked through it. Where
 * channels move together and the learning part is clean, a distance that knows their correlation finds more.
 *
 * - Input: `Samples` of all channels given to `create`, by position; values are taken as float32, as scikit-learn does: of a channel
 *   near 1e6, steps below 0.06 are lost. A scan with a value that is not finite in a used channel scores NaN and is not learned.
 * - Output: the paper's score 2^(-mean path / c(rows of a tree)), in (0, 1): about 0.5 for a scan like all others, towards 1 for one
 *   that stands alone. It is `-score_samples` of scikit-learn. NaN until `fit` has seen two scans.
 * - Learning: by `fit` only. `update` and `process` learn nothing: grown trees cannot take scans in. Fit again for newer data.
 * - Shares: by path depth, an approximation: what the cuts on a channel shorten the path by, negative ones left out.
 * - Cost: `trees` x log2(`sample`) comparisons a scan. Memory O(`trees` x `sample`).
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing, or when there are
 * fewer than `maxFeatures`
 * @see {@link contaminationLimit} for scikit-learn's contamination
 *
 * @example
 * ```ts
 * import { isolationForest, samples } from '@messwerk/detectors'
 *
 * const force = Array.from({ length: 200 }, (_, i) => Math.sin(i) + Math.sin(7.3 * i))
 * const current = Array.from({ length: 200 }, (_, i) => Math.cos(1.7 * i) + Math.sin(3.1 * i))
 * const detector = isolationForest({ seed: 1 }).create([{ name: 'force', unit: 'N' }, { name: 'current', unit: 'A' }])
 * detector.fit(samples({ force, current }))
 * const [usual, odd] = detector.score(samples({ force: [0.1, 5], current: [0.2, -6] }))
 * odd! > usual! + 0.2 // => true
 * ```
 *
 * Reference: F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", IEEE ICDM 2008
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function isolationForest<const K extends string = any>(
  options: IsolationForestOptions<K> = {}
): DetectorSpec<K> {
  const { channels, trees = 100, maxFeatures = 1 } = options
  const sample = sampleOf(options.sample ?? 'auto')
  checkTrees(trees, sample)
  checkMaxFeatures(maxFeatures)
  const seed = seedOf('isolationForest', options.seed ?? 0)
  const growthFor = (width: number): ((scans: LearnedScans) => ReturnType<typeof grow>) => {
    const features = featuresOf(maxFeatures, width)
    return (scans) => grow(scans, width, { trees, sample, features, random: new Random(seed) })
  }
  return scanSpec({
    factory: 'isolationForest',
    options,
    kind: 'isolation-forest',
    version: 1,
    channels,
    random: true,
    settings: { trees: `${trees}`, sample: `${sample}`, maxFeatures: `${maxFeatures}`, seed: `${seed}` },
    model: ({ used }) => new IsolationForestModel(used.length, growthFor(used.length)),
    restored: ({ used }, reader) => IsolationForestModel.restored(reader, used.length, growthFor(used.length))
  })
}

function sampleOf(sample: number | 'auto'): number {
  if (sample === 'auto') return 256
  if (typeof sample !== 'number')
    throw new TypeError(`isolationForest: sample must be a number of scans or 'auto', got ${String(sample)}`)
  if (Number.isSafeInteger(sample) && sample >= 2) return sample
  throw new RangeError(`isolationForest: sample must be a whole number from 2, got ${sample}`)
}

function checkTrees(trees: number, sample: number): void {
  if (typeof trees !== 'number') throw new TypeError(`isolationForest: trees must be a number, got ${String(trees)}`)
  if (!Number.isSafeInteger(trees) || trees < 1)
    throw new RangeError(`isolationForest: trees must be a whole number from 1, got ${trees}`)
  if (sample > MOST_NODES || trees * (1 << depthOf(sample)) > MOST_NODES)
    throw new RangeError(
      `isolationForest: trees times sample, the next power of 2, must not exceed ${MOST_NODES}, got ${trees} trees of ${sample}`
    )
}

function checkMaxFeatures(maxFeatures: number): void {
  if (typeof maxFeatures !== 'number')
    throw new TypeError(`isolationForest: maxFeatures must be a number, got ${String(maxFeatures)}`)
  if (maxFeatures > 0 && (maxFeatures <= 1 || Number.isSafeInteger(maxFeatures))) return
  throw new RangeError(
    `isolationForest: maxFeatures must be a share above 0 and up to 1, or a number of channels from 2, got ${maxFeatures}`
  )
}

function featuresOf(maxFeatures: number, width: number): number {
  if (maxFeatures <= 1) return Math.max(1, Math.floor(maxFeatures * width))
  if (maxFeatures <= width) return maxFeatures
  throw new RangeError(`isolationForest: maxFeatures must not exceed the ${width} channels used, got ${maxFeatures}`)
}
