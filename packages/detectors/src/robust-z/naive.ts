// The obvious slow version of robustZ: what the fast one is tested against.

/** @internal */
export function naiveMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Deviation that scores 1: MAD / 0.6745, or 1.253314 x the mean absolute deviation where the MAD is 0. @internal */
export function naiveDeviation(values: readonly number[]): number {
  const median = naiveMedian(values)
  const mad = naiveMedian(values.map((x) => Math.abs(x - median)))
  if (mad > 0) return mad / 0.6745
  const ascending = values.toSorted((a, b) => a - b)
  return 1.253314 * (ascending.reduce((sum, x) => sum + Math.abs(x - median), 0) / values.length)
}

/** Score of a row after these rows were learned. @internal */
export function naiveRobustZ(learned: readonly (readonly number[])[], row: readonly number[], floor: number): number {
  if (learned.length < 2 || !row.every(Number.isFinite)) return Number.NaN
  return Math.max(
    ...row.map((x, c) => {
      const column = learned.map((its) => its[c]!)
      return Math.abs(x - naiveMedian(column)) / Math.max(floor, naiveDeviation(column))
    })
  )
}
