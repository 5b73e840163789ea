// Compares what is stored with what the ledger says.
import { expectedEvents } from './expected-events.ts'
import { expectedWindows } from './expected-windows.ts'
import type { Ledger } from './ledger.ts'
import {
  countOf,
  idOf,
  machineOf,
  measuredAt,
  type RecordPlan,
  START_MS,
  streamOf,
  timeOfSeq,
  WINDOW_MS
} from './records.ts'
import type { Stored, StoredEvent, StoredGap, StoredRows, StoredWindow } from './stored.ts'
import { emptyVerdict, find, type Verdict } from './verdict.ts'

/** What the windows and events of the pipeline are called, and whether the data had an end. */
export interface Expectation {
  readonly rule: string
  readonly dataEnds: boolean
}

export function judge(plan: RecordPlan, ledger: Ledger, stored: Stored, expectation: Expectation): Verdict {
  return new Judge(plan, ledger, stored, expectation).verdict()
}

class Judge {
  readonly #plan: RecordPlan
  readonly #ledger: Ledger
  readonly #stored: Stored
  readonly #expectation: Expectation
  readonly #seen: Uint8Array
  readonly #verdict: Verdict

  constructor(plan: RecordPlan, ledger: Ledger, stored: Stored, expectation: Expectation) {
    this.#plan = plan
    this.#ledger = ledger
    this.#stored = stored
    this.#expectation = expectation
    this.#seen = new Uint8Array(plan.records)
    this.#verdict = emptyVerdict(ledger.acknowledged)
  }

  verdict(): Verdict {
    const verdict = this.#verdict
    this.#rows(this.#stored.rows)
    const windows: StoredWindow[] = []
    const events: StoredEvent[] = []
    for (let machine = 0; machine < this.#plan.machines; machine += 1) {
      const expected = this.#machine(machine)
      windows.push(...expected.windows)
      events.push(...expected.events)
    }
    verdict.windows = windows.length
    verdict.events = events.length
    verdict.windowsEqual = this.#same('window', this.#stored.windows, windows, windowKey, windowText)
    const anomalies = this.#stored.events.filter(({ kind }) => kind === 'anomaly')
    verdict.eventsEqual = this.#same('event', anomalies, events, ({ id }) => id, eventText)
    return verdict
  }

  #rows({ stream, ms, id, v }: StoredRows): void {
    const plan = this.#plan
    for (let i = 0; i < id.length; i += 1) {
      const machine = id[i]! % plan.machines
      const seq = Math.floor(id[i]! / plan.machines)
      if (!(id[i]! < plan.records)) {
        this.#verdict.corrupt += 1
        find(this.#verdict, `a row of ${stream[i]} at ${ms[i]} has the id ${id[i]}, which was never sent`)
        continue
      }
      if (
        stream[i] !== streamOf(machine) ||
        ms[i] !== timeOfSeq(plan, seq) ||
        v[i] !== measuredAt(plan, machine, seq)
      ) {
        this.#verdict.corrupt += 1
        find(this.#verdict, `record ${id[i]} is stored as ${stream[i]} at ${ms[i]} with ${v[i]}`)
      }
      if (this.#seen[id[i]!] === 1) {
        this.#verdict.duplicates += 1
        find(this.#verdict, `record ${id[i]} is stored again, as ${stream[i]} at ${ms[i]}`)
      } else this.#verdict.stored += 1
      this.#seen[id[i]!] = 1
    }
  }

  /** Checks the holes of a machine; what its windows and events must be. */
  #machine(machine: number): { windows: StoredWindow[]; events: StoredEvent[] } {
    const plan = this.#plan
    const stream = streamOf(machine)
    const gaps = gapsBySeq(plan, machine, this.#stored.gaps)
    const isStored = (seq: number): boolean => this.#seen[idOf(plan, machine, seq)] === 1
    const holesBefore = [...gaps.keys()].sort((a, b) => a - b)
    let missing = 0
    const count = countOf(plan, machine)
    for (let seq = 0; seq < count; seq += 1) {
      if (!isStored(seq)) {
        if (this.#ledger.isOwed(idOf(plan, machine, seq))) missing += 1
        continue
      }
      this.#hole(stream, seq, missing, gaps.get(seq) ?? 0)
      gaps.delete(seq)
      missing = 0
    }
    this.#hole(stream, count, missing, 0)
    for (const [seq, scans] of gaps) {
      this.#verdict.needlessGaps += 1
      find(this.#verdict, `${stream}: a gap of ${scans} scans before record ${seq} of the machine, which is not stored`)
    }
    const { rule, dataEnds } = this.#expectation
    const windows = expectedWindows(plan, machine, stream, holesBefore, isStored, dataEnds)
    return { windows, events: expectedEvents(windows, rule, dataEnds, 0) }
  }

  #hole(stream: string, seq: number, missing: number, declared: number | 'unknown'): void {
    const scans = declared === 'unknown' ? missing : declared
    const verdict = this.#verdict
    verdict.declaredGaps += Math.min(missing, scans)
    if (scans < missing) {
      verdict.lost += missing - scans
      verdict.undeclaredHoles += 1
      find(this.#verdict, `${stream}: ${missing} records before number ${seq} are missing, ${scans} of them declared`)
    }
    if (scans > missing || (declared === 'unknown' && missing === 0)) {
      verdict.needlessGaps += Math.max(1, scans - missing)
      find(this.#verdict, `${stream}: ${declared} scans before number ${seq} are declared missing, ${missing} are`)
    }
  }

  #same<T>(
    what: string,
    stored: readonly T[],
    expected: readonly T[],
    keyOf: (item: T) => string,
    textOf: (item: T) => string
  ): boolean {
    const left = new Map(expected.map((item) => [keyOf(item), textOf(item)]))
    let wrong = 0
    const note = (text: string): void => {
      wrong += 1
      if (wrong <= 5) find(this.#verdict, text)
    }
    for (const item of stored) {
      const key = keyOf(item)
      const should = left.get(key)
      if (should === undefined) note(`${what} that should not be there (or twice): ${textOf(item)}`)
      else if (should !== textOf(item)) note(`${what} stored as ${textOf(item)}, expected ${should}`)
      left.delete(key)
    }
    for (const text of left.values()) note(`${what} that is missing: ${text}`)
    if (wrong > 5)
      find(this.#verdict, `${wrong} ${what}s are wrong in all (${stored.length} stored, ${expected.length} expected)`)
    return wrong === 0
  }
}

/** Declared gaps by the number of the record behind them; a time that no record has counts as the next one. */
function gapsBySeq(plan: RecordPlan, machine: number, gaps: readonly StoredGap[]): Map<number, number | 'unknown'> {
  const bySeq = new Map<number, number | 'unknown'>()
  for (const { stream, before, scans } of gaps) {
    if (machineOf(plan, stream) !== machine) continue
    bySeq.set(Math.ceil(((before - START_MS) * plan.perWindow) / WINDOW_MS), scans)
  }
  return bySeq
}

function windowKey({ stream, ms }: StoredWindow): string {
  return `${stream}@${ms}`
}

function windowText({ stream, ms, value }: StoredWindow): string {
  return `${stream} until ${ms}: ${value}`
}

function eventText({ id, phase, start, peak, end, value, endedBy }: StoredEvent): string {
  const parts = phase === 'end' ? `peak ${peak} end ${end} value ${value} ${endedBy ?? ''}` : ''
  return `${id} ${phase} start ${start} ${parts}`
}
