import type { DriftSpec } from '@messwerk/core/model'
import { AdwinWindow } from './adwin-window.ts'
import { checkPart, checkWhole, driftSpec } from './drift-spec.ts'

/**
 * Options of {@link adwin}.
 *
 * @example
 * ```ts
 * import type { AdwinOptions } from '@messwerk/detectors'
 *
 * const options: AdwinOptions = { delta: 0.0001, every: 1 }
 * options.every // => 1
 * ```
 */
export interface AdwinOptions {
  /** Probability of a false drift at a test, between 0 and 1. @defaultValue 0.002 */
  readonly delta?: number
  /** Values from one test to the next. @defaultValue 32 */
  readonly every?: number
  /** Buckets of each size; more place the cut more precisely. @defaultValue 5 */
  readonly maxBuckets?: number
  /** Least values on either side of a cut. @defaultValue 5 */
  readonly minLength?: number
  /** Values before the first test. @defaultValue 10 */
  readonly grace?: number
}

/**
 * ADWIN: keeps a window as long as its values agree, and reports a drift where the means of an older and a newer part differ by more
 * than chance.
 *
 * The bound holds for independent values in 0..1 and is used for others with their variance, as usual. Values that follow each other
 * closely drift for it all the time: give it means over windows, or take {@link ksDrift}, which allows for that.
 *
 * - `statistic` is the difference of the means, `limit` the bound, both in the unit of the values.
 * - Cost: O(1) a value on average, O(log n) a test. Memory O(log n) of the values n in the window.
 *
 * @throws RangeError when an option is out of range
 *
 * @example
 * ```ts
 * import { adwin } from '@messwerk/detectors'
 *
 * const test = adwin().create()
 * const values = Array.from({ length: 400 }, (_, i) => (i < 200 ? i % 2 : 4 + (i % 2)))
 * const found = values.findIndex((x) => test.update(x) !== undefined)
 * found // => 223
 * ```
 *
 * Reference: A. Bifet, R. Gavaldà, "Learning from time-changing data with adaptive windowing", SIAM SDM 2007 (ADWIN2); decisions equal
 * River 0.26
 */
export function adwin(options: AdwinOptions = {}): DriftSpec {
  const { delta = 0.002, every = 32, maxBuckets = 5, minLength = 5, grace = 10 } = options
  checkPart('adwin', 'delta', delta)
  checkWhole('adwin', 'every', every, 1)
  checkWhole('adwin', 'maxBuckets', maxBuckets, 2)
  checkWhole('adwin', 'minLength', minLength, 1)
  checkWhole('adwin', 'grace', grace, 0)
  const rules = { delta, every, maxBuckets, minLength, grace }
  return driftSpec('adwin', { options: Object.values(rules).join(', ') }, () => new AdwinWindow(rules))
}
