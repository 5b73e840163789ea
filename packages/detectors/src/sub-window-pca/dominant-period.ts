/** Shortest and longest period looked for, in scans. */
const SHORTEST = 3
const LONGEST = 300
/** Where there is no period. */
const NONE = 125
/** Scans that are enough to see one. */
const SCANS = 20_000

/**
 * The lag at which the channels look most like themselves: the highest local maximum of their mean autocorrelation between 3 and 300
 * scans; 125 where there is none. Never more than a quarter of the scans.
 *
 * @param columns - of equal length
 * @internal
 *
 * Reference: Q. Liu, J. Paparrizos, "The Elephant in the Room: Towards A Reliable Time-Series Anomaly Detection Benchmark",
 * NeurIPS 2024, which takes its window from the autocorrelation in the same way
 */
export function dominantPeriod(columns: readonly Float64Array[]): number {
  const length = Math.min(columns[0]!.length, SCANS)
  const longest = Math.min(LONGEST, Math.floor(length / 4))
  const mean = new Float64Array(longest + 2)
  for (const column of columns) addAutocorrelation(column.subarray(0, length), mean)
  let [best, period] = [Number.NEGATIVE_INFINITY, Math.min(NONE, longest)]
  for (let lag = SHORTEST; lag <= longest; lag += 1) {
    if (!(mean[lag]! > mean[lag - 1]! && mean[lag]! > mean[lag + 1]!) || mean[lag]! <= best) continue
    best = mean[lag]!
    period = lag
  }
  return Math.max(SHORTEST, period)
}

function addAutocorrelation(column: Float64Array, to: Float64Array): void {
  const mean = column.reduce((sum, x) => sum + x, 0) / column.length
  const away = column.map((x) => x - mean)
  const variance = away.reduce((sum, x) => sum + x * x, 0)
  if (!(variance > 0 && variance < Number.POSITIVE_INFINITY)) return
  for (let lag = 0; lag < to.length; lag += 1) {
    let sum = 0
    for (let i = lag; i < away.length; i += 1) sum += away[i]! * away[i - lag]!
    to[lag] = to[lag]! + sum / variance
  }
}
