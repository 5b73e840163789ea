import { constantDetector } from '@messwerk/detectors/evaluation'
import type { Metric, Metrics, Outcome, Row } from './corpus.ts'
import { meanMetrics, meansOf } from './score.ts'

const METRICS: readonly Metric[] = [
  'rocAuc',
  'prAuc',
  'vusPr',
  'f1',
  'far',
  'mar',
  'nab',
  'nabLowFalsePositives',
  'nabLowFalseNegatives',
  'leadHours'
]
const HEADS: Readonly<Record<Metric, string>> = {
  rocAuc: 'ROC-AUC',
  prAuc: 'PR-AUC',
  vusPr: 'VUS-PR',
  f1: 'F1',
  far: 'FAR',
  mar: 'MAR',
  nab: 'NAB',
  nabLowFalsePositives: 'NAB low FP',
  nabLowFalseNegatives: 'NAB low FN',
  leadHours: 'lead h'
}

/** What a run is written as. */
export interface Report {
  readonly corpus: string
  readonly protocol: string
  readonly rows: readonly Row[]
  readonly means: Readonly<Record<string, Metrics>>
  /** Mean share of anomalous rows over the sets with labels. */
  readonly prevalence?: number
  /** What a detector reaches that calls every row anomalous. */
  readonly constant: Metrics
}

/** Adds means, prevalence and the constant detector to the rows. */
export function reportOf(corpus: string, protocol: string, { rows, means, constant }: Outcome): Report {
  const labelled = [...new Map(rows.map((row) => [row.set, row.prevalence])).values()].filter(
    (share): share is number => share !== undefined && share > 0
  )
  const prevalence = labelled.reduce((sum, share) => sum + share, 0) / labelled.length
  const finite = rows.map((row) => ({ ...row, metrics: meanMetrics([row.metrics]) }))
  const ofSets = labelled.map((share): Metrics => ({ ...constantDetector(share) }))
  return {
    corpus,
    protocol,
    rows: finite,
    means: means ?? meansOf(rows),
    ...(labelled.length > 0 ? { prevalence } : {}),
    constant: constant ?? meanMetrics(ofSets)
  }
}

/** The report as a table: sets by detector, means, and the constant detector in the last line. */
export function tableOf({ rows, means, prevalence, constant }: Report): string {
  const shown = METRICS.filter(
    (metric) => rows.some(({ metrics }) => metric in metrics) || Object.values(means).some((mean) => metric in mean)
  )
  const lines = [['set', 'detector', 'anomalous', ...shown.map((metric) => HEADS[metric])]]
  for (const { set, detector, prevalence: share, metrics } of rows)
    lines.push([set, detector, percent(share), ...shown.map((metric) => text(metric, metrics))])
  for (const [detector, metrics] of Object.entries(means))
    lines.push(['all', detector, percent(prevalence), ...shown.map((metric) => text(metric, metrics))])
  lines.push(['all', '(constant)', percent(prevalence), ...shown.map((metric) => text(metric, constant))])
  const silent = rows.filter(({ unscored = 0 }) => unscored > 0.5)
  const notes = silent.map(
    ({ set, detector, unscored = 0 }) => `${set}: ${detector} gives no score for ${percent(unscored)} of the rows`
  )
  return [aligned(lines), ...notes].join('\n')
}

const percent = (share: number | undefined): string => (share === undefined ? '' : `${(100 * share).toFixed(2)} %`)

function text(metric: Metric, metrics: Metrics): string {
  const value = metrics[metric]
  if (value === undefined) return ''
  if (metric === 'far' || metric === 'mar') return percent(value)
  if (metric.startsWith('nab') || metric === 'leadHours') return value.toFixed(2)
  return value.toFixed(4)
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, c) => Math.max(...lines.map((line) => line[c]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, c) => (c < 2 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}
