type Rows = readonly (readonly number[])[]

/** Distance of the k-th nearest in sample standard deviations, at least `floor`: everything compared with everything. */
export function naiveNeighbour(learned: Rows, row: readonly number[], k: number, floor: number): number {
  const deviations = row.map((_, u) => {
    const column = learned.map((one) => one[u]!)
    const mean = column.reduce((sum, x) => sum + x, 0) / column.length
    return Math.max(floor, Math.sqrt(column.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / (column.length - 1)))
  })
  const distances = learned.map((one) => Math.hypot(...one.map((x, u) => (row[u]! - x) / deviations[u]!)))
  return distances.sort((a, b) => a - b)[k - 1]!
}
