import type { ChartGap, Series } from './report.ts'
import type { TimeRange } from './time-range.ts'

/** Columns of a chart that is drawn about a thousand pixels wide. */
export const COLUMNS = 1000

/**
 * The scans to draw, as indices, one list for each unbroken piece of the line.
 *
 * Of the scans that share a pixel column only the lowest and the highest are kept, in the order of their time. A line
 * through these covers the same pixels as a line through all of them: a spike of a single scan among a million is still
 * drawn at full height, which averaging or taking every n-th scan would lose. A line breaks at NaN and at a gap.
 */
export function thinSeries({ time, values }: Series, range: TimeRange, gaps: readonly ChartGap[] = []): number[][] {
  const pieces = piecesOf(values)
  const perMs = COLUMNS / (range.to - range.from)
  const crossed = crossing(gaps)
  for (let i = 0; i < values.length; i += 1) {
    const at = time[i] ?? Number.NaN
    if (!Number.isFinite(at) || Number.isNaN(values[i] ?? Number.NaN)) pieces.end()
    else {
      if (crossed(at)) pieces.end()
      pieces.add(i, Math.min(COLUMNS - 1, Math.floor((at - range.from) * perMs)))
    }
  }
  pieces.end()
  return pieces.list
}

interface Pieces {
  readonly list: number[][]
  add(scan: number, column: number): void
  end(): void
}

function piecesOf(values: ArrayLike<number>): Pieces {
  const list: number[][] = []
  let piece: number[] = []
  let [current, low, high] = [-1, -1, -1]
  const endColumn = (): void => {
    if (current < 0) return
    piece.push(Math.min(low, high))
    if (low !== high) piece.push(Math.max(low, high))
    current = -1
  }
  const add = (scan: number, column: number): void => {
    if (column !== current) {
      endColumn()
      current = column
      low = scan
      high = scan
    } else if ((values[scan] as number) < (values[low] as number)) low = scan
    else if ((values[scan] as number) > (values[high] as number)) high = scan
  }
  const end = (): void => {
    endColumn()
    if (piece.length > 0) list.push(piece)
    piece = []
  }
  return { list, add, end }
}

/** Tells, for ascending times, whether the middle of a gap lies between the time before and this one. */
function crossing(gaps: readonly ChartGap[]): (time: number) => boolean {
  const middles = gaps.map(({ from, to }) => (from + to) / 2).sort((a, b) => a - b)
  let next = 0
  return (time) => {
    const before = next
    while (next < middles.length && (middles[next] as number) <= time) next += 1
    return next > before
  }
}
