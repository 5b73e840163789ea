import type { Limits, Operator } from '@messwerk/core'
import { type Block, type Duration, durationMs, type Source, type ThresholdSpec } from '@messwerk/core/model'
import type { BacktestReport, ThresholdResult } from './backtest-report.ts'
import { judge } from './judge.ts'
import { checkLabels, type Label, LabelChannel } from './labels.ts'
import { reportHtml } from './report-html.ts'
import { shortNumber, thresholdLine } from './report-text.ts'
import { ScoreLevels } from './score-levels.ts'
import { Trial } from './trial.ts'

const WEEK = 604_800

/**
 * Makes the operators that will run live, for one threshold.
 *
 * @example
 * ```ts
 * import type { Chain } from '@messwerk/backtest'
 * import { detect } from '@messwerk/core'
 * import { robustZ } from '@messwerk/detectors'
 *
 * const chain: Chain = (threshold) => [detect(robustZ(), { learn: '1h', threshold })]
 * chain({ raise: 6 }).length // => 1
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: steps of any names, any mode
export type Chain = (threshold: Limits | ThresholdSpec) => readonly Operator<any, any, any>[]

/**
 * Options of {@link backtest}.
 *
 * @example
 * ```ts
 * import type { BacktestOptions } from '@messwerk/backtest'
 *
 * const options: BacktestOptions = { thresholds: [6, { raise: 8.5, clear: 6 }], labels: 'fault' }
 * options.of // => undefined
 * ```
 */
export interface BacktestOptions {
  /** What to try: a number is a limit of the score. @defaultValue only the curve */
  readonly thresholds?: readonly (number | Limits | ThresholdSpec)[]
  /** What is known to have been wrong: spans of time, or a channel of the source that is not 0 then. */
  readonly labels?: readonly Label[] | string
  /** How long behind its end a label can still be found. @defaultValue '0s' */
  readonly tolerance?: Duration
  /** The score that is judged, as `detect` names it. @defaultValue 'score' */
  readonly of?: string
  /** Limits on the curve of the page, between what is usual and the highest score; 0 = no curve. @defaultValue 16 */
  readonly levels?: number
  /** Title of the page. @defaultValue the id of the source */
  readonly title?: string
  readonly signal?: AbortSignal
  /** Called after each batch. */
  readonly onProgress?: (progress: { readonly pass: 1 | 2; readonly scans: number }) => void
}

/**
 * Replays a recording through the operators that will run live, and says what each threshold would have done.
 *
 * - The recording is read once for all thresholds, and once more beforehand for the levels of the curve; each threshold has its
 *   own detector, since what is learned may depend on it.
 * - Alarms are counted when raised. A week is seven days of scored time: what is learned from does not count.
 * - With labels: a label is found when an alarm overlaps it (or begins within `tolerance` behind it); labels in time without
 *   scores are left out. No point adjustment: events are counted as events.
 * - Memory: the alarms, 100 000 a threshold at most, and what the detectors keep. The recording is never loaded whole.
 *
 * @param source - read from its beginning, twice where there is a curve: a file, for example
 * @param chain - its operators must add the score `of`, as `detect` does
 * @throws RangeError or TypeError for wrong options; what the source or an operator throws
 *
 * @example
 * ```ts
 * import { backtest } from '@messwerk/backtest'
 * import { detect, toBlocks } from '@messwerk/core'
 * import { robustZ } from '@messwerk/detectors'
 * import { replay } from '@messwerk/storage/files'
 * import { writeFileSync } from 'node:fs'
 *
 * const rows = Array.from({ length: 400 }, (_, i) => `${Math.sin(i * 1.7) + (i > 300 && i < 310 ? 9 : 0)},${Number(i > 300 && i < 310)}`)
 * writeFileSync('pump.csv', ['pressure,fault', ...rows].join('\n'))
 * const recording = replay('pump.csv', { channels: { pressure: 'bar' }, labels: ['fault'], rate: 1 })
 *
 * const report = await backtest(recording, (threshold) => [detect(robustZ(), { learn: '3min', threshold })], {
 *   thresholds: [1, 5],
 *   labels: 'fault'
 * })
 * report.text()[1] // => 'Threshold 5: 1 alarm, 2750 a week; 1 of 1 label found, median delay 0 s; 0 false alarms, 0 a week'
 * ```
 */
