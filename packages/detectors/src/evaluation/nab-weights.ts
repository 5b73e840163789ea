import type { NabProfile, NabSeries } from './nab-score.ts'

/** What a detection in each row is worth. @internal */
export interface RowWeights {
  readonly weights: Float64Array
  /** Number of the window that holds the row; -1 outside. */
  readonly windows: Int32Array
  readonly probation: number
}

/** @throws RangeError when a window does not lie in the series or they are out of order @internal */
export function rowWeights(series: NabSeries, profile: NabProfile): RowWeights {
  const rows = series.scores.length
  const weights = new Float64Array(rows).fill(-profile.falsePositive)
  const windows = new Int32Array(rows).fill(-1)
  let end = -1
  series.windows.forEach(([left, right], window) => {
    if (!(left > end && left <= right && right < rows))
      throw new RangeError(
        `nabScore: windows must lie in 0..${rows - 1} in order and without overlap, got [${left}, ${right}] after ${end}`
      )
    end = right
    const width = right - left + 1
    const most = sigmoid(-1)
    for (let i = left; i <= right; i += 1) {
      windows[i] = window
      weights[i] = (profile.truePositive * sigmoid(-(right - i + 1) / width)) / most
    }
    const next = series.windows[window + 1]?.[0] ?? rows
    for (let i = right + 1; i < next; i += 1) weights[i] = profile.falsePositive * sigmoid((i - right) / (width - 1))
  })
  return { weights, windows, probation: series.probation ?? Math.min(Math.floor(0.15 * rows), 750) }
}

/** 1 at the left end of a window (-1), 0 at its right end, -1 far behind it. */
function sigmoid(place: number): number {
  return place >= 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1
}
