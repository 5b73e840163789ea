// Compares holes in the data of an amplifier with the gaps that were declared, and their numbers with its own time.
import type { DeviceLog } from './device-log.ts'
import type { GsvTrial } from './judge-gsv.ts'
import type { StoredGap } from './stored.ts'
import { find, type GsvClock, type Verdict } from './verdict.ts'

/** A loss without a reconnect is inferred, up to so much later, ms. */
const DECLARED_WITHIN_MS = 5000
/** How exactly the amplifier's own times are known here, ms. */
const LOG_MS = 2
/** Less than this is no hole by time: nobody reconnects faster. */
const DEAD_MS = 50

/** The stored rows in the order of time. */
export interface GsvRows {
  readonly ms: Float64Array
  readonly scan: Float64Array
}

interface Judged {
  /** Numbers of the rows before which a gap was declared. */
  readonly starts: ReadonlySet<number>
  readonly counts: Pick<GsvClock, 'counted' | 'unknown' | 'largestCountError' | 'largestShare'>
}

export function judgeGsvHoles(trial: GsvTrial, rows: GsvRows, verdict: Verdict): Judged {
  return new GsvHoles(trial, rows, verdict).judge()
}

class GsvHoles {
  readonly #trial: GsvTrial
  readonly #rows: GsvRows
  readonly #verdict: Verdict
  readonly #log: DeviceLog
  readonly #periodMs: number
  readonly #counts = { counted: 0, unknown: 0, largestCountError: 0, largestShare: 0 }

  constructor(trial: GsvTrial, rows: GsvRows, verdict: Verdict) {
    this.#trial = trial
    this.#rows = rows
    this.#verdict = verdict
    this.#log = trial.log
    this.#periodMs = 1000 / trial.plan.rate
  }

  judge(): Judged {
    const { ms, scan } = this.#rows
    const gaps = this.#trial.stored.gaps.toSorted((a, b) => a.before - b.before)
    const byTime = new Map(gaps.map((gap) => [gap.before, gap]))
    const left = new Set(gaps)
    const starts = new Set<number>()
    for (let i = 0; i < ms.length; i += 1) {
      const gap = byTime.get(ms[i]!)
      if (gap) starts.add(i)
      const before = i === 0 ? -1 : scan[i - 1]!
      const missing = scan[i]! - before - 1
      if (missing < 0) find(this.#verdict, `scan ${scan[i]} is stored behind scan ${before}`)
      const dead = i === 0 ? missing : this.#deadBefore(i)
      if (missing === 0 && dead * this.#periodMs < DEAD_MS && !gap) continue
      const found = gap ?? gaps.find((one) => left.has(one) && isSoonAfter(one, ms[i]!))
      if (found) left.delete(found)
      this.#compare(i, missing, dead, found)
    }
    this.#tail()
    for (const gap of left) {
      this.#verdict.needlessGaps += 1
      find(this.#verdict, `a gap of ${gap.scans} scans (${gap.cause}) at ${gap.before}, where nothing is missing`)
    }
    return { starts, counts: this.#counts }
  }

  /** How many scans the amplifier could have sent before this row and behind the one before, by its own time. */
  #deadBefore(i: number): number {
    const { scan } = this.#rows
    return (this.#log.timeOf(scan[i]!) - this.#log.timeOf(scan[i - 1]!)) / this.#periodMs - 1
  }

  #compare(i: number, missing: number, dead: number, gap: StoredGap | undefined): void {
    const verdict = this.#verdict
    const where = `before scan ${this.#rows.scan[i]} ${missing} scans are missing, ${dead.toFixed(1)} by time`
    if (!gap) {
      verdict.undeclaredHoles += 1
      verdict.lost += Math.max(missing, Math.round(dead))
      return find(verdict, `${where}, and no gap is declared`)
    }
    verdict.declaredGaps += missing
    if (gap.scans === 'unknown') return this.#uncounted(where, gap)
    this.#counts.counted += 1
    const error = Math.abs(gap.scans - dead)
    const admitted = this.#admitted(i)
    this.#counts.largestCountError = Math.max(this.#counts.largestCountError, rounded(error))
    this.#counts.largestShare = Math.max(this.#counts.largestShare, rounded(error / admitted))
    if (error <= admitted) return
    if (gap.scans < missing) verdict.lost += missing - gap.scans
    find(verdict, `${where}, and ${gap.scans} are declared (${gap.cause}); admitted are ±${admitted.toFixed(1)}`)
    verdict.undeclaredHoles += 1
  }

  /** By how many scans a number may be off: what the driver says of its clock on both sides, and a scan of rounding. */
  #admitted(i: number): number {
    const { ms } = this.#rows
    const { journal } = this.#trial
    const before = i === 0 ? 0 : journal.uncertaintyAt(ms[i - 1]!)
    return (before + journal.uncertaintyAt(ms[i]!) + LOG_MS) / this.#periodMs + 1
  }

  #uncounted(where: string, { cause }: StoredGap): void {
    this.#counts.unknown += 1
    if (!this.#trial.replayable) return
    this.#verdict.undeclaredHoles += 1
    find(this.#verdict, `${where}, and the gap (${cause}) has no number`)
  }

  #tail(): void {
    const tail = this.#log.sent - 1 - (this.#rows.scan.at(-1) ?? -1)
    if (tail <= 0) return
    this.#verdict.undeclaredHoles += 1
    this.#verdict.lost += tail
    find(this.#verdict, `at the end ${tail} scans are missing`)
  }
}

function isSoonAfter({ before }: StoredGap, ms: number): boolean {
  return before > ms && before < ms + DECLARED_WITHIN_MS
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100
}
