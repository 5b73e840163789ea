/** A stored row: a counter that the server raises by one every 10 ms. */
export interface CountedRow {
  /** ns since the Unix epoch. */
  readonly time: bigint
  readonly value: number
}

/** A stored hole; `scans` undefined = of unknown size. */
export interface CountedGap {
  readonly before: bigint
  readonly scans: number | undefined
}

/** What became of a counter. */
export interface CountedResult {
  readonly rows: number
  /** Values that were skipped, and for which a hole is declared. */
  readonly declared: number
  /** Values that were skipped, with no hole that says so. */
  readonly undeclared: number
  /** Single values that the server itself did not look at, of those that count as this. */
  readonly unseen: number
  /** Values of one start of the server that are there twice, or in the wrong order. */
  readonly repeated: number
  /** How often the counter began again. */
  readonly restarts: number
  /** Starts of the server that no hole stands before. */
  readonly restartsUndeclared: number
  /** Holes that are declared: of no scans (all was there after all), and of others. */
  readonly holes: { readonly empty: number; readonly others: number }
}

/** @param rows - in order of time @param unseenAtMost - values in a row that a server may not look at */
export function judgeCounted(
  rows: readonly CountedRow[],
  gaps: readonly CountedGap[],
  unseenAtMost: number
): CountedResult {
  const sorted = gaps.toSorted((a, b) => (a.before < b.before ? -1 : 1))
  const result = { declared: 0, undeclared: 0, unseen: 0, repeated: 0, restarts: 0, restartsUndeclared: 0 }
  let g = 0
  for (let i = 1; i < rows.length; i += 1) {
    const [before, row] = [rows[i - 1] as CountedRow, rows[i] as CountedRow]
    let declares = 0
    for (; g < sorted.length && (sorted[g] as CountedGap).before <= row.time; g += 1) {
      const { before: at, scans = Number.POSITIVE_INFINITY } = sorted[g] as CountedGap
      if (at > before.time) declares += scans
    }
    const skipped = row.value - before.value - 1
    if (skipped < 0 && row.value > 50 && row.value > before.value - 50) result.repeated += 1
    else if (skipped < 0) {
      result.restarts += 1
      if (declares === 0) result.restartsUndeclared += 1
    } else if (skipped <= declares) result.declared += skipped
    else if (skipped <= unseenAtMost) result.unseen += skipped
    else result.undeclared += skipped
  }
  const empty = gaps.filter(({ scans }) => scans === 0).length
  return { rows: rows.length, ...result, holes: { empty, others: gaps.length - empty } }
}
