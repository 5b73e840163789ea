import { LimitWalk, sortedRows } from './limit-walk.ts'

/**
 * What NAB's scorer rewards and punishes.
 *
 * @example
 * ```ts
 * import { nabProfiles, type NabProfile } from '@messwerk/detectors/evaluation'
 *
 * const careful: NabProfile = nabProfiles.lowFalsePositives
 * careful.falsePositive // => 0.22
 * ```
 */
export interface NabProfile {
  readonly truePositive: number
  readonly falseNegative: number
  readonly falsePositive: number
}

/**
 * NAB's three profiles.
 *
 * @example
 * ```ts
 * import { nabProfiles } from '@messwerk/detectors/evaluation'
 *
 * nabProfiles.standard // => { truePositive: 1, falseNegative: 1, falsePositive: 0.11 }
 * ```
 */
export const nabProfiles: Readonly<Record<'standard' | 'lowFalsePositives' | 'lowFalseNegatives', NabProfile>> = {
  standard: { truePositive: 1, falseNegative: 1, falsePositive: 0.11 },
  lowFalsePositives: { truePositive: 1, falseNegative: 1, falsePositive: 0.22 },
  lowFalseNegatives: { truePositive: 1, falseNegative: 2, falsePositive: 0.11 }
}

/**
 * One series of a corpus.
 *
 * @example
 * ```ts
 * import type { NabSeries } from '@messwerk/detectors/evaluation'
 *
 * const series: NabSeries = { scores: [0, 0, 0, 1, 0], windows: [[3, 4]], probation: 0 }
 * series.windows.length // => 1
 * ```
 */
export interface NabSeries {
  /** One a row; NaN is never a detection. */
  readonly scores: ArrayLike<number>
  /** First and last row of each anomaly window, in order, without overlap. */
  readonly windows: readonly (readonly [number, number])[]
  /** Rows at the beginning that are not scored. @defaultValue min(floor(0.15 x rows), 750) */
  readonly probation?: number | undefined
}

/**
 * The result of {@link nabScore}.
 *
 * @example
 * ```ts
 * import { nabScore, type NabResult } from '@messwerk/detectors/evaluation'
 *
 * const result: NabResult = nabScore([{ scores: [0, 0, 1, 0], windows: [[2, 3]], probation: 0 }])
 * result.limit // => 1
 * ```
 */
export interface NabResult {
  /** 100 is perfect, 0 is no detection at all; may be below. NaN without windows. */
  readonly score: number
  /** The limit that was given, or else the best one for all series together; Infinity where no detection is best. */
  readonly limit: number
  /** Before scaling: rewards less punishments. */
  readonly raw: number
}

/**
 * The score of the Numenta Anomaly Benchmark, version 1.1.
 *
 * One limit for all series: rows at or above it are detections. In a window only the best-placed (earliest) detection counts, worth
 * 1 at its left end falling along a sigmoid towards 0 at its right end; a window without one costs `falseNegative`; each detection
 * outside costs up to `falsePositive`, less the closer it is behind a window. The first rows of each series are not scored. 100 x
 * (raw - none) / (perfect - none), where none is a detector that never speaks.
 *
 * @param options - `profile`, and `limit` to score at a limit of your own instead of the one that is best in hindsight
 * @throws RangeError when a window does not lie in its series
 *
 * @example
 * ```ts
 * import { nabScore } from '@messwerk/detectors/evaluation'
 *
 * const windows = [[10, 19]] as const
 * const spike = Float64Array.from({ length: 40 }, (_, i) => (i === 10 ? 1 : 0))
 * nabScore([{ scores: spike, windows, probation: 0 }]).score // => 100
 * nabScore([{ scores: new Float64Array(40), windows, probation: 0 }]).score // => 0
 * ```
 *
 * Reference: A. Lavin, S. Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark", ICMLA 2015;
 * github.com/numenta/NAB
 */
export function nabScore(
  series: readonly NabSeries[],
  options: { readonly profile?: NabProfile | undefined; readonly limit?: number | undefined } = {}
): NabResult {
  const { profile = nabProfiles.standard, limit } = options
  const windows = series.reduce((sum, one) => sum + one.windows.length, 0)
  const none = 0 - profile.falseNegative * windows
  const { raw, limit: at } = limit === undefined ? best(series, profile, none) : atLimit(series, profile, none, limit)
  return { score: (100 * (raw - none)) / (profile.truePositive * windows - none), limit: at, raw }
}

interface Raw {
  readonly raw: number
  readonly limit: number
}

/** Walks the limit down; the first of equal totals wins, so that the highest limit does. */
function best(series: readonly NabSeries[], profile: NabProfile, none: number): Raw {
  const walk = new LimitWalk(sortedRows(series, profile), profile, none)
  let found: Raw = { raw: none, limit: Number.POSITIVE_INFINITY }
  for (let limit = walk.next(); limit !== undefined; limit = walk.next()) {
    if (walk.raw > found.raw) found = { raw: walk.raw, limit }
  }
  return found
}

function atLimit(series: readonly NabSeries[], profile: NabProfile, none: number, limit: number): Raw {
  const rows = sortedRows(series, profile)
  const end = rows.scores.findIndex((score) => score < limit)
  const count = end < 0 ? rows.scores.length : end
  const taken = { scores: rows.scores.fill(limit, 0, count), weights: rows.weights, windows: rows.windows }
  const walk = new LimitWalk(taken, profile, none)
  if (count > 0) walk.next()
  return { raw: walk.raw, limit }
}
