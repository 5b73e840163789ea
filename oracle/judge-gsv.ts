// Compares what is stored of an amplifier with what it measured. Its times are the driver's work, so what is expected of
// windows and events follows from the amplifier's values at the stored times.

import type { ClockJournal } from './clock-journal.ts'
import type { DeviceLog } from './device-log.ts'
import { expectedEvents } from './expected-events.ts'
import type { ExpectedWindow } from './expected-windows.ts'
import { type GsvRows, judgeGsvHoles } from './gsv-holes.ts'
import { type GsvPlan, scanOf, watchedOf } from './gsv-plan.ts'
import { WINDOW_MS } from './records.ts'
import type { Stored } from './stored.ts'
import { emptyVerdict, find, type GsvClock, type Verdict } from './verdict.ts'

const ON_ITS_WAY_MS = 500

/** What is compared. */
export interface GsvTrial {
  readonly plan: GsvPlan
  readonly log: DeviceLog
  readonly journal: ClockJournal
  readonly stored: Stored
  readonly rule: string
  /**
   * Whether a spool stands in front of the amplifier. Without one, a window whose row was on its way when the process was
   * killed is gone, since nothing can be read again; and what a process did not read is declared without a number.
   */
  readonly replayable: boolean
}

export function judgeGsv(trial: GsvTrial): Verdict {
  return new GsvJudge(trial).verdict()
}

class GsvJudge {
  readonly #trial: GsvTrial
  readonly #plan: GsvPlan
  readonly #stored: Stored
  readonly #rule: string
  readonly #verdict: Verdict
  /** Windows that end so shortly before a hole may be missing. */
  readonly #slackMs: number

  constructor(trial: GsvTrial) {
    const { plan, stored, rule, replayable, log } = trial
    this.#trial = trial
    this.#slackMs = replayable ? 1000 / plan.rate : ON_ITS_WAY_MS
    this.#plan = plan
    this.#stored = stored
    this.#rule = rule
    this.#verdict = emptyVerdict(log.sent)
  }

