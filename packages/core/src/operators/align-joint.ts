import type { Block } from '../model/block.ts'
import type { Gap } from '../model/gap.ts'
import type { Stream } from '../model/stream.ts'
import { type Clock, offsetNs, type UniformAxis } from '../model/time-axis.ts'
import type { Joint } from '../rx/joining.ts'
import { AlignInput, CLOCKS } from './align-input.ts'
import type { AlignedStream, AlignPlan } from './align-plan.ts'
import { AlignRows } from './align-rows.ts'

const ROWS = 256
/** How many times one has to have heard of the others while a stream is silent; a pause of all counts as one. */
const HEARINGS = 4

interface JointState {
  /** Number of the next instant. */
  readonly next: number | undefined
  readonly hasGiven: boolean
  readonly skipped: number
}

/**
 * Joins streams on one grid. An instant is given when every stream that is waited for has passed it, so the rows do not
 * depend on how the blocks of the streams lie between each other, nor on how they were cut.
 *
 * @internal
 */
export class AlignJoint implements Joint {
  readonly output: Stream
  readonly #plan: AlignPlan
  readonly #split: string
  readonly #elapsed: () => number
  readonly #inputs: AlignInput[]
  readonly #index: ReadonlyMap<string, number>
  readonly #rows: AlignRows
  /** By input: what an instant has to be added, to count from the base of the input. */
  readonly #shifts: Float64Array
  /** Number of the next instant. */
  #next: number | undefined
  #hasGiven = false
  /** Instants since the last row at which there was nothing. */
  #skipped = 0
  #isOver = false
  /** Time in which something was heard, ms: a pause of all streams makes none of them silent. */
  #now = 0
  #lookedAt: number

  /** @param split - in the origin of what it gives */
  constructor(plan: AlignPlan, split: string, elapsed: () => number) {
    const { output, streams } = plan
    this.output = output
    this.#plan = plan
    this.#split = split
    this.#elapsed = elapsed
    this.#lookedAt = elapsed()
    this.#inputs = streams.map((stream) => new AlignInput(stream, 0))
    this.#index = new Map(streams.map(({ id }, i) => [id, i]))
    this.#shifts = new Float64Array(streams.length)
    this.#rows = new AlignRows(output.channels.length, ROWS)
  }

  take(block: Block, owner: unknown): number {
    const { id } = block.stream
    const input = this.#input(id)
    if (input.owner !== undefined && input.owner !== owner) {
      throw new RangeError(
        `align: stream '${id}' comes from several splits, so its order is not known; align it by 'coPartitioned', or give it two names`
      )
    }
    const given = this.#hasGiven ? this.#plan.grid.nsOf((this.#next as number) - 1) : undefined
    const late = input.append(block, given)
    input.owner = owner
    this.#hear(input)
    return late
  }

