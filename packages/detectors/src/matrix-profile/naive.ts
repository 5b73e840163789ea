/**
 * For each value the distance of the subsequence that ends there from the nearest earlier one, everything compared with everything; NaN
 * where there is none or a value is not finite. Those are compared with of which all scans were learned.
 */
export function naiveLeftProfile(
  values: readonly number[],
  window: number,
  isLearned: (at: number) => boolean = () => true
): number[] {
  const wholly = (end: number): boolean =>
    values.slice(end - window + 1, end + 1).every((_, k) => isLearned(end - window + 1 + k))
  const subsequences = values.map((_, end) =>
    end < window - 1 ? undefined : normalised(values.slice(end - window + 1, end + 1))
  )
  const exclusion = Math.ceil(window / 4)
  return subsequences.map((own, end) => {
    let least = Number.POSITIVE_INFINITY
    for (let other = window - 1; other < end - exclusion; other += 1)
      if (wholly(other)) least = Math.min(least, distance(own, subsequences[other], window))
    return least < Number.POSITIVE_INFINITY ? least : Number.NaN
  })
}

function distance(a: readonly number[] | undefined, b: readonly number[] | undefined, window: number): number {
  if (a === undefined || b === undefined) return Number.POSITIVE_INFINITY
  if (a.length === 0 && b.length === 0) return 0
  if (a.length === 0 || b.length === 0) return Math.sqrt(window)
  return Math.hypot(...a.map((x, i) => x - b[i]!))
}

/** Undefined where a value is not finite, nothing where it is constant. */
function normalised(values: readonly number[]): number[] | undefined {
  if (!values.every(Number.isFinite)) return undefined
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / values.length)
  return deviation < 1e-7 ? [] : values.map((x) => (x - mean) / deviation)
}
