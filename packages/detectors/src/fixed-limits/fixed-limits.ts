import type { DetectorSpec } from '@messwerk/core/model'
import { scanSpec } from '../detector/detector-spec.ts'
import { type Bounds, BoundsModel } from '../deviation/bounds-model.ts'

/**
 * Limits of one channel for {@link fixedLimits}, in its unit. One of `low` and `high` may be left out; then `normal` is needed.
 *
 * @example
 * ```ts
 * import type { FixedLimit } from '@messwerk/detectors'
 *
 * const pressure: FixedLimit = { low: 2, high: 6 }
 * const temperature: FixedLimit = { high: 80, normal: 45 }
 * temperature.high // => 80
 * ```
 */
export interface FixedLimit {
  /** Lower limit: score 1. @defaultValue none */
  readonly low?: number
  /** Upper limit: score 1. @defaultValue none */
  readonly high?: number
  /** Where the score is 0. @defaultValue halfway between `low` and `high` */
  readonly normal?: number
}

/**
 * Scores a scan by limits that are known: 0 at the normal value, 1 at a limit, 2 twice as far from normal.
 *
 * It learns nothing and is ready at once: `detect(fixedLimits({ .. }), { learn: 'never', threshold: { raise: 1 } })`. For one limit
 * without a score, the operator `threshold` does.
 *
 * - Input: `Samples` of all channels given to `create`, by position; used are those with limits. A scan with a value that is not
 *   finite in one of them scores NaN.
 * - Output: the largest of (x - normal) / (high - normal) and (normal - x) / (normal - low) over the channels, 0 or more. On a side
 *   without a limit a channel scores 0. Shares are in proportion to the squares of what the channels score. The band at a limit of 1
 *   is low..high.
 * - Cost: O(channels) a scan. Memory O(channels).
 *
 * @param limits - by channel
 * @throws RangeError, TypeError when limits are wrong; `create` throws RangeError when a channel is missing
 * @see {@link quantileBounds} to learn them
 *
 * @example
 * ```ts
 * import { fixedLimits, samples } from '@messwerk/detectors'
 *
 * const spec = fixedLimits({ pressure: { low: 2, high: 6 }, oil: { high: 80, normal: 40 } })
 * const detector = spec.create([{ name: 'pressure', unit: 'bar' }, { name: 'oil', unit: 'Cel' }])
 * detector.score(samples({ pressure: [4, 5, 4], oil: [20, 60, 100] })) // => Float64Array.of(0, 0.5, 1.5)
 * ```
 */
export function fixedLimits<const K extends string>(limits: Readonly<Record<K, FixedLimit>>): DetectorSpec<K> {
  if (typeof limits !== 'object' || limits === null)
    throw new TypeError(`fixedLimits: limits must be given by channel, got ${String(limits)}`)
  const channels = Object.keys(limits) as K[]
  const parsed = new Map<string, Ends>(channels.map((name) => [name, endsOf(name, limits[name])]))
  const bounds = (names: readonly string[], used: Int32Array): Bounds => {
    const ends = Array.from(used, (c) => parsed.get(names[c]!)!)
    return {
      ready: true,
      low: Float64Array.from(ends, ({ low }) => low),
      middle: Float64Array.from(ends, ({ normal }) => normal),
      high: Float64Array.from(ends, ({ high }) => high),
      fit() {},
      learn() {},
      refresh() {},
      state: () => ({})
    }
  }
  const model = ({ names, used }: { names: readonly string[]; used: Int32Array }): BoundsModel =>
    new BoundsModel(bounds(names, used), new Float64Array(used.length), 0)
  return scanSpec({
    factory: 'fixedLimits',
    options: limits,
    kind: 'fixed-limits',
    version: 1,
    channels,
    model,
    restored: model
  })
}

interface Ends {
  readonly low: number
  readonly normal: number
  readonly high: number
}

function endsOf(name: string, limit: FixedLimit): Ends {
  if (typeof limit !== 'object' || limit === null)
    throw new TypeError(`fixedLimits: limits of '${name}' must be such as { low: 2, high: 6 }, got ${String(limit)}`)
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = limit
  const normal = limit.normal ?? low + (high - low) / 2
  const given = `got ${JSON.stringify(limit)}`
  for (const [option, value] of Object.entries(limit))
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new RangeError(`fixedLimits: ${option} of '${name}' must be a finite number, got ${String(value)}`)
  if (limit.low === undefined && limit.high === undefined)
    throw new RangeError(`fixedLimits: '${name}' must have low or high, ${given}`)
  if (!Number.isFinite(normal))
    throw new RangeError(`fixedLimits: '${name}' must have normal, as it has one limit only, ${given}`)
  if (low < normal && normal < high) return { low, normal, high }
  throw new RangeError(`fixedLimits: '${name}' must have low < normal < high, ${given}`)
}