  emit(): readonly Block[] {
    const out: Block[] = []
    if (this.#next === undefined && !this.#begin()) return out
    while (this.#fill(out));
    return out
  }

  end(stream: string): void {
    this.#input(stream).hasEnded = true
  }

  finish(): void {
    this.#isOver = true
  }

  forget(stream: string): void {
    const at = this.#index.get(stream) as number
    this.#inputs[at] = new AlignInput(this.#plan.streams[at] as AlignedStream, this.#now)
  }

  snapshot(): JointState {
    return { next: this.#next, hasGiven: this.#hasGiven, skipped: this.#skipped }
  }

  restore(state: unknown): void {
    const { next, hasGiven, skipped } = state as JointState
    this.#next = next
    this.#hasGiven = hasGiven
    this.#skipped = skipped
  }

  snapshotOf(stream: string): unknown {
    return this.#input(stream).snapshot()
  }

  restoreOf(stream: string, state: unknown, owner: unknown): void {
    const input = this.#input(stream)
    input.restore(state)
    input.owner = owner
  }

  #input(stream: string): AlignInput {
    return this.#inputs[this.#index.get(stream) as number] as AlignInput
  }

  #hear(input: AlignInput): void {
    const now = this.#elapsed()
    this.#now += Math.min(now - this.#lookedAt, this.#plan.idleMs / HEARINGS)
    this.#lookedAt = now
    input.heardAt = this.#now
  }

  /** The grid begins with the first scan of all; false while one is waited for that may be earlier. */
  #begin(): boolean {
    let first: bigint | undefined
    for (const input of this.#inputs) {
      if (input.isEmpty) continue
      const at = input.base + BigInt(input.first)
      if (first === undefined || at < first) first = at
    }
    if (first === undefined) return false
    this.#shift(first)
    if (this.#limit() === Number.NEGATIVE_INFINITY) return false
    this.#next = this.#plan.grid.firstFrom(first)
    return true
  }

  /** Gives the next block of rows, or passes instants at which there is nothing; false when the rest has to wait. */
  #fill(out: Block[]): boolean {
    const { grid } = this.#plan
    const next = this.#next as number
    const { start, phase } = grid.startAt(next)
    const axis: UniformAxis = { start, clock: 'device', uncertainty: 0, period: grid.period, phase }
    this.#shift(start)
    const limit = this.#limit()
    let gap: Gap | undefined
    let [rows, at, hasRow] = [0, offsetNs(axis, 0), true]
    for (; rows < ROWS && at < limit; at = offsetNs(axis, rows)) {
      hasRow = this.#fillRow(at, rows)
      if (!hasRow) break
      if (rows === 0) gap = this.#gap()
      for (const input of this.#inputs) input.passed = 0
      rows += 1
    }
    if (rows > 0) out.push(this.#block(axis, next, rows, gap))
    this.#next = next + rows
    if (!hasRow) this.#skip(start, at, limit)
    else this.#pass(at)
    return rows === ROWS || !hasRow
  }

  /** False where no stream has anything at an instant. */
  #fillRow(at: number, row: number): boolean {
    const { isLinear, maxGapNs } = this.#plan
    const rows = this.#rows
    let hasAny = false
    for (let i = 0; i < this.#inputs.length; i += 1) {
      const input = this.#inputs[i] as AlignInput
      const time = at + (this.#shifts[i] as number)
      input.pass(time)
      const has = isLinear ? input.linear(time, maxGapNs, rows, row) : input.previous(time, maxGapNs, rows, row)
      if (has) hasAny = true
      else input.missing(rows, row)
    }
    return hasAny
  }

  /** To the next instant at which there may be something; what lies between is a hole of the output. */
  #skip(start: bigint, at: number, limit: number): void {
    let to = limit
    for (let i = 0; i < this.#inputs.length; i += 1) {
      const shift = this.#shifts[i] as number
      to = Math.min(to, (this.#inputs[i] as AlignInput).after(at + shift) - shift)
    }
    const next = this.#plan.grid.firstFrom(start + BigInt(Math.ceil(to)))
    if (this.#hasGiven) this.#skipped += next - (this.#next as number)
    this.#next = next
  }

  /** Of what lies before the next instant only the last is wanted. */
  #pass(at: number): void {
    for (let i = 0; i < this.#inputs.length; i += 1) {
      ;(this.#inputs[i] as AlignInput).pass(at + (this.#shifts[i] as number))
    }
  }

  #gap(): Gap | undefined {
    const scans = this.#skipped
    this.#hasGiven = true
    this.#skipped = 0
    if (scans === 0) return undefined
    // where nobody declared it, nothing was to be recorded
    const cause = this.#inputs.find((input) => input.cause !== undefined)?.cause ?? 'recording'
    return { scans, cause }
  }

  #shift(start: bigint): void {
    for (let i = 0; i < this.#inputs.length; i += 1) {
      const input = this.#inputs[i] as AlignInput
      this.#shifts[i] = input.isEmpty ? 0 : Number(start - input.base)
    }
  }

  /** Instants before this are decided: all that are waited for have passed them, or a buffer is full. */
  #limit(): number {
    const { idleMs, buffer } = this.#plan
    let [limit, newest, full] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let i = 0; i < this.#inputs.length; i += 1) {
      const input = this.#inputs[i] as AlignInput
      const last = input.isEmpty ? Number.NEGATIVE_INFINITY : input.newest - (this.#shifts[i] as number)
      newest = Math.max(newest, last)
      if (input.waiting > buffer) full = Math.max(full, input.timeBehind(buffer) - (this.#shifts[i] as number))
      if (!input.hasEnded && this.#now - input.heardAt <= idleMs) limit = Math.min(limit, last)
    }
    if (this.#isOver) return newest + 0.5
    return Math.max(limit === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : limit, full)
  }

  #block(axis: UniformAxis, next: number, length: number, gap: Gap | undefined): Block {
    const positions = new Float64Array(length)
    for (let i = 0; i < length; i += 1) positions[i] = next + i
    return {
      stream: this.output,
      length,
      values: this.#rows.values(length),
      time: this.#axis(axis),
      quality: this.#rows.quality(length),
      gap,
      origin: { split: this.#split, position: next + length - 1, positions }
    }
  }

  /** With the worst of the clocks: nobody knows the time of a row better. */
  #axis({ start, period, phase }: UniformAxis): UniformAxis {
    let [clock, uncertainty] = [0, 0]
    for (const input of this.#inputs) {
      clock = Math.max(clock, input.clock)
      uncertainty = Math.max(uncertainty, input.uncertainty)
    }
    return { start, clock: CLOCKS[clock] as Clock, uncertainty, period, phase }
  }
}
