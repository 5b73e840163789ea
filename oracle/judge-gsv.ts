// Compares what is stored of an amplifier with what it measured. Its times are the driver's work, so what is expected of
// windows and events follows from the amplifier's values at the stored times.

import type { DeviceLog } from './device-log.ts'
import { expectedEvents } from './expected-events.ts'
import type { ExpectedWindow } from './expected-windows.ts'
import { type GsvPlan, scanOf, watchedOf } from './gsv-plan.ts'
import { WINDOW_MS } from './records.ts'
import type { Stored, StoredGap } from './stored.ts'
import { emptyVerdict, find, type Verdict } from './verdict.ts'

/** How far the count of a gap may be off, s of scans: the clock is fitted to arrivals. */
const CLOCK_S = 0.05
/** A loss without a reconnect is inferred, up to so much later, ms. */
const DECLARED_WITHIN_MS = 5000
const ON_ITS_WAY_MS = 500

interface Rows {
  readonly ms: Float64Array
  readonly scan: Float64Array
}

/**
 * @param replayable - whether a spool stands in front of the amplifier. Without one, a window whose row was on its way
 * when the process was killed is gone: nothing can be read again.
 */
export function judgeGsv(plan: GsvPlan, log: DeviceLog, stored: Stored, rule: string, replayable: boolean): Verdict {
  return new GsvJudge(plan, log, stored, rule, replayable).verdict()
}

class GsvJudge {
  readonly #plan: GsvPlan
  readonly #log: DeviceLog
  readonly #stored: Stored
  readonly #rule: string
  readonly #verdict: Verdict
  #largestCountError = 0
  /** Windows that end so shortly before a hole may be missing. */
  readonly #slackMs: number

  constructor(plan: GsvPlan, log: DeviceLog, stored: Stored, rule: string, replayable: boolean) {
    this.#slackMs = replayable ? 1000 / plan.rate : ON_ITS_WAY_MS
    this.#plan = plan
    this.#log = log
    this.#stored = stored
    this.#rule = rule
    this.#verdict = emptyVerdict(log.sent)
  }

  verdict(): Verdict {
    const rows = this.#rows()
    const starts = this.#holes(rows)
    const windows = this.#windows(rows, starts)
    this.#events(windows)
    return { ...this.#verdict, clock: this.#clock(rows) }
  }

  /** The rows in the order of time, each with the number of its scan. */
  #rows(): Rows {
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

  /** Compares holes and gaps; the numbers of the rows before which a gap was declared. */
  #holes({ ms, scan }: Rows): Set<number> {
    const gaps = this.#stored.gaps.toSorted((a, b) => a.before - b.before)
    const left = new Set(gaps)
    const starts = new Set<number>()
    const period = 1000 / this.#plan.rate
    for (let i = 0; i < ms.length; i += 1) {
      const missing = scan[i]! - (i === 0 ? -1 : scan[i - 1]!) - 1
      const dead = i === 0 ? 0 : Math.round((ms[i]! - ms[i - 1]!) / period) - 1
      const gap = gaps.find(({ before }) => before === ms[i])
      if (gap) starts.add(i)
      if (missing === 0 && dead <= 1 + CLOCK_S * this.#plan.rate && !gap) continue
      if (missing < 0) find(this.#verdict, `scan ${scan[i]} is stored behind scan ${scan[i - 1]}`)
      const found =
        gap ?? gaps.find((one) => left.has(one) && one.before > ms[i]! && one.before < ms[i]! + DECLARED_WITHIN_MS)
      if (found) left.delete(found)
      this.#compare(`before scan ${scan[i]}`, missing, dead, found)
    }
    const tail = this.#log.sent - 1 - (scan.at(-1) ?? -1)
    if (tail > 0) this.#compare('at the end', tail, tail, undefined)
    for (const gap of left) {
      this.#verdict.needlessGaps += 1
      find(this.#verdict, `a gap of ${gap.scans} scans (${gap.cause}) at ${gap.before}, where nothing is missing`)
    }
    return starts
  }

  #compare(where: string, missing: number, dead: number, gap: StoredGap | undefined): void {
    const verdict = this.#verdict
    if (!gap) {
      verdict.undeclaredHoles += 1
      verdict.lost += Math.max(missing, dead)
      return find(this.#verdict, `${where} ${missing} scans are missing, ${dead} by time, and no gap is declared`)
    }
    verdict.declaredGaps += missing
    if (gap.scans === 'unknown') return
    const error = Math.abs(gap.scans - Math.max(missing, dead))
    this.#largestCountError = Math.max(this.#largestCountError, error)
    if (error <= Math.max(3, CLOCK_S * this.#plan.rate)) return
    if (gap.scans < missing) verdict.lost += missing - gap.scans
    find(
      this.#verdict,
      `${where} ${missing} scans are missing, ${dead} by time, and ${gap.scans} are declared (${gap.cause})`
    )
    verdict.undeclaredHoles += 1
  }

  /** Checks each stored window, and that those that lie within the data are there. */
  #windows({ ms, scan }: Rows, starts: ReadonlySet<number>): ExpectedWindow[] {
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
  #fits(value: number, { ms, scan }: Rows, begin: number, from: number, to: number): boolean {
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
  #clock({ ms, scan }: Rows): Verdict['clock'] {
    const errors = Float64Array.from(ms, (time, i) => Math.abs(time - this.#log.timeOf(scan[i]!))).sort()
    const at = (share: number): number => Math.round((errors[Math.floor(share * (errors.length - 1))] ?? 0) * 10) / 10
    return { p50: at(0.5), p99: at(0.99), max: at(1), largestCountError: this.#largestCountError }
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
