import type { MeasurementEvent } from '@messwerk/core/model'

/** What one HTML page shows, from top to bottom. */
export interface Report {
  readonly title: string
  /** Paragraphs below the title. */
  readonly intro: readonly string[]
  readonly summary: readonly (readonly [label: string, value: string])[]
  readonly charts: readonly Chart[]
  /** The rows of the events table; of several with the same id the last one is shown. */
  readonly events: readonly MeasurementEvent[]
}

/** Panels stacked over one time axis, with the same gaps and events drawn through all of them. */
export interface Chart {
  readonly title: string
  readonly panels: readonly Panel[]
  readonly gaps: readonly ChartGap[]
  readonly events: readonly MeasurementEvent[]
}

/** A declared hole in the data; times in ms since the Unix epoch. */
export interface ChartGap {
  readonly from: number
  readonly to: number
  readonly scans: number | 'unknown'
  readonly cause: string
}

export interface Panel {
  readonly label: string
  /** UCUM code; `1` or empty for a plain number. */
  readonly unit: string
  readonly series: readonly Series[]
}

export interface Series {
  readonly name: string
  /** How the line is drawn. @defaultValue 'signal' */
  readonly role?: SeriesRole | undefined
  /** ms since the Unix epoch, ascending. */
  readonly time: ArrayLike<number>
  /** NaN = no value: the line is broken there. */
  readonly values: ArrayLike<number>
}

export type SeriesRole = 'signal' | 'score' | 'limit' | 'lower' | 'upper'
