import type { Chart } from './report.ts'

/** What a chart's time axis covers, ms since the Unix epoch; `to` > `from`. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** From the first to the last scan or gap of a chart; of its events where it has neither. */
export function timeRange({ panels, gaps, events }: Chart): TimeRange {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const include = (time: number | undefined): void => {
    if (time === undefined || !Number.isFinite(time)) return
    if (time < from) from = time
    if (time > to) to = time
  }
  for (const { series } of panels)
    for (const { time } of series) for (let i = 0; i < time.length; i += 1) include(time[i])
  for (const gap of gaps) {
    include(gap.from)
    include(gap.to)
  }
  if (from > to) for (const event of events) [event.start, event.end].forEach(include)
  if (from > to) return { from: 0, to: 1000 }
  return to > from ? { from, to } : { from: from - 500, to: from + 500 }
}

/** Where a time lies: 0 at the left end, 1 at the right. */
export function fractionOf(time: number, { from, to }: TimeRange): number {
  return (time - from) / (to - from)
}

/** A place or a width on the time axis as an SVG or CSS length. */
export function percent(fraction: number): string {
  return `${Number((100 * fraction).toFixed(3))}%`
}
