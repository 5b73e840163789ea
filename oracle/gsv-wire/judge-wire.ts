// Compares what a driver handed over with what the simulator logged: which scans it wrote, and what they held.
import type { SentScans } from '@messwerk/gsv-driver/simulator'
import { planOf } from '../../packages/gsv-driver/src/simulator/plan.ts'
import { Signal } from '../../packages/gsv-driver/src/simulator/signal.ts'
import { type HandedOver, hashOf, type ScanRecord } from './scan-record.ts'

/** An inferred gap that stands so near to a hole is its, ms. */
const PLACED_WITHIN_MS = 500

/** Holes of one kind. */
export interface Holes {
  count: number
  scans: number
  /** Declared with exactly their number. */
  exact: number
  /** Declared without one. */
  unknown: number
  /** Largest error of a number, scans. */
  largestError: number
  /** Largest error as a part of what the times of the blocks on both sides admit. */
  largestShare: number
  /** Smallest and largest number of scans that they admit. */
  admitted: [number, number]
}

export interface WireVerdict {
  written: number
  damaged: number
  delivered: number
  /** Delivered with other values than the device measured, or never written whole. */
  invalid: number
  repeated: number
  /** Holes inside of blocks. */
  undeclared: number
  /** Gaps where nothing is missing. */
  needless: number
  /** Times that go back. */
  backwards: number
  /** Holes of damaged frames only. */
  corrupted: Holes
  /** Holes over a time in which the link was gone. */
  reconnected: Holes
  /** Holes over other times in which frames were lost. */
  stalled: Holes
  /** How far inferred gaps stood from their place, at most, scans. */
  misplaced: number
  findings: string[]
}

export interface WireTrial {
  readonly rate: number
  readonly seed: number
  readonly log: readonly SentScans[]
  readonly record: ScanRecord
}

export function judgeWire(trial: WireTrial): WireVerdict {
  const { record, log } = trial
  const holes = (): Holes => ({
    count: 0,
    scans: 0,
    exact: 0,
    unknown: 0,
    largestError: 0,
    largestShare: 0,
    admitted: [Number.POSITIVE_INFINITY, 0]
  })
  const verdict: WireVerdict = {
    written: scansOf(log, 'written'),
    damaged: scansOf(log, 'damaged'),
    delivered: record.delivered,
    invalid: 0,
    repeated: record.repeated,
    undeclared: record.torn,
    needless: 0,
    backwards: record.backwards,
    corrupted: holes(),
    reconnected: holes(),
    stalled: holes(),
    misplaced: 0,
    findings: []
  }
  judgeValues(trial, verdict)
  judgeHoles(trial, verdict)
  return verdict
}

function scansOf(log: readonly SentScans[], fate: SentScans['fate']): number {
  return log.reduce((sum, one) => sum + (one.fate === fate ? one.to - one.from : 0), 0)
}

/** Measures once more what the simulator measured, and compares. */
function judgeValues({ rate, seed, log, record }: WireTrial, verdict: WireVerdict): void {
  const { channels } = planOf({ rate, seed, counterChannel: 8 })
  const signal = new Signal(channels, rate, seed)
  const values = new Float64Array(8)
  const sent = new Float32Array(8)
  const bits = new Int32Array(sent.buffer)
  let seen = 0
  for (const { from, to, fate } of log) {
    if (fate !== 'written' && fate !== 'damaged') continue
    for (let scan = from; scan < to; scan += 1) {
      signal.fill(values, scan)
      sent.set(values)
      sent[7] = scan
      const hash = record.hashes[scan] as number
      if (hash === 0) continue
      seen += 1
      if (fate === 'written' && hash === hashOf(bits)) continue
      verdict.invalid += 1
      find(verdict, `scan ${scan}, which was ${fate}, was delivered${fate === 'written' ? ' with other values' : ''}`)
    }
  }
  verdict.invalid += record.delivered - record.repeated - seen
}

interface Hole {
  readonly before: number
  readonly scans: number
  readonly admitted: number
  readonly kind: Holes
  isPaired: boolean
}

function judgeHoles(trial: WireTrial, verdict: WireVerdict): void {
  const { record, rate } = trial
  const { blocks } = record
  const holes: Hole[] = []
  const gaps: { readonly block: HandedOver; readonly before: number }[] = []
  for (let i = 1; i < blocks.length; i += 1) {
    const [last, block] = [blocks[i - 1]!, blocks[i]!]
    const missing = block.first - last.last - 1
    const admitted = ((last.uncertainty + block.uncertainty) * rate) / 1000
    if (missing < 0) find(verdict, `scan ${block.first} was delivered behind scan ${last.last}`)
    const kind = kindOf(trial, verdict, last, block)
    const hole = { before: block.first, scans: missing, admitted, kind, isPaired: false }
    if (block.cause !== '' && missing > 0) compare(verdict, hole, block)
    else if (block.cause !== '') gaps.push({ block, before: block.first })
    else if (missing > 0) holes.push(hole)
  }
  for (const { block, before } of gaps) pair(trial, verdict, holes, block, before)
  for (const hole of holes) {
    if (hole.isPaired) continue
    verdict.undeclared += 1
    find(verdict, `${hole.scans} scans before scan ${hole.before} are missing, and no gap is declared`)
  }
}

/** A gap where nothing is missing: an inferred one may be a little off its place. */
function pair({ rate }: WireTrial, verdict: WireVerdict, holes: Hole[], block: HandedOver, before: number): void {
  const most = (PLACED_WITHIN_MS * rate) / 1000
  const away = (hole: Hole): number => Math.max(hole.before - hole.scans - before, before - hole.before)
  const hole = holes.find((one) => !one.isPaired && away(one) <= most)
  if (!hole || block.cause !== 'lost') {
    verdict.needless += 1
    return find(verdict, `before scan ${before} ${block.missing} are declared missing (${block.cause}), and none are`)
  }
  hole.isPaired = true
  verdict.misplaced = Math.max(verdict.misplaced, away(hole))
  compare(verdict, hole, block)
}

function kindOf({ log }: WireTrial, verdict: WireVerdict, last: HandedOver, block: HandedOver): Holes {
  if (block.cause === 'reconnect') return verdict.reconnected
  const isDamageOnly = !log.some(({ from, to, fate }) => fate !== 'damaged' && to > last.last + 1 && from < block.first)
  return isDamageOnly ? verdict.corrupted : verdict.stalled
}

function compare(verdict: WireVerdict, { before, scans, admitted, kind }: Hole, { missing, cause }: HandedOver): void {
  kind.count += 1
  kind.scans += scans
  kind.admitted = [Math.min(kind.admitted[0], rounded(admitted)), Math.max(kind.admitted[1], rounded(admitted))]
  if (Number.isNaN(missing)) {
    kind.unknown += 1
    return
  }
  const error = missing - scans
  if (error === 0) kind.exact += 1
  else
    find(
      verdict,
      `before scan ${before} ${scans} are missing, ${missing} are declared (${cause}); admitted are ±${admitted.toFixed(1)}`
    )
  kind.largestError = Math.max(kind.largestError, Math.abs(error))
  kind.largestShare = Math.max(kind.largestShare, rounded(Math.abs(error) / admitted))
}

/** The first findings are enough. */
function find({ findings }: WireVerdict, what: string): void {
  if (findings.length < 50) findings.push(what)
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100
}
