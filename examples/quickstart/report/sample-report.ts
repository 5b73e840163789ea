import type { MeasurementEvent } from '@messwerk/core/model'
import type { Chart, ChartGap, Report, Series } from './report.ts'

const START = Date.UTC(2026, 0, 15, 14, 2, 11)
const [SECONDS, RATE] = [20, 1000]
const FAULTS = [
  { from: 4, to: 4.35, channel: 'force_z' },
  { from: 9, to: 10.2, channel: 'torque_x' },
  { from: 16.5, to: 16.9, channel: 'force_y' }
]
const LOST = { from: 12.5, to: 13.5 }
const UNITS = { force_x: 'N', force_y: 'N', force_z: 'N', torque_x: 'N.m', torque_y: 'N.m', torque_z: 'N.m' }
const CHANNELS = Object.keys(UNITS)

/** A report of generated data for the tests: an amplifier with three faults and a lost second, a motor run by run. */
export function sampleReport(): Report {
  const [amplifier, motor] = [amplifierChart(), motorChart()]
  return {
    title: 'Quick start: an amplifier and a motor',
    intro: [
      'A simulated amplifier with six channels and the recorded currents of a motor, watched by the same program.'
    ],
    summary: [
      ['Accounts', 'sent 20 000 = stored 19 000 + declared missing 1 000'],
      ['Events against labels', '3 of 3, none false'],
      ['Throughput', '4.1 M values/s'],
      ['Peak memory', '143 MB']
    ],
    charts: [amplifier, motor],
    events: [...amplifier.events, ...motor.events]
  }
}

function amplifierChart(): Chart {
  const random = noise(7)
  const signals = CHANNELS.map((name, c) => sampled(name, RATE, (s) => wave(c, s) + random() * 0.4 + faultOf(name, s)))
  const score = sampled('score', 20, (s) => 1.2 + random() + (FAULTS.some((f) => s >= f.from && s < f.to) ? 60 : 0))
  const limit = { name: 'limit', role: 'limit' as const, time: score.time, values: score.time.map(() => 6) }
  return {
    title: 'Simulated GSV-8, six channels at 1 kHz',
    panels: [
      { label: 'Forces', unit: 'N', series: signals.slice(0, 3) },
      { label: 'Torques', unit: 'N.m', series: signals.slice(3) },
      { label: 'Score', unit: '1', series: [{ ...score, role: 'score' }, limit] }
    ],
    gaps: [{ from: START + 1000 * LOST.from, to: START + 1000 * LOST.to, scans: 1000, cause: 'lost' }],
    events: FAULTS.map((fault, i) => faultEvent(fault, i))
  }
}

/** The scans of the time that was not lost. */
function sampled(name: string, rate: number, value: (second: number) => number): Series & { time: Float64Array } {
  const seconds = Float64Array.from({ length: SECONDS * rate }, (_, i) => i / rate)
  const kept = seconds.filter((s) => s < LOST.from || s >= LOST.to)
  return { name, time: kept.map((s) => START + 1000 * s), values: kept.map(value) }
}

function wave(channel: number, second: number): number {
  return (channel < 3 ? 20 : 2) * (channel % 3) + 3 * Math.sin(2 * Math.PI * (0.2 + 0.07 * channel) * second)
}

function faultOf(name: string, second: number): number {
  return FAULTS.some((f) => f.channel === name && second >= f.from && second < f.to) ? 9 : 0
}

function faultEvent({ from, to, channel }: (typeof FAULTS)[number], i: number): MeasurementEvent {
  const start = START + 1000 * from
  const others = CHANNELS.filter((name) => name !== channel).slice(0, 2 + i * 2)
  return {
    ...{ id: `gsv-8/score/${start}000000`, kind: 'anomaly', phase: 'end', stream: 'gsv-8', rule: 'score', start },
    ...{ peak: start + 40, end: START + 1000 * to, score: 61.8 + i, limit: 6 },
    contributions: Object.fromEntries([[channel, 56], ...others.map((name, k) => [name, 3 - k / 2])]),
    values: { [channel]: { value: 51.3, unit: UNITS[channel as keyof typeof UNITS], lower: 36.6, upper: 43.4 } },
    origin: { split: 'gsv-8', position: 1000 * from }
  }
}

/** 37 runs of a second, a gap between any two, an event in every run but the first; time from the recording's start. */
function motorChart(): Chart {
  const random = noise(11)
  const runs = Array.from({ length: 37 }, (_, run) => run)
  const time = Float64Array.from({ length: 37 * 20 }, (_, i) => 1500 * Math.floor(i / 20) + 50 * (i % 20))
  const rms = ['A', 'B', 'C'].map((phase, p) => {
    const values = time.map(
      (ms) => 3 + 0.05 * random() + (ms >= 1500 && Math.floor(ms / 1500) % 3 === p ? ms / 50_000 : 0)
    )
    return { name: `current_${phase}`, time, values }
  })
  const values = time.map((ms) => (ms < 1500 ? 2 + random() : 3 ** (2 + ms / 9000) + 3 * random()))
  const limit = { name: 'limit', role: 'limit' as const, time, values: time.map(() => 6) }
  return {
    title: 'Recorded motor: shorted turns by level',
    panels: [
      { label: 'Phase currents, RMS of 50 ms', unit: 'A', series: rms },
      { label: 'Score', unit: '1', series: [{ name: 'score', role: 'score', time, values }, limit] }
    ],
    gaps: runs
      .slice(1)
      .map((run): ChartGap => ({ from: 1500 * run - 500, to: 1500 * run, scans: 'unknown', cause: 'declared' })),
    events: runs.slice(1).map((run) => motorEvent(run))
  }
}

function motorEvent(run: number): MeasurementEvent {
  const start = 1500 * run
  const phase = `current_${'ABC'[run % 3]}`
  return {
    ...{ id: `motor/score/${start}`, kind: 'anomaly', phase: 'end', stream: 'motor', rule: 'score', start },
    ...{ end: start + 950, score: 3 ** (2 + start / 9000), limit: 6, contributions: { [phase]: 80, current_D: 12 } },
    values: { [phase]: { value: 3.4, unit: 'A', lower: 2.9, upper: 3.1 } },
    origin: { split: 'motor', position: run }
  }
}

/** Roughly normal numbers, the same at every run. */
function noise(seed: number): () => number {
  let state = seed
  const uniform = (): number => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  return () => uniform() + uniform() + uniform() - 1.5
}
