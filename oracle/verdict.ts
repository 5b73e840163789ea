/** What a comparison of store and ledger has found. */
export interface Verdict {
  sent: number
  stored: number
  /** Owed, and neither stored nor declared missing. */
  lost: number
  /** Rows beyond the first of a record, also at another time. */
  duplicates: number
  /** Rows whose content is not that of their record. */
  corrupt: number
  undeclaredHoles: number
  /** Scans declared missing that are missing. */
  declaredGaps: number
  /** Gaps, or scans of gaps, that were declared and are not missing. */
  needlessGaps: number
  /** How many must be there. */
  windows: number
  windowsEqual: boolean
  /** How many must be there. */
  events: number
  eventsEqual: boolean
  /** Of a source whose clock is fitted: errors of stored times in ms, and of the counts of gaps in scans. */
  clock?: { p50: number; p99: number; max: number; largestCountError: number } | undefined
  /** The first few things that are wrong, in words. */
  findings: string[]
}

const MOST_FINDINGS = 40

/** Nothing found so far. */
export function emptyVerdict(sent: number): Verdict {
  return {
    sent,
    stored: 0,
    lost: 0,
    duplicates: 0,
    corrupt: 0,
    undeclaredHoles: 0,
    declaredGaps: 0,
    needlessGaps: 0,
    windows: 0,
    windowsEqual: true,
    events: 0,
    eventsEqual: true,
    findings: []
  }
}

export function find({ findings }: Verdict, what: string): void {
  if (findings.length < MOST_FINDINGS) findings.push(what)
}
