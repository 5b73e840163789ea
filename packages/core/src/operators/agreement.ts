import { rankCorrelation } from './rank-correlation.ts'

/** Most pairs of scores that a rank correlation is worked out of. */
const PAIRS = 1024

/**
 * How well two models agree on the scans of one stream in one span of time.
 *
 * @example
 * ```ts
 * import type { Agreement } from '@messwerk/core'
 *
 * const agreement: Pick<Agreement, 'scans' | 'both' | 'onlyCandidate'> = { scans: 3600, both: 12, onlyCandidate: 2 }
 * agreement.onlyCandidate // => 2
 * ```
 */
export interface Agreement {
  readonly stream: string
  /** Name and version of the models: `pump@2`. */
  readonly current: string
  readonly candidate: string
  /** Of the first and the last scan, ms since the Unix epoch. */
  readonly start: number
  readonly end: number
  /** Scans that both gave a score. */
  readonly scans: number
  /** Scans that both flag as alarm, and those that one of them does alone. */
  readonly both: number
  readonly onlyCurrent: number
  readonly onlyCandidate: number
  /** Share of scans with the same verdict, 0 to 1. */
  readonly agreed: number
  /** Largest distance between the two scores of a scan. */
  readonly largestDifference: number
  /** Spearman's, of at most 1024 scans evenly spread; absent where one of the scores does not vary. */
  readonly rankCorrelation?: number | undefined
}

/** The counts of one span, as they stand. @internal */
export interface AgreementState {
  readonly counts: Float64Array
  readonly pairs: Float64Array
  readonly stride: number
}

const SCANS = 0
const BOTH = 1
const ONLY_CURRENT = 2
const ONLY_CANDIDATE = 3
const AGREED = 4
const DIFFERENCE = 5
const START = 6
const END = 7
const VERSION = 8

/** Counts how well two scores agree. Numbers alone, so that a scan costs no allocation. @internal */
export class AgreementCounts {
  /** Scans, both, only current, only candidate, agreed, largest difference, start and end (ms), version of the current model. */
  readonly #counts = new Float64Array(9)
  /** Scores of the current model, then those of the candidate. */
  readonly #pairs = new Float64Array(2 * PAIRS)
  #kept = 0
  /** One scan in so many is kept. */
  #stride = 1

  get scans(): number {
    return this.#counts[SCANS]!
  }

  get start(): number {
    return this.#counts[START]!
  }

  get version(): number {
    return this.#counts[VERSION]!
  }

  clear(): void {
    this.#counts.fill(0)
    this.#kept = 0
    this.#stride = 1
  }

  add(ms: number, version: number, score: number, flag: number, other: number, otherFlag: number): void {
    const counts = this.#counts
    const difference = Math.abs(score - other)
    if (counts[SCANS] === 0) counts[START] = ms
    counts[END] = ms
    counts[VERSION] = version
    if (flag === 2 && otherFlag === 2) counts[BOTH]! += 1
    else if (flag === 2) counts[ONLY_CURRENT]! += 1
    else if (otherFlag === 2) counts[ONLY_CANDIDATE]! += 1
    if (flag === otherFlag) counts[AGREED]! += 1
    if (difference > counts[DIFFERENCE]!) counts[DIFFERENCE] = difference
    if (counts[SCANS]! % this.#stride === 0) this.#keep(score, other)
    counts[SCANS]! += 1
  }

  agreement(stream: string, current: string, candidate: string): Agreement {
    const counts = this.#counts
    const rank = rankCorrelation(this.#pairs.subarray(0, this.#kept), this.#pairs.subarray(PAIRS, PAIRS + this.#kept))
    const agreement: Agreement = {
      stream,
      current,
      candidate,
      start: counts[START]!,
      end: counts[END]!,
      scans: counts[SCANS]!,
      both: counts[BOTH]!,
      onlyCurrent: counts[ONLY_CURRENT]!,
      onlyCandidate: counts[ONLY_CANDIDATE]!,
      agreed: counts[AGREED]! / counts[SCANS]!,
      largestDifference: counts[DIFFERENCE]!
    }
    return Number.isNaN(rank) ? agreement : Object.assign({}, agreement, { rankCorrelation: rank })
  }

  snapshot(): AgreementState {
    const pairs = new Float64Array(2 * this.#kept)
    pairs.set(this.#pairs.subarray(0, this.#kept))
    pairs.set(this.#pairs.subarray(PAIRS, PAIRS + this.#kept), this.#kept)
    return { counts: this.#counts.slice(), pairs, stride: this.#stride }
  }

  restore({ counts, pairs, stride }: AgreementState): void {
    this.#counts.set(counts)
    this.#kept = pairs.length / 2
    this.#pairs.set(pairs.subarray(0, this.#kept))
    this.#pairs.set(pairs.subarray(this.#kept), PAIRS)
    this.#stride = stride
  }

  #keep(score: number, other: number): void {
    if (this.#kept === PAIRS) this.#thin()
    if (this.#counts[SCANS]! % this.#stride !== 0) return
    this.#pairs[this.#kept] = score
    this.#pairs[PAIRS + this.#kept] = other
    this.#kept += 1
  }

  /** Every other one of what was kept is enough. */
  #thin(): void {
    this.#kept = PAIRS / 2
    for (let i = 0; i < this.#kept; i += 1) {
      this.#pairs[i] = this.#pairs[2 * i]!
      this.#pairs[PAIRS + i] = this.#pairs[PAIRS + 2 * i]!
    }
    this.#stride *= 2
  }
}
