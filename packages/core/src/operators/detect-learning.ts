import type { Block } from '../model/block.ts'
import { SnapshotIncompatibleError } from '../model/errors.ts'
import type { Samples } from '../model/samples.ts'
import type { DetectChannels } from './detect-channels.ts'
import type { DetectClock } from './detect-clock.ts'

/** Where the values come from that are learned. @internal */
export type LearnedColumns = Pick<DetectChannels, 'names' | 'isGood' | 'copyScan'>

/** How much to learn from: ns of good time, or a number of good scans. @internal */
export type LearnSpan = { readonly ms: number } | { readonly scans: number }

/** Part of a period by which a sum of periods may fall short of the span for rounding. */
const ROUNDING = 1e-6

interface LearningState {
  readonly rows: Float64Array
  readonly goodNs: number
  readonly run: number
  readonly period: number
  readonly lastGood: number
  readonly isEven: boolean
}

/**
 * Collects the good scans of a stream until the span is full. Rows of used values with their time behind them; grows by doubling.
 *
 * @internal
 */
export class DetectLearning {
  readonly #span: LearnSpan
  readonly #channels: LearnedColumns
  readonly #good: Pick<DetectChannels, 'isGood'>
  readonly #width: number
  #rows: Float64Array
  #scans = 0
  /** ns of good time, but for the `#run` scans of `#period` ns each that came last: counting them keeps the sum exact. */
  #goodNs = 0
  #run = 0
  #period = 0
  /** Seconds of the last good scan; NaN behind a gap. */
  #lastGood = Number.NaN
  /** Whether the scans collected follow each other at one period with none left out. */
  #isEven = true

  /** @param good - tells which scans are, where other channels have a say in it */
  constructor(span: LearnSpan, channels: LearnedColumns, good: Pick<DetectChannels, 'isGood'> = channels) {
    this.#span = span
    this.#channels = channels
    this.#good = good
    this.#width = channels.names.length + 1
    this.#rows = new Float64Array(64 * this.#width)
  }

  /** A declared hole lies before the next scan: it is not good time. */
  gap(): void {
    this.#lastGood = Number.NaN
    if (this.#scans > 0) this.#isEven = false
  }

  /** Takes the scans of a block up to the one that fills the span; returns how many it took. */
  take(block: Block, clock: DetectClock): number {
    for (let i = 0; i < block.length; i += 1) {
      this.takeScan(block, i, clock)
      if (this.isFull) return i + 1
    }
    return block.length
  }

  /** Takes one scan, if it is good. */
  takeScan(block: Block, scan: number, clock: DetectClock): void {
    if (this.#good.isGood(block, scan)) this.#keep(block, scan, clock.seconds(scan))
    else if (this.#scans > 0) this.#isEven = false
  }

  /** Good scans so far. */
  get scans(): number {
    return this.#scans
  }

  get isFull(): boolean {
    if ('scans' in this.#span) return this.#scans >= this.#span.scans
    return this.#total() >= this.#span.ms * 1e6 - ROUNDING * this.#period
  }

  /** What was collected, as the detector fits it. */
  samples(): Samples {
    const { names } = this.#channels
    const length = this.#scans
    const values = new Float64Array(names.length * length)
    for (let i = 0; i < length; i += 1) {
      for (let c = 0; c < names.length; c += 1) values[c * length + i] = this.#rows[i * this.#width + c]!
    }
    return { channels: names, length, values, seconds: this.#isEven ? this.#period / 1e9 : this.#seconds() }
  }

  progress(): string {
    if ('scans' in this.#span) return `learning ${this.#scans} of ${this.#span.scans} scans`
    return `learning ${Math.floor(this.#total() / 1e9 + ROUNDING)} of ${this.#span.ms / 1000} s`
  }

  snapshot(): unknown {
    const rows = this.#rows.slice(0, this.#scans * this.#width)
    const state: LearningState = {
      rows,
      goodNs: this.#goodNs,
      run: this.#run,
      period: this.#period,
      lastGood: this.#lastGood,
      isEven: this.#isEven
    }
    return state
  }

  restore(state: unknown): void {
    const { rows, goodNs, run, period, lastGood, isEven } = state as LearningState
    if (!(rows instanceof Float64Array) || rows.length % this.#width !== 0) {
      throw new SnapshotIncompatibleError('detect', `what was learned so far is not of ${this.#width - 1} channels`)
    }
    this.#scans = rows.length / this.#width
    this.#rows = new Float64Array(Math.max(64 * this.#width, rows.length))
    this.#rows.set(rows)
    this.#goodNs = goodNs
    this.#run = run
    this.#period = period
    this.#lastGood = lastGood
    this.#isEven = isEven
  }

  #keep(block: Block, scan: number, seconds: number): void {
    const at = this.#scans * this.#width
    if (at === this.#rows.length) {
      const grown = new Float64Array(2 * at)
      grown.set(this.#rows)
      this.#rows = grown
    }
    this.#channels.copyScan(block, scan, this.#rows, at)
    this.#rows[at + this.#width - 1] = seconds
    this.#count(block.time.period, seconds)
    this.#scans += 1
    this.#lastGood = seconds
  }

  #count(period: number | undefined, seconds: number): void {
    if (period === undefined) {
      this.#isEven = false
      if (!Number.isNaN(this.#lastGood)) this.#goodNs += Math.max(0, Math.round((seconds - this.#lastGood) * 1e9))
      return
    }
    if (period !== this.#period) {
      if (this.#scans > 0) this.#isEven = false
      this.#goodNs += this.#run * this.#period
      this.#run = 0
      this.#period = period
    }
    this.#run += 1
  }

  #total(): number {
    return this.#goodNs + this.#run * this.#period
  }

  #seconds(): Float64Array {
    const seconds = new Float64Array(this.#scans)
    for (let i = 0; i < this.#scans; i += 1) seconds[i] = this.#rows[i * this.#width + this.#width - 1]!
    return seconds
  }
}
