/** Rows with scores or flags, and whether each is anomalous: any list of numbers. @internal */
export type Numbers = ArrayLike<number>

/** @throws RangeError when the lengths differ @internal */
export function checkLengths(caller: string, rows: Numbers, labels: Numbers, what = 'scores'): void {
  if (rows.length === labels.length) return
  throw new RangeError(
    `${caller}: labels must hold one value for each of the ${rows.length} ${what}, got ${labels.length}`
  )
}

/** How many rows are anomalous. @internal */
export function countAnomalous(labels: Numbers): number {
  let count = 0
  for (let i = 0; i < labels.length; i += 1) if (labels[i]! !== 0) count += 1
  return count
}

/** The scores of one kind of row in ascending order; a row without a score stands below all others. @internal */
export function sortedScores(scores: Numbers, labels: Numbers, anomalous: boolean): Float64Array {
  let count = 0
  const sorted = new Float64Array(scores.length)
  for (let i = 0; i < scores.length; i += 1) {
    if ((labels[i]! !== 0) !== anomalous) continue
    const score = scores[i]!
    sorted[count] = Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score
    count += 1
  }
  return sorted.subarray(0, count).sort()
}
