/**
 * The level that `target` of these peaks reach, by a tail fitted to them: exponential, or generalised Pareto (probability-weighted
 * moments, Hosking and Wallis 1987) with a shape in 0..0.5.
 *
 * @param peaks - descending, at least one
 *
 * @internal
 */
export function tailQuantile(peaks: readonly number[], target: number, isPareto: boolean): number {
  const m = peaks.length
  const from = peaks[m - 1]!
  let [mean, weighted] = [0, 0]
  peaks.forEach((peak, i) => {
    mean += (peak - from) / m
    weighted += (((i + 0.35) / m) * (peak - from)) / m
  })
  const ratio = Math.log(m / target)
  if (!isPareto) return from + ((m * mean) / Math.max(1, m - 1)) * ratio
  const difference = mean - 2 * weighted
  const shape = difference > 0 ? Math.min(0.5, Math.max(0, 2 - mean / difference)) : 0.5
  const scale = mean * (1 - shape)
  return from + (shape < 1e-6 ? scale * ratio : (scale / shape) * Math.expm1(shape * ratio))
}
