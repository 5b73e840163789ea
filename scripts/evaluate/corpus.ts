import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DetectorSpec } from '@messwerk/core/model'

export type Protocol = 'unsupervised' | 'normals' | 'streaming'
export type Metric =
  | 'rocAuc'
  | 'prAuc'
  | 'vusPr'
  | 'f1'
  | 'far'
  | 'mar'
  | 'nab'
  | 'nabLowFalsePositives'
  | 'nabLowFalseNegatives'
  | 'leadHours'
export type Metrics = Partial<Record<Metric, number>>

/** What one detector reached on one set. */
export interface Row {
  readonly detector: string
  readonly set: string
  readonly metrics: Metrics
  /** Share of anomalous rows among those scored; absent where there are no labels. */
  readonly prevalence?: number | undefined
  /** Share of rows without a score. */
  readonly unscored?: number | undefined
}

/** A detector to measure, with the options it has for a corpus and protocol. */
export interface Candidate {
  readonly name: string
  /** Whether it gives other scores with another seed. */
  readonly isSeeded: boolean
  /** How its score grows with the distance from normal; `bounded`: not in proportion to it. */
  readonly scale: 'distance' | 'squared' | 'bounded'
  /** Sets with more channels are left out. */
  readonly mostChannels?: number
  spec(seed: number): DetectorSpec
}

/** What a corpus is given to measure detectors. */
export interface Task {
  /** With the files of the corpus. */
  readonly folder: string
  readonly protocol: Protocol
  readonly candidates: readonly Candidate[]
  /** Tells how far it is. */
  progress(set: string, detector: string): void
}

export interface Outcome {
  readonly rows: readonly Row[]
  /** By detector, where it is not the mean over the sets: pooled counts, one limit for the corpus. */
  readonly means?: Readonly<Record<string, Metrics>>
  /** What calling every row anomalous reaches, where it is not the mean over the sets. */
  readonly constant?: Metrics
}

export interface Corpus {
  readonly name: string
  /** The first is the default. */
  readonly protocols: readonly Protocol[]
  readonly about: string
  run(task: Task): Outcome
}

/** Files of a folder whose names end so, in the order of their names; numbers in them by value. */
export function filesOf(folder: string, end = '.csv.gz'): { readonly name: string; readonly path: string }[] {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`)
  const names = readdirSync(folder).filter((file) => file.endsWith(end))
  if (names.length === 0) throw new Error(`there is no *${end} in ${folder}`)
  return names
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((file) => ({ name: file.slice(0, -end.length), path: join(folder, file) }))
}
