/**
 * How many independent values these are worth: n / (1 + 2 sum of autocorrelations), at most n.
 *
 * The sum stops where two neighbouring autocorrelations together are no longer positive, or at a third of the values.
 *
 * @internal
 *
 * Reference: C. J. Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7 (1992), initial positive sequence
 */
export function effectiveSize(values: Float64Array): number {
  const { length } = values
  let mean = 0
  for (let i = 0; i < length; i += 1) mean += values[i]! / length
  const variance = productSum(values, mean, 0)
  // Flat, but for rounding.
  if (!(variance > 1e-24 * mean * mean * length)) return length
  let time = 1
  for (let lag = 1; lag + 1 < length / 3; lag += 2) {
    const pair = (productSum(values, mean, lag) + productSum(values, mean, lag + 1)) / variance
    if (!(pair > 0)) break
    time += 2 * pair
  }
  return Math.min(length, length / time)
}

function productSum(values: Float64Array, mean: number, lag: number): number {
  let sum = 0
  for (let i = lag; i < values.length; i += 1) sum += (values[i]! - mean) * (values[i - lag]! - mean)
  return sum
}
