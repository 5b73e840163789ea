import { numberLabel } from './number-label.ts'
import type { Panel, Series } from './report.ts'

/** Where values lie in a panel: 0 at its foot, 1 at its head. Infinite values lie at the edge. */
export interface ValueScale {
  readonly low: number
  readonly high: number
  readonly log: boolean
  at(value: number): number
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
}

const MANY_LIMITS = 12
const PADDING = 0.06

/** Fits all values of a panel. Scores far above their limit get a logarithmic axis, or the limit would lie on the floor. */
export function valueScale({ series }: Panel, foot = PADDING): ValueScale {
  const [low, high] = extent(series)
  const limit = extent(series.filter(({ role }) => role === 'limit'))[0]
  const scored = series.some(({ role }) => role === 'score')
  if (scored && limit > 0 && low >= 0 && high > MANY_LIMITS * limit) return logScale(limit / 20, high * 1.5)
  if (low > high) return linearScale(0, 1)
  const size = high > low ? high - low : Math.abs(high) || 1
  const lowest = low - size * foot
  return linearScale(foot === PADDING && low >= 0 && lowest < 0 ? 0 : lowest, high + size * PADDING)
}

function extent(series: readonly Series[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { values } of series) {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] as number
      if (!Number.isFinite(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return [low, high]
}

function linearScale(low: number, high: number): ValueScale {
  const at = (value: number): number => within((value - low) / (high - low))
  const step = niceStep((high - low) / 4)
  const ticks = []
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high; k += 1) {
    const value = Number((k * step).toPrecision(12))
    ticks.push({ at: at(value), label: numberLabel(value) })
  }
  return { low, high, log: false, at, ticks }
}

function logScale(low: number, high: number): ValueScale {
  const span = Math.log(high / low)
  const at = (value: number): number => within(value > low ? Math.log(value / low) / span : 0)
  const decades = Math.ceil(Math.log10(high / low) / 5)
  const ticks = []
  for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power += decades) {
    ticks.push({ at: at(10 ** power), label: numberLabel(10 ** power) })
  }
  return { low, high, log: true, at, ticks }
}

function within(fraction: number): number {
  return Math.min(1, Math.max(0, fraction))
}

/** The next of 1, 2, 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power
}
