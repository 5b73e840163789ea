// What came out, read back from the database, against what is known to be true.
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { type Block, column, type MeasurementEvent, type Run, timeOf } from '@messwerk/core'
import type { SimulatedGsv } from '@messwerk/gsv-driver/simulator'
import { type DuckdbReader, duckdbReader } from '@messwerk/storage/duckdb'
import { judgeMotor } from './motor.ts'
import type { Chart, ChartGap, Panel, Series } from './report/report.ts'
import { writeReport } from './report/write-report.ts'

const PRESS = 'press-3'
const MOTOR = 'motor'

/** Removes what an earlier run left; returns the path. */
export function startAnew(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  for (const file of [path, `${path}.wal`]) rmSync(file, { force: true })
  return path
}

interface Results {
  readonly path: string
  readonly amplifier: SimulatedGsv
  readonly live: Run
  readonly hour: Run
  readonly recorded: Run
}

export async function summary({ path, amplifier, live, hour, recorded }: Results): Promise<string> {
  const raw = duckdbReader({ path, table: 'raw' })
  const [{ scans: stored }] = (await raw.query('SELECT count(*)::INT AS scans FROM raw')) as [{ scans: number }]
  const gaps = (await all(raw.gaps({ stream: PRESS }))).map(({ scans }) => Number(scans))
  const declared = gaps.reduce((sum, scans) => sum + scans, 0)
  const start = timeOf((await first(raw.range({ stream: PRESS }))) as Block)
  const found = await eventsOf(path, 'events')
  const faults = amplifier.labels.map(({ kind, channel, from, to }) => {
    const event = found.find((one) => one.start < start + to + 50 && (one.end ?? one.start) > start + from)
    return { kind, channel, isFound: event !== undefined && largestShare(event) === channel }
  })
  const falseAlarms = (await eventsOf(path, 'false_alarms')).length
  const scores = duckdbReader({ path, table: 'motor_scores' })
  const motor = await judgeMotor(scores.range({ stream: MOTOR }))
  await Promise.all([raw.close(), scores.close()])
  const isComplete = amplifier.sent === stored + declared
  const unsettled = [live, hour, recorded].reduce((sum, run) => sum + run.metrics.unsettledBytes, 0)
  const { scans, values } = hour.metrics
  return [
    '',
    `amplifier   ${PRESS}, 20 s at 1 kHz, 6 channels over TCP`,
    `  delivery  sent ${amplifier.sent} ${isComplete ? '=' : '!='} stored ${stored} + declared missing ${declared}`,
    `  faults    ${faults.filter(({ isFound }) => isFound).length} of ${faults.length} found: ${faults.map(({ kind, channel }) => `${kind} of ${channel}`).join(', ')}; ${found.length} events`,
    `an hour     ${scans} scans without a fault, ${values} values: ${falseAlarms} false alarms`,
    `motor       ${motor.detected} of ${motor.faultyRuns} faulty runs detected, ${motor.healthyFlagged} of ${motor.healthyWindows} windows of the healthy run flagged`,
    `  phases    ${motor.phasesNamed} of ${motor.phasesCounted} faults named by phase; not ${motor.misnamed.join(', ')} (A1 and B1, repetition 005, look mislabelled)`,
    `  beside it always alarming detects ${motor.faultyRuns} of ${motor.faultyRuns} and flags ${motor.healthyWindows} of ${motor.healthyWindows}; always naming one phase is right for a third`,
    `            (${motor.healthyWindows} healthy windows are too few to speak of a false-alarm rate)`,
    `unsettled   ${unsettled} bytes`
  ].join('\n')
}

