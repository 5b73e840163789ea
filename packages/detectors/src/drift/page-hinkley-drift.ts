import type { Drift, DriftSpec } from '@messwerk/core/model'
import { checkSize } from '../charts/chart-spec.ts'
import { fallenBy, PAGE_HINKLEY_MEMORY, risenBy, stepPageHinkley } from '../charts/page-hinkley-sums.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { type Side, signOf } from '../deviation/side.ts'
import { checkWhole, type DriftModel, driftSpec } from './drift-spec.ts'

/**
 * Options of {@link pageHinkleyDrift}.
 *
 * @example
 * ```ts
 * import type { PageHinkleyDriftOptions } from '@messwerk/detectors'
 *
 * const options: PageHinkleyDriftOptions = { threshold: 20, side: 'high' }
 * options.side // => 'high'
 * ```
 */
export interface PageHinkleyDriftOptions {
  /** Values before the first drift. @defaultValue 30 */
  readonly minScans?: number
  /** What a value may differ from the mean without counting, in its unit. @defaultValue 0.005 */
  readonly delta?: number
  /** Sum of deviations that is a drift, in the unit of the values. @defaultValue 50 */
  readonly threshold?: number
  /** What is left of the sums at each value, above 0 and at most 1. @defaultValue 0.9999 */
  readonly alpha?: number
  /** Which changes count: `high` = rises only, `low` = falls only. @defaultValue 'both' */
  readonly side?: Side
}

/**
 * The Page-Hinkley test on raw values: a drift where the sum of deviations from the running mean has moved away from its extreme by
 * more than the threshold.
 *
 * `delta` and `threshold` are in the unit of the values, so they must be chosen for them; {@link pageHinkley} is the same test as a
 * detector, in standard deviations.
 *
 * - `statistic` is the distance of the sum from its extreme, `limit` the threshold; `before` the mean since it began.
 * - Cost: O(1) a value. Memory O(1).
 *
 * @throws RangeError when an option is out of range
 *
 * @example
 * ```ts
 * import { pageHinkleyDrift } from '@messwerk/detectors'
 *
 * const test = pageHinkleyDrift().create()
 * const values = Array.from({ length: 400 }, (_, i) => (i < 200 ? i % 2 : 4 + (i % 2)))
 * const found = values.findIndex((x) => test.update(x) !== undefined)
 * found // => 212
 * ```
 *
 * Reference: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); decisions equal River 0.26
 */
export function pageHinkleyDrift(options: PageHinkleyDriftOptions = {}): DriftSpec {
  const { minScans = 30, delta = 0.005, threshold = 50, alpha = 0.9999, side = 'both' } = options
  checkWhole('pageHinkleyDrift', 'minScans', minScans, 1)
  checkSize('pageHinkleyDrift', 'delta', delta, true)
  checkSize('pageHinkleyDrift', 'threshold', threshold)
  if (!(alpha > 0 && alpha <= 1))
    throw new RangeError(`pageHinkleyDrift: alpha must be above 0 and at most 1, got ${alpha}`)
  const sign = signOf('pageHinkleyDrift', side)
  const moved = (memory: Float64Array): number => {
    const risen = sign >= 0 ? risenBy(memory, 0) : 0
    return Math.max(risen, sign <= 0 ? fallenBy(memory, 0) : 0)
  }
  const model = (): DriftModel => {
    const memory = new Float64Array(PAGE_HINKLEY_MEMORY)
    const isOver = (): boolean => memory[0]! >= minScans && moved(memory) > threshold
    return {
      update(value: number): Drift | undefined {
        if (isOver()) memory.fill(0)
        stepPageHinkley(memory, 0, value, { delta, alpha })
        return isOver() ? { statistic: moved(memory), limit: threshold, before: memory[1]! } : undefined
      },
      state: () => ({ memory: memory.slice() }),
      restore: (reader: SnapshotReader) => memory.set(reader.floats('memory', PAGE_HINKLEY_MEMORY))
    }
  }
  return driftSpec('page-hinkley-drift', { options: [minScans, delta, threshold, alpha, side].join(', ') }, model)
}
