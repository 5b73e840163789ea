/** Windows of a column. */
const windowsOf = (column: readonly number[], window: number): number[][] =>
  Array.from({ length: column.length - window + 1 }, (_, t) => column.slice(t, t + window))

/** Squared distance of a window from the line of the first component, found by powers of the covariance; no eigenvalues. */
export function naiveErrorOfOne(learned: readonly number[], tested: readonly number[]): number {
  const window = tested.length
  const windows = windowsOf(learned, window)
  const mean = tested.map((_, i) => windows.reduce((sum, one) => sum + one[i]!, 0) / windows.length)
  const away = windows.map((one) => one.map((x, i) => x - mean[i]!))
  let first = mean.map((_, i) => 1 + 0.01 * i)
  for (let k = 0; k < 3000; k += 1) {
    const along = away.map((one) => one.reduce((sum, x, i) => sum + x * first[i]!, 0))
    const next = first.map((_, i) => away.reduce((sum, one, t) => sum + one[i]! * along[t]!, 0))
    const length = Math.hypot(...next)
    first = next.map((x) => x / length)
  }
  const errorOf = (one: readonly number[]): number => {
    const along = one.reduce((sum, x, i) => sum + x * first[i]!, 0)
    return one.reduce((sum, x, i) => sum + (x - along * first[i]!) * (x - along * first[i]!), 0)
  }
  const usual = away.reduce((sum, one) => sum + errorOf(one), 0) / (windows.length - 1)
  return errorOf(tested.map((x, i) => x - mean[i]!)) / usual
}
