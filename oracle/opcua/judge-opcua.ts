/** A stored row: a counter that the server raises by one every 10 ms. */
export interface CountedRow {
  /** ns since the Unix epoch. */
  readonly time: bigint
  readonly value: number
  /** Whether it came from the server's history. */
  readonly historical?: boolean | undefined
}

/** A stored hole; `scans` undefined = of unknown size. */
export interface CountedGap {
  readonly before: bigint
  readonly scans: number | undefined
}

/** What the oracle knows of a trial. */
export interface CountedTruth {
  /** How many values the server itself looked at between two; undefined: it does not know. Without it, it looks at all. */
  readonly seen?: ((before: CountedRow, row: CountedRow) => number | undefined) | undefined
  /** Faults after which the server still has everything, in its queues or its history; ns since the Unix epoch. */
  readonly kept?: readonly { readonly from: bigint; readonly to: bigint }[] | undefined
}

/** What became of a counter. */
export interface CountedResult {
  readonly rows: number
  /** Of these, from the server's history. */
  readonly historical: number
  /** Values that were skipped, and for which a hole is declared. */
  readonly declared: number
  /** Values that were skipped, with no hole that says so. */
  readonly undeclared: number
  /** Values that are missing, declared or not, where the server still had them. */
  readonly unfilled: number
  /** Values that the server itself did not look at. */
  readonly unseen: number
  /** Values of one start of the server that are there twice, or in the wrong order. */
  readonly repeated: number
  /** How often the counter began again. */
  readonly restarts: number
  /** Starts of the server that no hole stands before. */
  readonly restartsUndeclared: number
  /** Holes that are declared: of no scans (all was there after all), of others, and of those with nothing missing. */
  readonly holes: { readonly empty: number; readonly others: number; readonly needless: number }
}

/** @param rows - in order of time */
export function judgeCounted(
  rows: readonly CountedRow[],
  gaps: readonly CountedGap[],
  truth: CountedTruth = {}
): CountedResult {
  const result = { declared: 0, undeclared: 0, unfilled: 0, unseen: 0, repeated: 0, restarts: 0, restartsUndeclared: 0 }
  const declares = declaredBetween(gaps)
  let needless = 0
  for (let i = 1; i < rows.length; i += 1) {
    const [before, row] = [rows[i - 1] as CountedRow, rows[i] as CountedRow]
    const declared = declares(before, row)
    const skipped = row.value - before.value - 1
    if (skipped < 0 && row.value > 50 && row.value > before.value - 50) result.repeated += 1
    else if (skipped < 0) {
      result.restarts += 1
      if (declared === 0) result.restartsUndeclared += 1
    } else {
      const missing = skipped === 0 ? 0 : (truth.seen?.(before, row) ?? skipped)
      result.unseen += skipped - missing
      if (missing <= declared) result.declared += missing
      else result.undeclared += missing
      if (missing === 0 && declared > 0) needless += 1
      if (truth.kept?.some(({ from, to }) => before.time <= to && row.time >= from)) result.unfilled += missing
    }
  }
  const empty = gaps.filter(({ scans }) => scans === 0).length
  const historical = rows.filter((row) => row.historical === true).length
  return { rows: rows.length, historical, ...result, holes: { empty, others: gaps.length - empty, needless } }
}

/** How many scans are declared to be missing between two rows, asked for in order. */
function declaredBetween(gaps: readonly CountedGap[]): (before: CountedRow, row: CountedRow) => number {
  const sorted = gaps.toSorted((a, b) => (a.before < b.before ? -1 : 1))
  let g = 0
  return (before, row) => {
    let declared = 0
    for (; g < sorted.length && (sorted[g] as CountedGap).before <= row.time; g += 1) {
      const { before: at, scans = Number.POSITIVE_INFINITY } = sorted[g] as CountedGap
      if (at > before.time) declared += scans
    }
    return declared
  }
}
