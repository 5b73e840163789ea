/** What a window of a vibration says: level, size, shape and how fast it changes. */
export const shapeNames = ['mean', 'deviation', 'skewness', 'kurtosis', 'peak', 'crest', 'slope'] as const

/** Mean, standard deviation, skewness, kurtosis, largest deviation, that over the deviation, rms of the differences over it. */
export function shapeOf(window: Float64Array): number[] {
  const n = window.length
  let mean = 0
  for (const x of window) mean += x / n
  let [second, third, fourth, peak, slope] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i += 1) {
    const d = window[i]! - mean
    second += (d * d) / n
    third += (d * d * d) / n
    fourth += (d * d * d * d) / n
    peak = Math.max(peak, Math.abs(d))
    if (i > 0) slope += (window[i]! - window[i - 1]!) ** 2 / (n - 1)
  }
  const deviation = Math.sqrt(second)
  const safe = deviation || 1
  return [mean, deviation, third / safe ** 3, fourth / safe ** 4, peak, peak / safe, Math.sqrt(slope) / safe]
}

/** Mean, standard deviation, least and largest value. */
export function spanOf(window: Float64Array): number[] {
  let mean = 0
  for (const x of window) mean += x / window.length
  let second = 0
  for (const x of window) second += (x - mean) ** 2 / window.length
  return [mean, Math.sqrt(second), Math.min(...window), Math.max(...window)]
}

/** Windows of equal length, one behind the other; what is left at the end is dropped. */
export function* windowsOf(columns: readonly Float64Array[], length: number): Generator<Float64Array[]> {
  for (let from = 0; from + length <= columns[0]!.length; from += length)
    yield columns.map((column) => column.subarray(from, from + length))
}
