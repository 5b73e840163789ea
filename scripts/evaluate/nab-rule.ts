/** Scores whose mean is added to each score. */
const MEAN = 10
/** Rows before, which a sum must top to count. */
const REPORT = 200

/**
 * What counts as a report: the score plus the mean of the last 10 scores, so that what lasts counts beside what is high; 0 unless it
 * tops those of the 200 rows before, so that an event is reported once.
 */
export function reports(scores: Float64Array): Float64Array {
  const sums = new Float64Array(scores.length)
  for (let i = 0; i < scores.length; i += 1) {
    const from = Math.max(0, i + 1 - MEAN)
    let sum = 0
    for (let k = from; k <= i; k += 1) sum += scores[k]! || 0
    sums[i] = (scores[i]! || 0) + sum / (i + 1 - from)
  }
  return sums.map((sum, i) => (tops(sums, i) ? sum : 0))
}

function tops(sums: Float64Array, at: number): boolean {
  for (let k = at - 1; k >= Math.max(0, at - REPORT); k -= 1) if (sums[k]! >= sums[at]!) return false
  return true
}
