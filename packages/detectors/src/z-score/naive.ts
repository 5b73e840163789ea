// The obvious slow version of zScore: what the fast one is tested against.

/** Mean and sample standard deviation of each column of these rows, in two passes. @internal */
export function naiveMoments(rows: readonly (readonly number[])[]): { mean: number; deviation: number }[] {
  return (rows[0] ?? []).map((_, c) => {
    const column = rows.map((row) => row[c]!)
    const mean = column.reduce((sum, x) => sum + x, 0) / column.length
    const squares = column.reduce((sum, x) => sum + (x - mean) * (x - mean), 0)
    return { mean, deviation: Math.sqrt(squares / (column.length - 1)) }
  })
}

/** Score of a row after these rows were learned. @internal */
export function naiveZScore(learned: readonly (readonly number[])[], row: readonly number[], floor: number): number {
  if (learned.length < 2 || !row.every(Number.isFinite)) return Number.NaN
  const moments = naiveMoments(learned)
  return Math.max(...row.map((x, c) => Math.abs(x - moments[c]!.mean) / Math.max(floor, moments[c]!.deviation)))
}
