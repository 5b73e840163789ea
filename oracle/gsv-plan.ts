import { between, seeded } from './random.ts'

/** What the amplifier measures: a channel that tells the number of the scan, and one to watch. */
export interface GsvPlan {
  readonly rate: number
  readonly records: number
  readonly amplitude: number
  /** Of the numbering sine, Hz: it rises all the time. */
  readonly frequency: number
  /** Of the watched channel, Hz. */
  readonly ripple: number
  readonly anomalies: readonly { readonly from: number; readonly scans: number; readonly size: number }[]
}

/** Up to here the numbering sine rises, rad. */
const LAST_ANGLE = 1.2
const AMPLITUDE = 1e6

export function gsvPlan(records: number, rate: number, seed: number): GsvPlan {
  const random = seeded(seed + 2)
  const anomalies = []
  // the device goes on while faults end and its host stops
  const most = records * 1.1 + 60 * rate
  for (let at = Math.round(3 * rate); at < most; at += Math.round(between(random, 6, 14) * rate)) {
    anomalies.push({ from: at, scans: Math.round(between(random, 2, 4) * rate), size: 100 })
  }
  const frequency = (LAST_ANGLE * rate) / (2 * Math.PI * most)
  return { rate, records, amplitude: AMPLITUDE, frequency, ripple: 0.7, anomalies }
}

/** Number of the scan that has this value; NaN when none has. */
export function scanOf({ amplitude, frequency, rate }: GsvPlan, value: number): number {
  const turn = (2 * Math.PI * frequency) / rate
  const scan = Math.asin(value / amplitude) / turn
  const whole = Math.round(scan)
  return Math.abs(scan - whole) < 0.3 ? whole : Number.NaN
}

/** The watched channel in a scan, as float32. */
export function watchedOf({ ripple, rate, anomalies }: GsvPlan, scan: number): number {
  const shifted = anomalies.some(({ from, scans }) => scan >= from && scan < from + scans)
  return Math.fround((shifted ? 200 : 100) + 10 * Math.sin(((2 * Math.PI * ripple) / rate) * scan))
}
