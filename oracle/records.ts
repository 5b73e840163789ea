// What is sent. Everything about a record follows from its id and the seed, so the expected rows need no second run.

/** The records of a trial. */
export interface RecordPlan {
  readonly records: number
  readonly machines: number
  /** Records of one machine in a window of one second of event time. */
  readonly perWindow: number
  readonly seed: number
}

export interface SentRecord {
  readonly id: number
  readonly machine: number
  /** Number among those of its machine, from 0. */
  readonly seq: number
  /** Event time, ms since the Unix epoch: on the grid, whatever the clock on the wall says. */
  readonly ms: number
  /** A whole number, so that sums of squares are exact in any order. */
  readonly v: number
}

export const WINDOW_MS = 1000
export const START_MS = 1_700_000_000_000
export const RAISE = 150
export const CLEAR = 130
const NORMAL = 100
const ANOMALOUS = 200
/** Anomalies last three windows. */
const ANOMALY_WINDOWS = 3

export function recordPlan(records: number, seed: number): RecordPlan {
  return records >= 200_000
    ? { records, machines: 8, perWindow: 100, seed }
    : { records, machines: 4, perWindow: 10, seed }
}

export function streamOf(machine: number): string {
  return `machine-${machine}`
}

export function machineOf({ machines }: RecordPlan, stream: string): number {
  const machine = Number(/^machine-(\d+)$/.exec(stream)?.[1] ?? Number.NaN)
  return machine < machines ? machine : Number.NaN
}

export function idOf({ machines }: RecordPlan, machine: number, seq: number): number {
  return seq * machines + machine
}

/** How many records a machine sends. */
export function countOf({ records, machines }: RecordPlan, machine: number): number {
  return Math.floor((records - machine + machines - 1) / machines)
}

export function timeOfSeq({ perWindow }: RecordPlan, seq: number): number {
  return START_MS + seq * (WINDOW_MS / perWindow)
}

export function measuredAt({ perWindow, seed }: RecordPlan, machine: number, seq: number): number {
  const anomaly = Math.floor(seq / perWindow / ANOMALY_WINDOWS)
  const base = mixed(seed, machine + 1, anomaly + 1) % 6 === 0 ? ANOMALOUS : NORMAL
  return base + (mixed(seed, machine + 1, seq + 7) % 16)
}

export function record(plan: RecordPlan, id: number): SentRecord {
  const machine = id % plan.machines
  const seq = Math.floor(id / plan.machines)
  return { id, machine, seq, ms: timeOfSeq(plan, seq), v: measuredAt(plan, machine, seq) }
}

function mixed(a: number, b: number, c: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
  return (h ^ (h >>> 15)) >>> 0
}
