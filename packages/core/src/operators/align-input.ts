import type { Block } from '../model/block.ts'
import type { GapCause } from '../model/gap.ts'
import { Quality } from '../model/quality.ts'
import type { Stream } from '../model/stream.ts'
import { type Clock, offsetNs } from '../model/time-axis.ts'
import type { AlignedStream } from './align-plan.ts'
import type { AlignRows } from './align-rows.ts'
import { AlignScans, type AlignScansState } from './align-scans.ts'

/** The best first. @internal */
export const CLOCKS: readonly Clock[] = ['device', 'source', 'server', 'broker', 'arrival']

const CAUSES: readonly (GapCause | undefined)[] = [
  undefined,
  'lost',
  'sequence',
  'resync',
  'overflow',
  'shed',
  'late',
  'reconnect',
  'recording',
  'rejected'
]
const REJECTED = CAUSES.indexOf('rejected')
const FAR_NS = 2 ** 52

interface AlignInputState {
  readonly base: bigint
  readonly scans: AlignScansState
  readonly tearing: number
  readonly hasBegun: boolean
  readonly passed: number
  readonly clock: number
  readonly uncertainty: number
}

/**
 * The scans of one stream that the grid has not passed, and the last one before it. Times are ns from a base of its own.
 *
 * @internal
 */
export class AlignInput {
  /** Whoever hands over its blocks. */
  owner: unknown
  hasEnded = false
  /** When something of it came last. */
  heardAt: number
  base = 0n
  clock = 0
  uncertainty = 0
  /** Cause of the last hole that the grid has passed since the last row, by its number. */
  passed = 0
  readonly #plan: AlignedStream
  readonly #scans: AlignScans
  #stream: Stream | undefined
  #columns: readonly number[] = []
  /** Why scans are missing before the next, where its block does not say so. */
  #tearing = 0
  /** The grid has passed its first scan. */
  #hasBegun = false

  constructor(plan: AlignedStream, now: number) {
    this.#plan = plan
    this.heardAt = now
    this.#scans = new AlignScans(plan.names.length)
  }

  get isEmpty(): boolean {
    return this.waiting === 0
  }

  /** Scans held. */
  get waiting(): number {
    return this.#scans.end - this.#scans.head
  }

  /** Of the oldest scan held: the last that the grid has passed, or the first of all. */
  get first(): number {
    return this.#scans.times[this.#scans.head] as number
  }

  /** Of the newest scan; what is before it has come. */
  get newest(): number {
    return this.timeBehind(1)
  }

  get cause(): GapCause | undefined {
    return CAUSES[this.passed]
  }

  /** Of a scan counted from the end: the newest is 1. */
  timeBehind(scans: number): number {
    return this.#scans.times[this.#scans.end - scans] as number
  }

