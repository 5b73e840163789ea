import type { Noted, NotedScan } from './noted.ts'

/** What became of the keys of a worker that was killed. */
export interface HandoverResult {
  readonly sent: number
  readonly scored: number
  readonly lost: number
  /** Scans with a score that differs from that of the undisturbed run, or from its own repetition. */
  readonly different: number
  /** Scans noted more than once: read again after a kill; a store that knows a scan by key and time has them once. */
  readonly repeated: number
  readonly movedKeys: number
  /** From the kill to the first scan that another worker scored, ms: of all moved keys, the median and the worst. */
  readonly movedAfterMs: { readonly median: number; readonly worst: number }
  readonly events: number
  /** Events of the undisturbed run that are missing, and those that it does not have. */
  readonly eventsLost: number
  readonly eventsTooMany: number
  /** Events sent again under the same id. */
  readonly eventsRepeated: number
}

/**
 * @param workers - what each worker has noted
 * @param killed - place of the killed one, and when that was, ms since the Unix epoch
 */
export function judgeHandover(
  workers: readonly Noted[],
  undisturbed: Noted,
  killed: { readonly worker: number; readonly at: number },
  sent: number
): HandoverResult {
  const truth = new Map(undisturbed.scans.map((scan) => [idOf(scan), scan]))
  const seen = new Map<string, NotedScan>()
  let different = 0
  let repeated = 0
  for (const scan of workers.flatMap(({ scans }) => scans)) {
    const id = idOf(scan)
    const right = truth.get(id)
    if (right === undefined || right.score !== scan.score || right.flag !== scan.flag) different += 1
    if (seen.has(id)) repeated += 1
    seen.set(id, scan)
  }
  const moved = movedAfter(workers, killed)
  const events = workers.flatMap((worker) => worker.events)
  const [given, wanted] = [new Set(events), new Set(undisturbed.events)]
  return {
    sent,
    scored: seen.size,
    lost: sent - seen.size,
    different,
    repeated,
    movedKeys: moved.length,
    movedAfterMs: { median: moved[moved.length >> 1] ?? Number.NaN, worst: moved.at(-1) ?? Number.NaN },
    events: wanted.size,
    eventsLost: Array.from(wanted).filter((event) => !given.has(event)).length,
    eventsTooMany: Array.from(given).filter((event) => !wanted.has(event)).length,
    eventsRepeated: events.length - given.size
  }
}

/** Of each key of the killed worker: how long nobody scored it, ascending. */
function movedAfter(workers: readonly Noted[], killed: { readonly worker: number; readonly at: number }): number[] {
  const orphans = new Set(
    workers[killed.worker]?.scans.filter(({ notedAt }) => notedAt > killed.at - 5000).map(({ key }) => key)
  )
  const first = new Map<string, number>()
  for (const [worker, { scans }] of workers.entries()) {
    if (worker === killed.worker) continue
    for (const { key, notedAt } of scans)
      if (orphans.has(key) && notedAt > killed.at && !(first.get(key)! <= notedAt)) first.set(key, notedAt)
  }
  return Array.from(orphans, (key) => (first.get(key) ?? Number.POSITIVE_INFINITY) - killed.at).sort((a, b) => a - b)
}

function idOf({ key, time }: NotedScan): string {
  return `${key} ${time}`
}
