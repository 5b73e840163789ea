import type { Holding, WireTrialOptions, WireTrialResult } from './wire-trial.ts'

/** Most that a number may be off where it is inferred by the clock, scans. */
const CLOCK_BAR = 2
/** Most from a cable that is plugged in to data, ms. */
const BACK_BAR = 2000
/** An inferred gap stands at the edge of a packet: most from its place, ms. */
const PLACE_BAR = 20
/** Most that the process may hold more at the end than after its first seconds, MB. */
const GROWTH_BAR = 8

type Bar = readonly [isMet: boolean, what: string]

/** Which bars a trial misses, in words. */
export function missedBars(
  { counted, rate }: Pick<WireTrialOptions, 'counted' | 'rate'>,
  result: WireTrialResult
): string[] {
  const { corrupted, reconnected, stalled, backMs, holdings } = result
  const inferred = [reconnected, stalled]
  const bar = counted ? 0 : CLOCK_BAR
  const bars: readonly Bar[] = [
    [result.invalid === 0, 'no invalid value is delivered'],
    [result.repeated === 0, 'no scan is delivered twice'],
    [result.undeclared === 0, 'every hole is declared'],
    [result.needless === 0, 'nothing is declared missing that is not'],
    [result.backwards === 0, 'times strictly increase'],
    [corrupted.exact === corrupted.count, 'the number of damaged frames is exact'],
    [inferred.every(({ unknown }) => unknown === 0), 'every gap has a number'],
    [inferred.every(({ largestError }) => largestError <= bar), `numbers are at most ${bar} scans off`],
    [inferred.every(({ largestShare }) => largestShare <= 1), 'numbers are as exact as the times say'],
    [result.misplaced <= (PLACE_BAR * rate) / 1000, `gaps stand within ${PLACE_BAR} ms of their place`],
    [Math.max(0, ...backMs) <= BACK_BAR, `data is there again within ${BACK_BAR} ms`],
    ...holdingBars(holdings)
  ]
  return bars.flatMap(([isMet, what]) => (isMet ? [] : [what]))
}

/** Of a process that was not killed. */
function holdingBars(holdings: readonly Holding[]): readonly Bar[] {
  const first = holdings[0]
  if (!first) return []
  const last = holdings.at(-2) ?? first
  return [
    [holdings.slice(0, -1).every(({ listeners }) => listeners === first.listeners), 'listeners do not add up'],
    [holdings.slice(0, -1).every(({ sockets }) => sockets === first.sockets), 'sockets do not add up'],
    [holdings.slice(0, -1).every(({ timers }) => timers <= first.timers + 1), 'timers do not add up'],
    [last.megabytes <= first.megabytes + GROWTH_BAR, 'memory is flat']
  ]
}
