/** How many scores apart two are before they resemble each other by less than 0.2 (autocorrelation); at most `longest`. @internal */
export function correlationLength(scores: Float64Array, longest: number): number {
  const n = scores.length
  let mean = 0
  for (let i = 0; i < n; i += 1) mean += scores[i]! / n
  const at0 = lagged(scores, mean, 0)
  for (let lag = 1; lag < Math.min(longest, n); lag += 1) {
    if (!(lagged(scores, mean, lag) >= 0.2 * at0)) return lag
  }
  return longest
}

function lagged(scores: Float64Array, mean: number, lag: number): number {
  let sum = 0
  for (let i = lag; i < scores.length; i += 1) sum += (scores[i]! - mean) * (scores[i - lag]! - mean)
  return sum
}
