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
  clock?: GsvClock | undefined
  /** The first few things that are wrong, in words. */
  findings: string[]
}

/** Of a source whose clock is fitted. */
export interface GsvClock {
  /** Errors of stored times, ms: median, 99 %, largest. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Gaps with a number of scans, and without. */
  readonly counted: number
  readonly unknown: number
  /** Largest error of a number, scans. */
  readonly largestCountError: number
  /** Largest error of a number as a share of what the clock's published uncertainty admits; above 1 is a bar missed. */
  readonly largestShare: number
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
