import { alarmLevels } from './alarm-levels.ts'
import { tailQuantile } from './tail-quantile.ts'

/** @internal */
export interface AlarmLimit {
  readonly limit: number
  /** Alarms that it would have raised among the scores. */
  readonly alarms: number
  /** Whether the highest score came in more alarms than may be, so that the limit is above it. */
  readonly isBeyond: boolean
}

/** How many of the highest alarms the tail is fitted to, where there are so many. */
const PEAKS = 60

/**
 * How many alarms to aim at among the scores of a calibration, where `budget` are allowed: half of few, more of many, as the number
 * of those seen is a matter of chance.
 *
 * @internal
 */
export function targetFor(budget: number): number {
  return budget * Math.max(0.5, 1 - 1 / Math.sqrt(budget))
}

/**
 * The limit that gives `target` alarms among these scores.
 *
 * An exponential tail is laid through the highest alarms, which averages over chance; below one alarm, where it goes beyond what was
 * seen, a generalised Pareto tail. The limit would have raised no more alarms than aimed at, and where scores reach a bound it stays
 * within what was seen, so that it can be reached.
 *
 * @internal
 */
export function limitFor(scores: Float64Array, apart: number, target: number): AlarmLimit {
  const levels = alarmLevels(scores, apart, Math.max(PEAKS, Math.ceil(3 * target)))
  const most = target < 0.5 ? 0 : Math.ceil(target)
  const tail = tailQuantile(levels, target, target < 1)
  const seen = target >= 1.5 ? Math.min(tail, levels[0]!) : tail
  const least = levels.length > most ? above(levels[most]!) : 0
  const limit = Math.max(seen, least, Number.MIN_VALUE)
  const isTied = levels.length > most && levels[most] === levels[0] && scores.some((score) => score < levels[0]!)
  return { limit, alarms: levels.filter((level) => level >= limit).length, isBeyond: isTied && limit > levels[0]! }
}

function above(level: number): number {
  return level + Math.max(Math.abs(level) * 1e-12, Number.MIN_VALUE)
}
