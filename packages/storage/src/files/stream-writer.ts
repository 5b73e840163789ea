import { type Block, type Gap, type GapCause, joinGaps, type Stream, type TimeAxis } from '@messwerk/core/model'
import type { ReplayPlan } from './replay-plan.ts'
import type { RowParser } from './row-parser.ts'

const SECOND = 1_000_000_000n

/**
 * Collects the lines of one stream into blocks, keeps its time and its gaps.
 *
 * Lines that were read before (a resume) are counted but not kept, so that what follows has the same times and gaps.
 *
 * @internal
 */
export class StreamWriter {
  readonly stream: Stream
  /** What is missing before the next scan. */
  gap: Gap | undefined
  /** Scans collected and not taken. */
  length = 0
  readonly #plan: ReplayPlan
  readonly #rate: number
  #capacity: number
  #columns = new Float64Array(0)
  #quality: Uint8Array | undefined
  #positions = new Float64Array(0)
  #offsets = new Float64Array(0)
  /** Scans since the beginning, bad lines and pauses included; the first of the block. */
  #index = 0
  #startIndex = 0
  #seconds = 0
  #nanos = 0
  #startSeconds = 0
  #startNanos = 0
  #shiftSeconds = 0
  #shiftNanos = 0
  #begun = false
  #newRun = false

  constructor(stream: Stream, plan: ReplayPlan) {
    this.stream = stream
    this.#plan = plan
    this.#rate = plan.options.rate ?? 0
    this.#capacity = Math.min(16, plan.blockScans)
  }

