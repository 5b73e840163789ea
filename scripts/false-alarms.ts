/**
 * How many false alarms `falseAlarms({ atMost: 1, per: 'week' })` gives, and which faults are still found: every detector of
 * @messwerk/detectors on four kinds of normal operation, a scan a minute. Calibrated on 4 weeks, counted on 52 others; then shifts of 5
 * standard deviations that last 10 scans.
 *
 *   npm run false-alarms -- [--detector NAME] [--seeds 3] [--first 201] [--weeks 52] [--shifts 200] [--channels N] [--adapts] [--json FILE]
 *
 * `--first`: the first seed. `--adapts`: detectors go on learning. FILE keeps rows of others, so that the table can be made in pieces.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { DetectorSpec } from '@messwerk/core/model'
import * as detectors from '@messwerk/detectors'
import { falseAlarmTrial, type Outcome } from '../packages/detectors/src/thresholds/fixtures/false-alarm-trial.ts'
import { type Kind, kinds } from '../packages/detectors/src/thresholds/fixtures/normal-weeks.ts'

const { values: options } = parseArgs({
  options: {
    detector: { type: 'string', multiple: true },
    seeds: { type: 'string', default: '3' },
    first: { type: 'string', default: '201' },
    channels: { type: 'string' },
    adapts: { type: 'boolean', default: false },
    weeks: { type: 'string', default: '52' },
    shifts: { type: 'string', default: '200' },
    json: { type: 'string' }
  }
})

/** No detectors, and those that need limits of their own. */
const others = new Set(['samples', 'quantile', 'conformal', 'spot', 'falseAlarms', 'fixedLimits', 'stuckValue'])

/** Channels a detector is given; one, where it can work on it. */
const channelsOf = (name: string): number =>
  Number(options.channels ?? (['t2', 'spe', 'auto', 'ensemble'].includes(name) ? 4 : 1))

interface Row {
  readonly detector: string
  readonly learning: 'frozen' | 'adapting'
  readonly channels: number
  readonly kind: Kind
  /** The first and the last of them. */
  readonly seeds: readonly [number, number]
  readonly weeks: number
  readonly shifts: number
  readonly alarmsAWeek: number
  /** The largest of the seeds. */
  readonly most: number
  readonly found: number
  readonly seconds: number
}

const rows: Row[] = []
for (const [detector, make] of Object.entries(detectors as Record<string, unknown>)) {
  if (options.detector && !options.detector.includes(detector)) continue
  const spec = others.has(detector) ? undefined : specOf(make)
  if (spec === undefined) continue
  for (const kind of kinds) {
    const row = tried(detector, spec, kind)
    rows.push(row)
    console.log(lineOf(row))
  }
}
if (options.json) save(options.json)

function save(file: string): void {
  const nameOf = ({ detector, learning, channels, kind }: Row): string => [detector, learning, channels, kind].join()
  const kept: Row[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).rows : []
  const all = new Map(kept.concat(rows).map((row) => [nameOf(row), row]))
  const setting = 'at most 1 alarm a week, a scan a minute, 4 weeks of calibration; shifts of 5 deviations for 10 scans'
  const lines = Array.from(all.values(), (row) => JSON.stringify(row))
  writeFileSync(file, `{ "setting": "${setting}",\n"rows": [\n${lines.join(',\n')}\n] }\n`)
}

function specOf(make: unknown): DetectorSpec | undefined {
  if (typeof make !== 'function') return undefined
  try {
    const spec = make() as DetectorSpec | undefined
    return typeof spec?.create === 'function' ? spec : undefined
  } catch {
    return undefined
  }
}

function tried(detector: string, spec: DetectorSpec, kind: Kind): Row {
  const started = performance.now()
  const patience = detector === 'rateOfChange' ? 1 : 8
  const threshold = detectors.falseAlarms({ atMost: 1, per: 'week', patience })
  const [weeks, shifts, channels] = [Number(options.weeks), Number(options.shifts), channelsOf(detector)]
  const { adapts } = options
  const first = Number(options.first)
  const last = first + Number(options.seeds) - 1
  const outcomes: Outcome[] = []
  for (let seed = first; seed <= last; seed += 1) {
    outcomes.push(falseAlarmTrial({ spec, threshold, kind, seed, weeks, shifts, channels, adapts }))
  }
  const mean = (of: (outcome: Outcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length
  return {
    detector,
    learning: adapts ? 'adapting' : 'frozen',
    channels,
    kind,
    seeds: [first, last],
    weeks,
    shifts,
    alarmsAWeek: mean(({ alarmsAWeek }) => alarmsAWeek),
    most: Math.max(...outcomes.map(({ alarmsAWeek }) => alarmsAWeek)),
    found: mean(({ found }) => found),
    seconds: (performance.now() - started) / 1000
  }
}

function lineOf({ detector, channels, kind, alarmsAWeek, most, found, seconds }: Row): string {
  const share = `${(100 * found).toFixed(1)} %`
  return `| ${detector} | ${channels} | ${kind} | ${alarmsAWeek.toFixed(2)} | ${most.toFixed(2)} | ${share} | ${seconds.toFixed(1)} s |`
}
