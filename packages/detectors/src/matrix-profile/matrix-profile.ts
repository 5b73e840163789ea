import type { DetectorSpec } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { sequenceSpec } from '../detector/detector-spec.ts'
import { MatrixProfileModel } from './matrix-profile-model.ts'

/**
 * Options of {@link matrixProfile}.
 *
 * @example
 * ```ts
 * import type { MatrixProfileOptions } from '@messwerk/detectors'
 *
 * const options: MatrixProfileOptions = { window: { scans: 128 }, history: { scans: 10_000 } }
 * options.window // => { scans: 128 }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface MatrixProfileOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Scans of a subsequence, 4..4096: about one stroke, cycle or pattern.
   *
   * @defaultValue `{ scans: 64 }`
   */
  readonly window?: { readonly scans: number }
  /**
   * Scans kept to compare with: at least four windows, at most a million.
   *
   * @defaultValue `{ scans: 4096 }`, or four windows where that is more
   */
  readonly history?: { readonly scans: number }
  /**
   * Deviation below which a subsequence is constant, in the unit of the signal: one for all channels, or by channel.
   *
   * @defaultValue the `resolution` of the channel where it is known, else 1e-7
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
}

/**
 * Scores the last stretch of the signal by its distance from the most similar earlier one: the left matrix profile, as it comes.
 *
 * For patterns that should have come before: strokes, start-ups, daily loads. It needs no clean learning part, only that what is normal comes
 * more than once. Shape counts, not level or height: use {@link subWindowPca} or {@link zScore} beside it for those. A fault that
 * comes twice has the first as its neighbour.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A subsequence with a value that is not finite scores NaN and is not
 *   compared with, as one with a gap in it.
 * - Output: Euclidean distance of the z-normalised subsequence from the nearest learned one that begins more than window / 4 scans before,
 *   averaged over the channels, each with a neighbour of its own: 0..2 sqrt(window), higher is more anomalous. It looks back only. NaN while there
 *   is none to compare with.
 * - Shares: the part of each channel in that mean; exact.
 * - Constant subsequences (deviation below `minDeviation`): 0 from one another, sqrt(window) from any other.
 * - Learning: `fit` keeps the last scans; `process` compares, then keeps each scan. A subsequence with a scan that was refused is not compared
 *   with.
 * - Cost: O(history) a channel and scan. Memory O(history) a channel.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing
 * @see {@link subWindowPca} where there is a clean part to learn from, at a small part of the cost
 *
 * @example
 * ```ts
 * import { matrixProfile, samples } from '@messwerk/detectors'
 *
 * const strokes = Array.from({ length: 600 }, (_, i) => Math.sin(i / 4) + 0.01 * Math.cos(i * i))
 * strokes.fill(0.5, 400, 410)
 * const detector = matrixProfile({ window: { scans: 25 } }).create([{ name: 'force', unit: 'N' }])
 * const scores = detector.process(samples({ force: strokes }))
 * scores[399]! < 0.2 // => true
 * scores[415]! > 2 // => true
 * ```
 *
 * Reference: C.-C. M. Yeh et al., "Matrix Profile I: All pairs similarity joins for time series", ICDM 2016; S. M. Law, "STUMPY: a powerful and
 * scalable Python library for time series data mining", JOSS 4 (2019), `stumpi`
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function matrixProfile<const K extends string = any>(options: MatrixProfileOptions<K> = {}): DetectorSpec<K> {
  const { channels, minDeviation } = options
  const window = scansOf('window', options.window ?? { scans: 64 }, 4, 4096)
  const history = scansOf('history', options.history ?? { scans: Math.max(4096, 4 * window) }, 4 * window, 1_000_000)
  const sizes = { window, history }
  return sequenceSpec({
    factory: 'matrixProfile',
    options,
    kind: 'matrix-profile',
    version: 1,
    channels,
    minDeviation,
    settings: { window: `${window} scans`, history: `${history} scans` },
    model: ({ floors }) => new MatrixProfileModel(sizes, floors),
    restored: ({ floors }, reader) => new MatrixProfileModel(sizes, floors, reader)
  })
}

function scansOf(option: string, span: { readonly scans: number }, least: number, most: number): number {
  const { scans } = Object(span) as { scans?: unknown }
  if (typeof scans !== 'number')
    throw new TypeError(`matrixProfile: ${option} must be a number of scans such as { scans: 64 }, got ${String(span)}`)
  if (Number.isInteger(scans) && scans >= least && scans <= most) return scans
  throw new RangeError(`matrixProfile: ${option} must hold ${least} to ${most} scans, got { scans: ${scans} }`)
}
