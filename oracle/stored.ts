/** What was found in a store after a trial, as it stands there. */
export interface Stored {
  readonly rows: StoredRows
  readonly gaps: readonly StoredGap[]
  readonly windows: readonly StoredWindow[]
  readonly events: readonly StoredEvent[]
  /** Lines of an append-only log that repeat another: allowed there, and counted. */
  readonly repeatedLines: number
}

/** Columns, as a trial may have a million rows. */
export interface StoredRows {
  readonly stream: string[]
  readonly ms: number[]
  readonly id: number[]
  readonly v: number[]
}

export interface StoredGap {
  readonly stream: string
  /** Time of the scan behind it. */
  readonly before: number
  readonly scans: number | 'unknown'
  readonly cause: string
}

export interface StoredWindow {
  readonly stream: string
  /** End of the window. */
  readonly ms: number
  readonly value: number
}

export interface StoredEvent {
  readonly id: string
  readonly kind: string
  readonly phase: string
  readonly stream: string
  readonly start: number
  readonly peak?: number | undefined
  readonly end?: number | undefined
  /** The watched value at the peak. */
  readonly value?: number | undefined
  readonly endedBy?: string | undefined
}
