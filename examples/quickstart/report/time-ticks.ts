import { isElapsed, timeLabel } from './time-label.ts'
import { fractionOf, type TimeRange } from './time-range.ts'

export interface TimeTick {
  /** 0 at the left end, 1 at the right. */
  readonly at: number
  readonly label: string
}

const SECOND = 1000
const [MINUTE, HOUR, DAY] = [60 * SECOND, 3600 * SECOND, 86_400 * SECOND]
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 30, 90, 365].map((n) => n * DAY)
]

/** Round times along the axis, at most `most` of them. */
export function timeTicks(range: TimeRange, most = 11): TimeTick[] {
  const step = stepOf(range, most)
  const ticks: TimeTick[] = []
  for (let ms = Math.ceil(range.from / step) * step; ms <= range.to; ms += step) {
    ticks.push({ at: fractionOf(ms, range), label: labelOf(ms, step) })
  }
  return ticks
}

function stepOf({ from, to }: TimeRange, most: number): number {
  const least = (to - from) / most
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / (365 * DAY)) * 365 * DAY
}

function labelOf(ms: number, step: number): string {
  return step >= DAY && !isElapsed(ms) ? new Date(ms).toISOString().slice(0, 10) : timeLabel(ms, step)
}
