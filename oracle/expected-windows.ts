// What the windows must be, by plain loops over the ledger's records: no code of the SDK.
import { countOf, measuredAt, type RecordPlan, START_MS, WINDOW_MS } from './records.ts'
import type { StoredWindow } from './stored.ts'

export interface ExpectedWindow extends StoredWindow {
  /** Whether it is the first one behind a declared hole. */
  readonly afterHole: boolean
}

/**
 * The windows of one machine.
 *
 * @param holesBefore - numbers of the records before which a hole was declared, ascending
 * @param dataEnds - whether the source ended, so that the window that was open then is handed over too
 */
export function expectedWindows(
  plan: RecordPlan,
  machine: number,
  stream: string,
  holesBefore: readonly number[],
  isStored: (seq: number) => boolean,
  dataEnds: boolean
): ExpectedWindow[] {
  const windows: ExpectedWindow[] = []
  const count = countOf(plan, machine)
  const edges = [0, ...holesBefore, count]
  let afterHole = false
  for (let run = 0; run + 1 < edges.length; run += 1) {
    const from = edges[run]!
    let to = edges[run + 1]!
    while (to > from && !isStored(to - 1)) to -= 1
    if (run > 0) afterHole = true
    const flushed = dataEnds && run + 2 === edges.length
    for (const window of windowsOfRun(plan, machine, stream, from, to, flushed)) {
      windows.push({ ...window, afterHole })
      afterHole = false
    }
  }
  return windows
}

/** Windows that lie in the records `from` up to `to` (not included), with the record that shows that they are over. */
function* windowsOfRun(
  plan: RecordPlan,
  machine: number,
  stream: string,
  from: number,
  to: number,
  flushed: boolean
): Generator<StoredWindow> {
  const { perWindow } = plan
  for (let first = Math.ceil(from / perWindow) * perWindow; first < to; first += perWindow) {
    const end = first + perWindow
    if (end >= to && !flushed) return
    let sum = 0
    let used = 0
    for (let seq = first; seq < Math.min(end, to); seq += 1) {
      const v = measuredAt(plan, machine, seq)
      sum += v * v
      used += 1
    }
    yield { stream, ms: START_MS + (end / perWindow) * WINDOW_MS, value: Math.sqrt(sum / used) }
  }
}