export async function backtest(source: Source, chain: Chain, options: BacktestOptions = {}): Promise<BacktestReport> {
  const { of = 'score', levels = 16, title = source.id } = options
  const toleranceMs = durationMs(options.tolerance ?? '0s', 'backtest: tolerance')
  if (!(Number.isInteger(levels) && levels >= 0 && levels <= 200))
    throw new RangeError(`backtest: levels must be a whole number from 0 to 200, got ${levels}`)
  const given = typeof options.labels === 'object' ? checkLabels(options.labels) : undefined
  const asked = (options.thresholds ?? []).map(named)
  const swept = levels > 0 ? await levelsOf(source, chain, of, levels, options) : []
  const truth = typeof options.labels === 'string' ? new LabelChannel(options.labels) : undefined
  const trials = [...asked, ...swept.map(named)].map((one) => ({
    name: one.name,
    trial: new Trial(chain(one.threshold), of)
  }))
  if (trials.length === 0)
    throw new RangeError('backtest: thresholds must name at least one where levels is 0, got none')
  await replayed(source, 2, options, (block) => {
    truth?.take(block)
    for (const { trial } of trials) trial.take(block)
  })
  for (const { trial } of trials) trial.end()
  const labels = given ?? truth?.labels
  const results = trials.map(({ name, trial }) => resultOf(name, trial, labels, toleranceMs))
  const { scans, scored, seconds } = trials[0]!.trial.watched
  const thresholds = results.slice(0, asked.length)
  const report: BacktestReport = {
    scans,
    scored,
    seconds,
    thresholds,
    curve: results.slice(asked.length),
    text: () => thresholds.map(thresholdLine),
    html: () => reportHtml(title, report)
  }
  return report
}

interface NamedThreshold {
  readonly name: string
  readonly threshold: Limits | ThresholdSpec
}

function named(threshold: number | Limits | ThresholdSpec): NamedThreshold {
  if (typeof threshold === 'number') return { name: shortNumber(threshold), threshold: { raise: threshold } }
  if ('create' in threshold) return { name: threshold.kind, threshold }
  const { raise, clear } = threshold
  return {
    name: clear === undefined ? shortNumber(raise) : `${shortNumber(raise)} (clears at ${shortNumber(clear)})`,
    threshold
  }
}

/** Limits between what is usual and the highest score, as an unbounded limit lets them be seen. */
async function levelsOf(
  source: Source,
  chain: Chain,
  of: string,
  count: number,
  options: BacktestOptions
): Promise<readonly number[]> {
  const scores = new ScoreLevels(of)
  const probe = new Trial(chain({ raise: Number.MAX_VALUE }), of, (block) => scores.take(block))
  await replayed(source, 1, options, (block) => probe.take(block))
  probe.end()
  return scores.levels(count)
}

async function replayed(
  source: Source,
  pass: 1 | 2,
  { signal = new AbortController().signal, onProgress }: BacktestOptions,
  take: (block: Block) => void
): Promise<void> {
  const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
  let scans = 0
  for await (const { blocks } of source.read({ signal, from: {}, splits })) {
    for (const block of blocks) {
      take(block)
      scans += block.length
    }
    onProgress?.({ pass, scans })
  }
  signal.throwIfAborted()
}

function resultOf(
  name: string,
  { alarms, uncounted, watched, limit }: Trial,
  labels: readonly Label[] | undefined,
  toleranceMs: number
): ThresholdResult {
  const weeks = watched.seconds / WEEK
  const total = alarms.length + uncounted
  const result = {
    name,
    limit,
    alarms: total,
    alarmsPerWeek: total / weeks,
    inAlarm: Math.min(1, alarms.reduce((sum, { start, end }) => sum + (end - start) / 1000, 0) / watched.seconds),
    events: alarms.map(({ event }) => event)
  }
  if (labels === undefined) return result
  const scored = labels.filter(({ start, end, stream }) => watched.covers(start, end, stream))
  const judged = judge(alarms, scored, toleranceMs)
  const delays = judged.labels.flatMap(({ delay }) => (delay === undefined ? [] : [delay])).toSorted((a, b) => a - b)
  const falseAlarms = judged.isFalse.filter(Boolean).length
  return {
    ...result,
    falseAlarms,
    falseAlarmsPerWeek: falseAlarms / weeks,
    labels: judged.labels,
    recall: delays.length / scored.length,
    precision: (alarms.length - falseAlarms) / alarms.length,
    medianDelay:
      delays.length === 0 ? Number.NaN : (delays[(delays.length - 1) >> 1]! + delays[delays.length >> 1]!) / 2
  }
}
