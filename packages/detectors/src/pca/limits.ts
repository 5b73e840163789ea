import type { Detector } from '@messwerk/core/model'
import { SnapshotReader } from '../detector/snapshot-reader.ts'
import { fQuantile, normalQuantile } from '../statistics/quantiles.ts'

/**
 * The score of {@link t2} that a given share of normal scans is above (Hotelling's limit).
 *
 * Holds for scans that are normally distributed and do not depend on one another. Slow signals and heavy tails go above it more often: count
 * on a calibration part.
 *
 * - Input: a detector of `t2`, after it has learned; the share, above 0 and below 1.
 * - Output: a (n - 1)(n + 1) / (n (n - a)) times the quantile of F(a, n - a), for a components learned from n scans; NaN while
 *   not ready. Flat channels are left out.
 *
 * @throws RangeError when the share is out of range
 * @throws SnapshotIncompatibleError when the detector is none of `t2`
 *
 * @example
 * ```ts
 * import { samples, t2, t2Limit } from '@messwerk/detectors'
 *
 * const detector = t2().create([{ name: 'a', unit: 'V' }])
 * detector.fit(samples({ a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }))
 * t2Limit(detector, 0.05) // => 5.629…
 * ```
 *
 * Reference: J. E. Jackson, "A User's Guide to Principal Components", Wiley 1991, section 1.7
 */
export function t2Limit(detector: Detector, share: number): number {
  checkShare('t2Limit', share)
  const learned = new SnapshotReader(detector.snapshot(), 't2', 1)
  const [n, a] = [learned.whole('scans'), learned.whole('to')]
  if (n === 0 || a === 0) return Number.NaN
  return ((a * (n - 1) * (n + 1)) / (n * (n - a))) * fQuantile(share, a, n - a)
}

/**
 * The score of {@link spe} that a given share of normal scans is above (limit of Jackson and Mudholkar).
 *
 * Holds for scans that are normally distributed, do not depend on one another, and are many more than the channels. Slow signals and heavy tails go
 * above it more often: count on a calibration part.
 *
 * - Input: a detector of `spe`, after it has learned; the share, above 0 and below 1.
 * - Output: th1 (c h0 sqrt(2 th2) / th1 + 1 + th2 h0 (h0 - 1) / th1²)^(1 / h0) with th_i the sum of the i-th powers of the eigenvalues left
 *   over, h0 = 1 - 2 th1 th3 / (3 th2²) and c the normal quantile, in the sign of h0; NaN while not ready. Flat channels are left out.
 *
 * @throws RangeError when the share is out of range
 * @throws SnapshotIncompatibleError when the detector is none of `spe`
 *
 * @example
 * ```ts
 * import { samples, spe, speLimit } from '@messwerk/detectors'
 *
 * const detector = spe({ components: 1 }).create([{ name: 'a', unit: 'V' }, { name: 'b', unit: 'V' }])
 * detector.fit(samples({ a: [1, 2, 3, 4, 5, 6], b: [1.2, 1.9, 3.1, 4.2, 4.8, 6.1] }))
 * speLimit(detector, 0.01) // => 0.0249…
 * ```
 *
 * Reference: J. E. Jackson, G. S. Mudholkar, "Control procedures for residuals associated with principal component analysis",
 * Technometrics 21 (1979)
 */
export function speLimit(detector: Detector, share: number): number {
  checkShare('speLimit', share)
  const learned = new SnapshotReader(detector.snapshot(), 'spe', 1)
  if (learned.whole('scans') === 0) return Number.NaN
  const left = learned.floats('eigenvalues').subarray(learned.whole('from'))
  const largest = left[0] ?? 0
  return largest > 0
    ? largest *
        residualLimit(
          left.map((x) => x / largest),
          normalQuantile(share)
        )
    : 0
}

function residualLimit(left: Float64Array, quantile: number): number {
  const power = (raised: (x: number) => number): number => left.reduce((sum, x) => sum + raised(x), 0)
  const [th1, th2, th3] = [power((x) => x), power((x) => x * x), power((x) => x * x * x)]
  const h0 = 1 - (2 * th1 * th3) / (3 * th2 * th2)
  const c = h0 < 0 ? -quantile : quantile
  const inner = (c * h0 * Math.sqrt(2 * th2)) / th1 + 1 + (th2 * h0 * (h0 - 1)) / (th1 * th1)
  return inner > 0 ? th1 * Math.exp(Math.log(inner) / h0) : 0
}

function checkShare(factory: string, share: number): void {
  if (!(share > 0 && share < 1))
    throw new RangeError(`${factory}: share must be above 0 and below 1, got ${String(share)}`)
}