  /** Time of the line, ms, from the origin of the file's times. */
  timeMs({ time }: RowParser): number {
    if (!time) return (this.#index / this.#rate) * 1000
    return (time.seconds + this.#shiftSeconds) * 1000 + (time.nanos + this.#shiftNanos) / 1e6
  }

  /** Whether the line continues the stream: false when its time goes back. Call before `add`. */
  admit({ time }: RowParser): boolean {
    if (!time) return true
    if (this.#newRun) this.#placeRun(time.seconds, time.nanos)
    let seconds = time.seconds + this.#shiftSeconds
    let nanos = time.nanos + this.#shiftNanos
    if (nanos >= 1e9) {
      nanos -= 1e9
      seconds += 1
    }
    if (this.#begun && (seconds < this.#seconds || (seconds === this.#seconds && nanos < this.#nanos))) return false
    this.#seconds = seconds
    this.#nanos = nanos
    return true
  }

  /** Whether the collected scans must be taken before an admitted line is added. */
  get full(): boolean {
    if (this.length === 0) return false
    return this.length === this.#plan.blockScans || this.#span() > Number.MAX_SAFE_INTEGER
  }

  /** Adds an admitted line. */
  add(row: RowParser, position: number): void {
    this.#begun = true
    const at = this.length
    if (at === 0) this.#open()
    else if (at === this.#capacity) this.#grow()
    const { values } = row
    const capacity = this.#capacity
    for (let c = 0; c < values.length; c += 1) this.#columns[c * capacity + at] = values[c] as number
    if (row.flawed) this.#mark(row.quality, at)
    this.#positions[at] = position
    if (row.time) this.#offsets[at] = this.#span()
    this.#index += 1
    this.length = at + 1
  }

  /** Counts an admitted line that was delivered before. */
  pass(): void {
    this.#begun = true
    this.#index += 1
    this.gap = undefined
  }

  /** Declares lines that could not be used; what is collected must have been taken. */
  miss(scans: number, cause: GapCause): void {
    this.gap = joinGaps(this.gap, { scans, cause })
    this.#index += scans
  }

  /** Declares the pause between two runs of a recording; what is collected must have been taken. */
  pause(): void {
    const { options, pauseMs } = this.#plan
    const scans = Math.round((pauseMs / 1000) * this.#rate)
    const known = options.group?.pause !== undefined && this.#rate > 0
    if (!known || scans > 0) this.gap = joinGaps(this.gap, { scans: known ? scans : 'unknown', cause: 'recording' })
    this.#index += scans
    this.#newRun = true
  }

  /** The collected scans as a block. Starts anew. */
  take(): Block {
    const { length } = this
    const whole = length === this.#capacity
    const positions = whole ? this.#positions : this.#positions.slice(0, length)
    const block: Block = {
      stream: this.stream,
      length,
      values: whole
        ? this.#columns
        : restride(this.#columns, this.#capacity, length, new Float64Array(this.#width * length)),
      time: this.#axis(length),
      quality: this.#quality && restride(this.#quality, this.#capacity, length, new Uint8Array(this.#width * length)),
      gap: this.gap,
      origin: { split: this.#plan.id, position: positions[length - 1] as number, positions }
    }
    this.#capacity = Math.min(this.#plan.blockScans, Math.max(16, length))
    this.#quality = undefined
    this.gap = undefined
    this.length = 0
    return block
  }

  /** Time of the last scan, ns since the Unix epoch. */
  get last(): bigint {
    if (!this.#begun) return this.#plan.epoch
    return this.#rate > 0 ? this.#instant(this.#index - 1).start : this.#absolute(this.#seconds, this.#nanos)
  }

  get #width(): number {
    return this.stream.channels.length
  }

  /** A run that would begin before the end of the one before it is moved behind it. */
  #placeRun(seconds: number, nanos: number): void {
    this.#newRun = false
    this.#shiftSeconds = this.#shiftNanos = 0
    if (!this.#begun || seconds > this.#seconds || (seconds === this.#seconds && nanos > this.#nanos)) return
    const pause = this.#plan.pauseMs
    const wholeSeconds = Math.floor(pause / 1000)
    const shift = this.#nanos - nanos + Math.round((pause - wholeSeconds * 1000) * 1e6)
    const carry = Math.floor(shift / 1e9)
    this.#shiftSeconds = this.#seconds - seconds + wholeSeconds + carry
    this.#shiftNanos = shift - carry * 1e9
  }

  /** ns from the first scan of the block to the admitted line. */
  #span(): number {
    return (this.#seconds - this.#startSeconds) * 1e9 + (this.#nanos - this.#startNanos)
  }

  #open(): void {
    this.#columns = new Float64Array(this.#width * this.#capacity)
    this.#positions = new Float64Array(this.#capacity)
    if (this.#rate === 0) this.#offsets = new Float64Array(this.#capacity)
    this.#startIndex = this.#index
    this.#startSeconds = this.#seconds
    this.#startNanos = this.#nanos
  }

  #grow(): void {
    const { length } = this
    const capacity = Math.min(this.#plan.blockScans, 2 * this.#capacity)
    const size = this.#width * capacity
    this.#columns = restride(this.#columns, this.#capacity, length, new Float64Array(size))
    this.#quality = this.#quality && restride(this.#quality, this.#capacity, length, new Uint8Array(size))
    this.#positions = restride(this.#positions, length, length, new Float64Array(capacity))
    if (this.#rate === 0) this.#offsets = restride(this.#offsets, length, length, new Float64Array(capacity))
    this.#capacity = capacity
  }

  #mark(quality: Uint8Array, at: number): void {
    this.#quality ??= new Uint8Array(this.#width * this.#capacity)
    for (let c = 0; c < quality.length; c += 1) this.#quality[c * this.#capacity + at] = quality[c] as number
  }

  #axis(length: number): TimeAxis {
    if (this.#rate > 0) {
      const { start, phase } = this.#instant(this.#startIndex)
      return { start, clock: 'source', uncertainty: 0, period: 1e9 / this.#rate, phase }
    }
    const offsets = length === this.#capacity ? this.#offsets : this.#offsets.slice(0, length)
    return { start: this.#absolute(this.#startSeconds, this.#startNanos), clock: 'source', uncertainty: 0, offsets }
  }

  /** Whole seconds first, so that a long file at a whole rate keeps every bit of the phase. */
  #instant(index: number): { start: bigint; phase: number } {
    const seconds = Number.isInteger(this.#rate) ? Math.floor(index / this.#rate) : 0
    const passed = ((index - seconds * this.#rate) * 1e9) / this.#rate
    const whole = Math.floor(passed)
    return { start: this.#absolute(seconds, whole), phase: passed - whole }
  }

  #absolute(seconds: number, nanos: number): bigint {
    return this.#plan.epoch + BigInt(seconds) * SECOND + BigInt(nanos)
  }
}

function restride<T extends Float64Array | Uint8Array>(from: T, stride: number, length: number, into: T): T {
  const width = from.length / stride
  const to = into.length / width
  for (let c = 0; c < width; c += 1) into.set(from.subarray(c * stride, c * stride + length), c * to)
  return into
}
