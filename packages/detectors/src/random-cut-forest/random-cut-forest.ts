import type { DetectorSpec } from '@messwerk/core/model'
import type { ChannelPlan } from '../detector/channel-plan.ts'
import { scanSpec, sequenceSpec } from '../detector/detector-spec.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { seedOf } from '../statistics/random.ts'
import { CutForestModel, ShingledForestModel } from './cut-forest-models.ts'
import type { ScaledForestParts } from './scaled-forest.ts'

/** Trees times scans times values of a point: 100 MB and more. */
const MOST_VALUES = 4_194_304

/**
 * Options of {@link randomCutForest}.
 *
 * @example
 * ```ts
 * import type { RandomCutForestOptions } from '@messwerk/detectors'
 *
 * const options: RandomCutForestOptions = { shingle: 8, timeDecay: 1e-4 }
 * options.shingle // => 8
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface RandomCutForestOptions<K extends string = any> {
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
   * Points that each tree holds, at least 2. `trees` times `sample` times the values of a point must not exceed 2^22.
   *
   * @defaultValue 256
   */
  readonly sample?: number
  /**
   * How fast what was learned is forgotten: a scan is less likely to be in a tree by this part than the next one. 0 = never.
   *
   * @defaultValue 1 / (10 `sample`): scans of 10 `sample` ago count a third
   */
  readonly timeDecay?: number
  /**
   * Scans of a point: from 2 on, what is odd is the course of the last scans. Its scores depend on the scans before.
   *
   * @defaultValue 1
   */
  readonly shingle?: number
  /**
   * Whole number from 0; equal seeds and data give equal bits.
   *
   * @defaultValue 0
   */
  readonly seed?: number
}

/**
 * Scores a scan by how soon random cuts would part it from a sample of the scans before.
 *
 * For streams: it takes scans in and out of its trees one by one, follows changes by itself, never fits again, and can look at the
 * course of the last scans (`shingle`).
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN and is not learned; with `shingle`, so do the scans until it has left the point.
 * - Output: the score of AWS' random cut forest, 0 or more: about 1 or less for a scan like all others, above 1.5 worth a look. NaN
 *   until `sample` / 4 scans are learned.
 * - Scale: each channel counts in standard deviations of the scans of `fit`, or of the first `sample` / 4; of one that did not move, in
 *   its `resolution`, else in its unit.
 * - Shares: exact for this score: each cut counts for the channel that it would fall on. A scan that is in a tree already gives all
 *   channels equal parts.
 * - Cost: O(`trees` x log `sample` x values of a point) a scan. Memory O(`trees` x `sample` x values of a point).
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing, or when there are
 * too many for the trees
 *
 * @example
 * ```ts
 * import { randomCutForest, samples } from '@messwerk/detectors'
 *
 * const level = Array.from({ length: 500 }, (_, i) => Math.sin(i) + 0.3 * Math.sin(7 * i))
 * const detector = randomCutForest().create([{ name: 'level', unit: 'mm' }])
 * detector.fit(samples({ level }))
 * const [usual, odd] = detector.score(samples({ level: [0.2, 4] }))
 * usual! < 1.5 && odd! > 3 // => true
 * ```
 *
 * Reference: S. Guha, N. Mishra, G. Roy, O. Schrijvers, "Robust Random Cut Forest Based Anomaly Detection on Streams", ICML 2016; rules
 * of random-cut-forest-by-aws
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function randomCutForest<const K extends string = any>(
  options: RandomCutForestOptions<K> = {}
): DetectorSpec<K> {
  const { channels, trees = 50, sample = 256, shingle = 1 } = options
  checkWhole('trees', trees, 1)
  checkWhole('sample', sample, 2)
  checkWhole('shingle', shingle, 1)
  const timeDecay = timeDecayOf(options.timeDecay ?? 1 / (10 * sample))
  const seed = seedOf('randomCutForest', options.seed ?? 0)
  const partsOf = ({ used, floors }: ChannelPlan): ScaledForestParts => {
    checkSize(trees, sample, used.length * shingle)
    const first = Math.max(2, Math.floor(sample / 4))
    return { width: used.length, shingle, first, floors, forest: { trees, sample, timeDecay, seed } }
  }
  const settings = {
    trees: `${trees}`,
    sample: `${sample}`,
    timeDecay: `${timeDecay}`,
    shingle: `${shingle}`,
    seed: `${seed}`
  }
  const common = {
    factory: 'randomCutForest',
    options,
    kind: 'random-cut-forest',
    version: 1,
    channels,
    random: true,
    settings
  }
  if (shingle > 1)
    return sequenceSpec(
      Object.assign(common, {
        model: (plan: ChannelPlan) => new ShingledForestModel(partsOf(plan)),
        restored: (plan: ChannelPlan, reader: SnapshotReader) => new ShingledForestModel(partsOf(plan), reader)
      })
    )
  return scanSpec(
    Object.assign(common, {
      model: (plan: ChannelPlan) => new CutForestModel(partsOf(plan)),
      restored: (plan: ChannelPlan, reader: SnapshotReader) => new CutForestModel(partsOf(plan), reader)
    })
  )
}

function checkWhole(option: string, value: number, least: number): void {
  if (typeof value !== 'number')
    throw new TypeError(`randomCutForest: ${option} must be a number, got ${String(value)}`)
  if (!(Number.isSafeInteger(value) && value >= least))
    throw new RangeError(`randomCutForest: ${option} must be a whole number from ${least}, got ${value}`)
  if (value > MOST_VALUES) checkSize(value, 1, 1)
}

function checkSize(trees: number, sample: number, values: number): void {
  if (trees * sample * values > MOST_VALUES)
    throw new RangeError(
      `randomCutForest: trees times sample times values of a point must not exceed ${MOST_VALUES}, got ${trees} x ${sample} x ${values}`
    )
}

function timeDecayOf(timeDecay: number): number {
  if (typeof timeDecay !== 'number')
    throw new TypeError(`randomCutForest: timeDecay must be a number, got ${String(timeDecay)}`)
  if (timeDecay >= 0 && timeDecay <= 1) return timeDecay
  throw new RangeError(`randomCutForest: timeDecay must be from 0 to 1, got ${timeDecay}`)
}