  verdict(): Verdict {
    const rows = this.#rows()
    const { starts, counts } = judgeGsvHoles(this.#trial, rows, this.#verdict)
    const windows = this.#windows(rows, starts)
    this.#events(windows)
    return { ...this.#verdict, clock: { ...this.#clock(rows), ...counts } }
  }

  /** The rows in the order of time, each with the number of its scan. */
  #rows(): GsvRows {
    const { ms, id, v } = this.#stored.rows
    const order = Uint32Array.from(ms, (_, i) => i).sort((a, b) => ms[a]! - ms[b]!)
    const kept: number[] = []
    const scans: number[] = []
    const seen = new Set<number>()
    for (const i of order) {
      const scan = scanOf(this.#plan, id[i]!)
      if (Number.isNaN(scan) || Math.abs(v[i]! - watchedOf(this.#plan, scan)) > 1e-3) {
        this.#verdict.corrupt += 1
        find(this.#verdict, `a row at ${ms[i]} has ${id[i]} and ${v[i]}, which was never measured`)
      } else if (seen.has(scan)) {
        this.#verdict.duplicates += 1
        find(this.#verdict, `scan ${scan} is stored again, at ${ms[i]}`)
      } else {
        seen.add(scan)
        kept.push(ms[i]!)
        scans.push(scan)
      }
    }
    this.#verdict.stored = kept.length
    return { ms: Float64Array.from(kept), scan: Float64Array.from(scans) }
  }

  /** Checks each stored window, and that those that lie within the data are there. */
  #windows({ ms, scan }: GsvRows, starts: ReadonlySet<number>): ExpectedWindow[] {
    const period = 1000 / this.#plan.rate
    const windows = this.#stored.windows.toSorted((a, b) => a.ms - b.ms)
    const byEnd = new Map(windows.map((window) => [window.ms, window]))
    if (byEnd.size < windows.length) this.#wrongWindow('a window is stored twice')
    const checked: ExpectedWindow[] = []
    const edges = [0, ...[...starts].filter((i) => i > 0), ms.length]
    for (let run = 0; run + 1 < edges.length; run += 1) {
      const [from, to] = [edges[run]!, edges[run + 1]!]
      let afterHole = run > 0
      const first = Math.floor(ms[from]! / WINDOW_MS) * WINDOW_MS
      for (let begin = first; begin + WINDOW_MS <= ms[to - 1]! + 2 * period; begin += WINDOW_MS) {
        const window = byEnd.get(begin + WINDOW_MS)
        const isInside = begin >= ms[from]! + period && begin + WINDOW_MS <= ms[to - 1]! - this.#slackMs
        if (!window || begin < ms[from]! - period) {
          if (isInside) this.#wrongWindow(`the window until ${begin + WINDOW_MS} is missing`)
          continue
        }
        byEnd.delete(window.ms)
        if (!this.#fits(window.value, { ms, scan }, begin, from, to)) {
          this.#wrongWindow(`the window until ${window.ms} is ${window.value}`)
        }
        checked.push({ ...window, afterHole })
        afterHole = false
      }
    }
    for (const { ms: end } of byEnd.values()) this.#wrongWindow(`the window until ${end} lies where data is missing`)
    this.#verdict.windows = checked.length
    return checked
  }

  #wrongWindow(what: string): void {
    this.#verdict.windowsEqual = false
    find(this.#verdict, what)
  }

  /** Whether a value is that of the window, with one scan more or less at either end: times are rounded there. */
  #fits(value: number, { ms, scan }: GsvRows, begin: number, from: number, to: number): boolean {
    const first = lowerBound(ms, begin)
    const last = lowerBound(ms, begin + WINDOW_MS)
    for (let i = Math.max(from, first - 1); i <= first + 1; i += 1) {
      for (let j = last - 1; j <= Math.min(to, last + 1); j += 1) {
        let sum = 0
        for (let k = i; k < j; k += 1) sum += watchedOf(this.#plan, scan[k]!) ** 2
        if (Math.abs(Math.sqrt(sum / (j - i)) - value) < 1e-6 * value) return true
      }
    }
    return false
  }

  #events(windows: readonly ExpectedWindow[]): void {
    const expected = new Map(expectedEvents(windows, this.#rule, false, WINDOW_MS).map((event) => [event.id, event]))
    this.#verdict.events = expected.size
    for (const { id, kind, phase, end, value, endedBy } of this.#stored.events) {
      if (kind !== 'anomaly') continue
      const should = expected.get(id)
      expected.delete(id)
      const isSame = should?.phase === phase && should.end === end && should.endedBy === endedBy
      if (isSame && (phase === 'begin' || should.value === value)) continue
      this.#verdict.eventsEqual = false
      find(
        this.#verdict,
        `event ${id} is stored as ${phase} until ${end}, expected ${should?.phase} until ${should?.end}`
      )
    }
    for (const id of expected.keys()) {
      this.#verdict.eventsEqual = false
      find(this.#verdict, `event ${id} is missing`)
    }
  }

  /** How far the driver's times are from those of the amplifier, ms. */
  #clock({ ms, scan }: GsvRows): Pick<GsvClock, 'p50' | 'p99' | 'max'> {
    const { log } = this.#trial
    const errors = Float64Array.from(ms, (time, i) => Math.abs(time - log.timeOf(scan[i]!))).sort()
    const at = (share: number): number => Math.round((errors[Math.floor(share * (errors.length - 1))] ?? 0) * 10) / 10
    return { p50: at(0.5), p99: at(0.99), max: at(1) }
  }
}

function lowerBound(values: Float64Array, least: number): number {
  let from = 0
  let to = values.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (values[middle]! >= least) to = middle
    else from = middle + 1
  }
  return from
}