  /**
   * Keeps the scans of a block that are not older than the newest.
   *
   * @param given - the last instant that was given, ns since the Unix epoch
   * @returns how many scans came too late for that
   * @throws RangeError when it has not the channels and units that it should
   */
  append(block: Block, given: bigint | undefined): number {
    const { stream, length, time, gap } = block
    // a hole of no scans only says how the block came
    let torn = gap === undefined || gap.scans === 0 ? this.#tearing : CAUSES.indexOf(gap.cause)
    this.#tearing = REJECTED
    if (stream !== this.#stream) this.#learn(stream)
    this.#tearing = 0
    this.clock = CLOCKS.indexOf(time.clock)
    this.uncertainty = time.uncertainty
    const from = this.#offset(time.start)
    const limit = given === undefined ? Number.NEGATIVE_INFINITY : Number(given - this.base)
    let newest = this.isEmpty ? Number.NEGATIVE_INFINITY : this.newest
    let late = 0
    this.#scans.reserve(length)
    for (let i = 0; i < length; i += 1) {
      const at = from + offsetNs(time, i)
      if (at <= limit || at < newest) late += 1
      if (at < newest) continue
      newest = at
      this.#scans.put(block, this.#columns, i, at, torn)
      torn = 0
    }
    return late
  }

  /** Lets the grid pass all up to a time. */
  pass(time: number): void {
    const scans = this.#scans
    const { times, torn, end } = scans
    if (!this.#hasBegun && !this.isEmpty && this.first <= time) {
      this.#hasBegun = true
      this.passed = torn[scans.head] as number
    }
    while (scans.head + 1 < end && (times[scans.head + 1] as number) <= time) {
      scans.head += 1
      const hole = torn[scans.head] as number
      if (hole !== 0) this.passed = hole
    }
  }

  /** Of the first scan behind a time that was passed; infinite where none has come. */
  after(time: number): number {
    const { times, head, end } = this.#scans
    const next = this.first <= time ? head + 1 : head
    return next < end ? (times[next] as number) : Number.POSITIVE_INFINITY
  }

  /** Fills in the last values at or before a time that was passed; false where there are none that are not too old. */
  previous(time: number, maxGap: number, rows: AlignRows, row: number): boolean {
    const { head, end, torn, values, quality, width } = this.#scans
    if (head === end || !(this.first <= time) || time - this.first > maxGap) return false
    // where nobody knows what came since, or something is missing, it is a guess
    const isGuess = this.first !== time && (head + 1 === end || torn[head + 1] !== 0)
    const least = isGuess ? Quality.uncertain : Quality.good
    for (let c = 0; c < width; c += 1) {
      const at = head * width + c
      rows.set(this.#plan.at + c, row, values[at] as number, Math.max(quality[at] as number, least))
    }
    return true
  }

  /** Fills in values on the line between the scans around a time; false where they are too far apart. */
  linear(time: number, maxGap: number, rows: AlignRows, row: number): boolean {
    const { head, end, times, values, quality, width } = this.#scans
    if (head === end || !(this.first <= time)) return false
    if (this.first === time) return this.previous(time, maxGap, rows, row)
    if (head + 1 === end) return false
    const span = (times[head + 1] as number) - this.first
    if (span > maxGap) return false
    const share = (time - this.first) / span
    for (let c = 0; c < width; c += 1) {
      const at = head * width + c
      const from = values[at] as number
      const value = from + ((values[at + width] as number) - from) * share
      const worst = Math.max(quality[at] as number, quality[at + width] as number, Quality.uncertain)
      rows.set(this.#plan.at + c, row, value, worst)
    }
    return true
  }

  /** Says that there is nothing. */
  missing(rows: AlignRows, row: number): void {
    for (let c = 0; c < this.#scans.width; c += 1) rows.set(this.#plan.at + c, row, Number.NaN, Quality.missing)
  }

  snapshot(): AlignInputState {
    const { base, passed, clock, uncertainty } = this
    const scans = this.#scans.snapshot()
    return { base, scans, tearing: this.#tearing, hasBegun: this.#hasBegun, passed, clock, uncertainty }
  }

  restore(state: unknown): void {
    const { base, scans, tearing, hasBegun, passed, clock, uncertainty } = state as AlignInputState
    this.#scans.restore(scans)
    this.base = base
    this.#tearing = tearing
    this.#hasBegun = hasBegun
    this.passed = passed
    this.clock = clock
    this.uncertainty = uncertainty
  }

  #learn(stream: Stream): void {
    const { id, names, units } = this.#plan
    this.#columns = names.map((name, c) => {
      const at = stream.index(name)
      const unit = stream.channels[at]?.unit
      if (unit === units[c]) return at
      throw new RangeError(
        `align: channel '${name}' of stream '${id}' has the unit '${unit}', streams says '${units[c]}'; correct it, or put convert before align`
      )
    })
    this.#stream = stream
  }

  /** ns from the base, which is moved before they lose digits. */
  #offset(start: bigint): number {
    if (this.isEmpty) this.base = start
    const offset = Number(start - this.base)
    if (Math.abs(offset) < FAR_NS) return offset
    const by = this.first
    this.base += BigInt(by)
    this.#scans.shift(by)
    return Number(start - this.base)
  }
}
