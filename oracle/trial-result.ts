import type { Fault } from './feed.ts'
import type { Recovered } from './subject-process.ts'
import type { Verdict } from './verdict.ts'

export interface TrialResult extends Verdict {
  repeatedLines: number
  largestUnsettledBytes: number
  kills: number
  /** From a kill to the first new row, where nothing else went wrong meanwhile. */
  recoveryMs: Recovery
  /** The same where another fault lay in between, which the time contains. */
  recoveryWithFaultsMs: Recovery
  seconds: number
  seed: number
  faults: Partial<Record<Fault, number>>
  /** Faults that were asked for and cannot be made here, and why. */
  faultsLeftOut: Partial<Record<Fault, string>>
  /** Ends of the process that nobody asked for: how often by reason. */
  failures: Record<string, number>
  /** Whether it was given up before everything had arrived. */
  gaveUp: string | undefined
  /** What a process said of its parts that was not ready within 30 s. */
  slowStarts: readonly (readonly string[])[]
}

export interface Times {
  readonly p50: number
  readonly max: number
}

export interface Recovery extends Times {
  readonly count: number
  /** Of it: until the code of the new process is loaded, until it is ready from there, and rows that it stores again. */
  readonly loadMs: Times
  readonly openMs: Times
  readonly replayMs: Times
}

/** What the pipeline may hold by default. */
const CREDIT_BYTES = 64 << 20

/** Sums up recoveries. */
export function recovery(list: readonly Recovered[]): Recovery {
  const of = (part: keyof Recovered): Times => times(list.map((one) => one[part]))
  return { ...of('all'), count: list.length, loadMs: of('load'), openMs: of('open'), replayMs: of('replay') }
}

function times(list: readonly number[]): Times {
  const sorted = list.map(Math.round).sort((a, b) => a - b)
  return { p50: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 }
}

/** How often each stands there. */
export function counted(failures: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const failure of failures) counts[failure] = (counts[failure] ?? 0) + 1
  return counts
}

/** Whether all bars are met. */
export function isFlawless(result: TrialResult): boolean {
  const { lost, duplicates, corrupt, undeclaredHoles, needlessGaps, windowsEqual, eventsEqual, gaveUp } = result
  const flaws = lost + duplicates + corrupt + undeclaredHoles + needlessGaps
  const isWhole = flaws === 0 && windowsEqual && eventsEqual && gaveUp === undefined
  return isWhole && result.largestUnsettledBytes <= CREDIT_BYTES
}
