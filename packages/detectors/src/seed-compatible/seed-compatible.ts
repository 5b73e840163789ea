import type { DetectorSpec } from '@messwerk/core/model'
import { scanSpec } from '../detector/detector-spec.ts'
import { SeedModel } from './seed-model.ts'

/**
 * Options of {@link seedCompatible}.
 *
 * @example
 * ```ts
 * import { type SeedCompatibleOptions, seedCompatible } from '@messwerk/detectors'
 *
 * const options: SeedCompatibleOptions = { window: 25, limit: 2.5 }
 * seedCompatible(options)[0].kind // => 'seed-compatible'
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface SeedCompatibleOptions<K extends string = any> {
  /**
   * Channels to use. The rule is for one; of several the largest |z| counts.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /** Scans in the baseline, at least 2: `50` or `{ scans: 50 }`. @defaultValue 50 */
  readonly window?: number | { readonly scans: number }
  /** |z| above it is an anomaly. @defaultValue 3 */
  readonly limit?: number
}

/**
 * What `detect` takes: a detector and how to learn and decide.
 *
 * @example
 * ```ts
 * import { type DetectPreset, seedCompatible } from '@messwerk/detectors'
 *
 * const [spec, options]: DetectPreset = seedCompatible()
 * spec.kind // => 'seed-compatible'
 * options.learn // => 'always'
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export type DetectPreset<K extends string = any> = readonly [
  spec: DetectorSpec<K>,
  options: { readonly learn: 'always'; readonly threshold: { readonly raise: number } }
]

/**
 * A preset of `detect` that gives the numbers of the moving z-score that many small scripts have, to the digit; for comparing with
 * old results. Where there are none, begin with {@link robustZ} or {@link zScore}.
 *
 * 1. The first `window` values fill the baseline; they have no score.
 * 2. m = |mean| and s = sample standard deviation of the baseline; s = 0 becomes 0.001.
 * 3. z = (|x| - m) / s, rounded to 3 places. The score is |z|.
 * 4. |z| > `limit` is an anomaly, and the baseline stays as it is. Otherwise the oldest value leaves it and x comes in.
 * 5. The ratio of anomalies in the last `window` scans with a score: `raisedRatio({ window: { scans } })` behind it adds it.
 *
 * - Sums are made from the oldest to the newest value in two passes, so that not even rounding differs. NaN and infinities have no
 *   score and are not learned.
 * - Because of |x| a signal that changes its sign at the same size goes unseen, and because of 4. a lasting change of level is an
 *   anomaly for ever.
 * - Cost: O(window x channels) a scan while it learns. Memory O(window x channels).
 *
 * @returns the two arguments of `detect`: `detect(...seedCompatible())`. The threshold raises at the next number above `limit`
 * @throws RangeError when an option is out of range
 *
 * @example
 * ```ts
 * import { detect } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { seedCompatible } from '@messwerk/detectors'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 'pump-1', channels: { level: 'mm' }, rate: 1 }, { level: [10, 12, 11, 11, 17, 12] })
 * const watched = of(block).pipe(detect(...seedCompatible({ window: 3, limit: 2 })))
 * const result = await lastValueFrom(watched)
 * column(result, 'score') // => Float64Array.of(NaN, NaN, NaN, 0, 9.815, 1.155)
 * column(result, 'score.flag') // => Float64Array.of(0, 0, 0, 0, 2, 0)
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function seedCompatible<const K extends string = any>(options: SeedCompatibleOptions<K> = {}): DetectPreset<K> {
  const { channels, window = 50, limit = 3 } = options
  const scans = typeof window === 'object' && window !== null ? window.scans : window
  if (!(Number.isSafeInteger(scans) && scans >= 2))
    throw new RangeError(`seedCompatible: window must be a whole number of scans from 2, got ${String(scans)}`)
  if (!(typeof limit === 'number' && limit >= 0 && limit < Number.POSITIVE_INFINITY))
    throw new RangeError(`seedCompatible: limit must be finite and at least 0, got ${String(limit)}`)
  const spec = scanSpec<K>({
    factory: 'seedCompatible',
    options,
    kind: 'seed-compatible',
    version: 1,
    channels,
    settings: { window: `${scans} scans` },
    model: ({ used }) => new SeedModel(used.length, scans),
    restored: ({ used }, reader) => SeedModel.restored(reader, used.length, scans)
  })
  return [
    spec,
    { learn: 'always', threshold: { raise: limit === 0 ? Number.MIN_VALUE : limit * (1 + Number.EPSILON) } }
  ]
}
