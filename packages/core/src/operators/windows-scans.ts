import type { Block } from '../model/block.ts'
import type { Stream } from '../model/stream.ts'
import { axisNs, offsetNs, type TimeAxis } from '../model/time-axis.ts'
import type { WindowGrid } from './windows-grid.ts'

/**
 * A scan stands in the middle of its cell of one period, and a little behind it: nothing that is rounded to a ns, nor a
 * stream that runs exactly between two grid points, is then on an edge. With this odd number of 1024ths no whole rate in
 * Hz ever is.
 */
const BEHIND = 513 / 1024
/** Relative times stay below this many ns (18 min), where a double still resolves 0.0002 ns. */
const FAR = 2 ** 40
/** A hole of 52 days starts all anew: sums of relative times would no longer be whole ns. */
const TOO_FAR = 2 ** 52

/** What can be kept of {@link WindowScans}. @internal */
export interface WindowScansState {
  readonly anchor: string
  readonly last: number
  readonly period: number
  readonly expectedNs: string
  readonly begun: boolean
}

/**
 * Coordinates of the scans of a block on the grid of the windows, as doubles relative to an anchor that is a multiple of
 * hop. Unit: ns or scans, as the grid's.
 *
 * @internal
 */
export class WindowScans {
  /** From one scan to the next; 0 where scans have times of their own. */
  period = 0
  /** Coordinate of the first scan of the block. */
  first = 0
  /** Coordinate of the last scan of the block. */
  last = 0
  /** Whether scans are missing before the block. */
  hole = false
  begun = false
  /** Time that is coordinate 0 (grid in ns), ns since the Unix epoch. */
  anchor = 0n
  readonly #grid: WindowGrid
  readonly #rate: number | undefined
  #offsets: Float64Array | undefined
  #base = 0
  #expectedNs = 0n

  constructor(grid: WindowGrid, stream: Stream) {
    this.#grid = grid
    this.#rate = stream.rate
  }

  /** Takes the next block. @returns how far the anchor moved, or undefined when all is to start anew: time ran backwards or is very far */
  locate(block: Block): number | undefined {
    const wasBegun = this.begun
    const previous = this.last
    const moved = this.#grid.unit === 'ns' ? this.#locateTime(block.time) : this.#locateIndex(block)
    const before = previous - moved
    this.last = this.at(block.length - 1)
    this.hole ||= block.gap !== undefined
    if (this.begun && this.first < before) this.begun = false
    return wasBegun && !this.begun ? undefined : moved
  }

  /** Coordinate of scan `i` of the block. */
  at(i: number): number {
    return this.#offsets === undefined ? this.first + i * this.period : this.#base + (this.#offsets[i] as number)
  }

  /** Coordinates of scans `from` on of the block, to `target[at]` on. */
  fillInto(target: Float64Array, at: number, from: number, count: number): void {
    const { first, period } = this
    const offsets = this.#offsets
    const base = this.#base
    for (let i = 0; i < count; i += 1) {
      target[at + i] = offsets === undefined ? first + (from + i) * period : base + (offsets[from + i] as number)
    }
  }

  /** First scan of the block at or after a coordinate; `length` when there is none. */
  firstAtOrAfter(coordinate: number, length: number): number {
    if (coordinate > this.last) return length
    if (coordinate <= this.first) return 0
    if (this.#offsets !== undefined) return lowerBound(this.#offsets, length, coordinate - this.#base)
    let i = Math.min(length, Math.max(0, Math.ceil((coordinate - this.first) / this.period)))
    while (i > 0 && this.at(i - 1) >= coordinate) i -= 1
    while (i < length && this.at(i) < coordinate) i += 1
    return i
  }

  snapshot(): WindowScansState {
    return {
      anchor: String(this.anchor),
      last: this.last,
      period: this.period,
      expectedNs: String(this.#expectedNs),
      begun: this.begun
    }
  }

  restore(state: WindowScansState): void {
    this.anchor = BigInt(state.anchor)
    this.last = state.last
    this.period = state.period
    this.#expectedNs = BigInt(state.expectedNs)
    this.begun = state.begun
  }

  #locateTime(time: TimeAxis): number {
    const { hop } = this.#grid
    if (Number(time.start - this.anchor) >= TOO_FAR) this.begun = false
    if (!this.begun) this.anchor = floorTo(time.start, BigInt(hop))
    let relative = Number(time.start - this.anchor)
    const moved = relative >= FAR ? Math.floor(relative / hop) * hop : 0
    if (moved > 0) {
      this.anchor += BigInt(moved)
      relative -= moved
    }
    const expected = this.last - moved + this.period
    this.#offsets = time.offsets
    this.period = time.period ?? 0
    this.#base = relative + this.period * BEHIND
    this.first = this.#base + offsetNs(time, 0)
    this.hole = this.begun && this.period > 0 && this.first > expected + this.period / 2
    return moved
  }

  #locateIndex({ time, length, gap }: Block): number {
    const startNs = axisNs(time, 0)
    const even = time.offsets === undefined
    const jumped = even ? Math.abs(Number(startNs - this.#expectedNs)) > time.period / 2 : gap !== undefined
    this.hole = this.begun && jumped
    this.#offsets = undefined
    this.period = 1
    if (this.begun && !jumped) this.first = this.last + 1
    else this.first = this.#indexAt(startNs) + 0.5
    const step = 1e9 / (this.#rate ?? 1e9)
    this.#expectedNs = even ? axisNs(time, length) : axisNs(time, length - 1) + BigInt(Math.round(step))
    return 0
  }

  #indexAt(ns: bigint): number {
    if (this.#rate === undefined) return this.begun ? this.last + 0.5 : 0
    const index = indexOf(ns, this.#rate)
    if (!this.begun) this.anchor = floorTo(index, BigInt(this.#grid.hop))
    return Number(index - this.anchor)
  }
}

/** First element that is at least `value`, in ascending values. @internal */
export function lowerBound(values: Float64Array, length: number, value: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

function floorTo(value: bigint, step: bigint): bigint {
  const rest = value % step
  return value - (rest < 0n ? rest + step : rest)
}

/** Number of the scan since the Unix epoch at an even rate, rounded; exact for every rate a double can say. */
function indexOf(ns: bigint, rate: number): bigint {
  let whole = rate
  let unit = 1_000_000_000n
  while (!Number.isInteger(whole)) {
    whole *= 2
    unit *= 2n
  }
  return floorTo(2n * ns * BigInt(whole) + unit, 2n * unit) / (2n * unit)
}