/** Draws what is stored; returns where, and what to try next. */
export async function report({ path, live, file }: { path: string; live: Run; file: string }): Promise<string> {
  const events = await eventsOf(path, 'events')
  const motorEvents = await eventsOf(path, 'motor_events')
  const { scans, missingScans, gaps } = live.metrics
  await writeReport(file, {
    title: 'Messwerk quickstart',
    intro: [
      'A simulated GSV-8 with a force/torque sensor, read over TCP by the real driver, and a real recording of an induction motor with shorted turns.',
      'Signals, scores and limits as they were stored; a grey band is a declared gap, a coloured one an event.'
    ],
    summary: [
      ['amplifier', `${scans} scans, ${gaps} gap of ${missingScans} scans declared, ${events.length} events`],
      ['motor', `${motorEvents.length} events in 36 faulty runs`]
    ],
    charts: [await pressChart(path, events), await motorChart(path, motorEvents)],
    events: [...events, ...motorEvents]
  })
  const home = process.env.INIT_CWD ?? process.cwd()
  const at = (name: string): string => relative(home, resolve(name))
  return [
    '',
    `stored      ${at(path)}`,
    `drawn       ${at(file)}`,
    '',
    'next: your numbers   npm run example your-numbers.ts',
    '      your CSV       npm run example your-csv.ts examples/data/itsc/currents.csv.gz Ia=A Ib=A Ic=A',
    '      your GSV       npm run example your-gsv.ts          (then with tcp://host:port or serial:/dev/ttyACM0)'
  ].join('\n')
}

async function pressChart(path: string, events: readonly MeasurementEvent[]): Promise<Chart> {
  const reader = duckdbReader({ path, table: 'scores' })
  const blocks = await all(reader.range({ stream: PRESS }))
  const gaps = await gapsOf(reader, PRESS, 1)
  await reader.close()
  const panels: Panel[] = [
    { label: 'forces', unit: 'N', series: ['force_x', 'force_y', 'force_z'].map((name) => series(blocks, name)) },
    { label: 'torques', unit: 'N.m', series: ['torque_x', 'torque_y', 'torque_z'].map((name) => series(blocks, name)) },
    scorePanel(blocks)
  ]
  return { title: 'press-3, live', panels, gaps, events }
}

async function motorChart(path: string, events: readonly MeasurementEvent[]): Promise<Chart> {
  const reader = duckdbReader({ path, table: 'motor_scores' })
  const blocks = await all(reader.range({ stream: MOTOR }))
  const gaps = await gapsOf(reader, MOTOR, 50)
  await reader.close()
  const ratio = ['sequence.ratio.real', 'sequence.ratio.imaginary'].map((name) => series(blocks, name))
  const panels = [{ label: 'negative over positive sequence', unit: '1', series: ratio }, scorePanel(blocks)]
  return { title: 'motor, 39 runs of a second', panels, gaps, events }
}

function scorePanel(blocks: readonly Block[]): Panel {
  return {
    label: 'score',
    unit: '1',
    series: [series(blocks, 'score', 'score'), series(blocks, 'score.limit', 'limit')]
  }
}

function series(blocks: readonly Block[], name: string, role: Series['role'] = 'signal'): Series {
  const length = blocks.reduce((sum, block) => sum + block.length, 0)
  const time = new Float64Array(length)
  const values = new Float64Array(length)
  let at = 0
  for (const block of blocks) {
    values.set(column(block, name), at)
    for (let i = 0; i < block.length; i += 1) time[at + i] = timeOf(block, i)
    at += block.length
  }
  return { name, role, time, values }
}

/** Gaps of the table that is read; scans lie `periodMs` apart. */
async function gapsOf(reader: DuckdbReader, stream: string, periodMs: number): Promise<ChartGap[]> {
  const gaps = await all(reader.gaps({ stream }))
  return gaps.map(({ before, scans, cause }) => ({ from: before - Number(scans) * periodMs, to: before, scans, cause }))
}

async function eventsOf(path: string, table: string): Promise<MeasurementEvent[]> {
  const reader = duckdbReader({ path, table })
  const events = await all(reader.events())
  await reader.close()
  return events.filter(({ kind }) => kind === 'anomaly')
}

function largestShare({ contributions = {} }: MeasurementEvent): string | undefined {
  return Object.entries(contributions).sort(([, a], [, b]) => b - a)[0]?.[0]
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = []
  for await (const item of items) got.push(item)
  return got
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}
