import type { Block } from '../model/block.ts'
import type { Channel } from '../model/channel.ts'
import { SnapshotIncompatibleError } from '../model/errors.ts'
import type { Gap, GapCause } from '../model/gap.ts'
import type { Emission, Kernel } from '../model/kernel.ts'
import { Quality } from '../model/quality.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { replaceChannels, type Stream } from '../model/stream.ts'
import { offsetNs } from '../model/time-axis.ts'
import { checkFits, type WindowGrid } from './windows-grid.ts'
import { HeldScans, type HeldScansState } from './windows-held.ts'
import { WindowResults } from './windows-results.ts'
import { WindowScans, type WindowScansState } from './windows-scans.ts'

/** The scans of one window: the value of input `k` in scan `i` is `values[starts[k] + i]`. Reused, do not keep. @internal */
export interface WindowView {
  values: Float64Array
  /** One for each input channel. */
  readonly starts: Float64Array
  /** One for each input channel: uncertain where a value is, or where scans are missing; good elsewhere. */
  readonly quality: Uint8Array
  /** Scans, at least 1. */
  length: number
}

/** What is computed of a window. @internal */
export interface WindowFeature {
  readonly outputs: readonly Channel[]
  /** Fills one value and one quality for each output. */
  readonly compute: (window: WindowView, values: Float64Array, quality: Uint8Array) => void
}

interface WindowState {
  readonly scans: WindowScansState
  readonly held: HeldScansState
  readonly next: number
  readonly holeAt: number
  readonly previous: number
  readonly cause: GapCause | undefined
  readonly last: LastSeen | undefined
}

/** What the windows that leave at the end of data take over from the block before it. */
type LastSeen = Pick<Block['time'], 'clock' | 'uncertainty'> & Omit<Block['origin'], 'positions'>

/**
 * Cuts one stream into windows and computes each from its contiguous scans, so that any cutting into blocks gives the
 * same bits.
 *
 * A window leaves with the scan that completes it. Where scans have times of their own, that is the first scan at or
 * after its end. Memory: the scans of one window and one block.
 *
 * @internal
 */
export class WindowKernel implements Kernel {
  readonly output: Stream
  readonly #id: string
  readonly #grid: WindowGrid
  readonly #indexes: readonly number[]
  readonly #compute: WindowFeature['compute']
  readonly #rate: number | undefined
  readonly #scans: WindowScans
  readonly #held: HeldScans
  readonly #results: WindowResults
  readonly #view: WindowView
  /** Start of the next window, in coordinates. */
  #next = 0
  /** Start of the window that left last. */
  #previous = Number.NaN
  /** Why scans are missing since then, where a hole was declared. */
  #cause: GapCause | undefined
  /** Windows that begin before this coordinate miss scans. */
  #holeAt = Number.NEGATIVE_INFINITY
  #lastBlock: Block | undefined

  constructor(id: string, grid: WindowGrid, stream: Stream, indexes: readonly number[], feature: WindowFeature) {
    checkFits(id, grid, stream.rate)
    this.#id = id
    this.#grid = grid
    this.#indexes = indexes
    this.#compute = feature.compute
    this.#rate = stream.rate
    this.output = replaceChannels(stream, feature.outputs, outputRate(grid, stream.rate))
    this.#scans = new WindowScans(grid, stream)
    this.#held = new HeldScans(indexes)
    this.#results = new WindowResults(this.output)
    const width = indexes.length
    this.#view = {
      values: new Float64Array(0),
      starts: new Float64Array(width),
      quality: new Uint8Array(width),
      length: 0
    }
  }

  process(block: Block): Emission {
    this.#locate(block)
    const { size, hop } = this.#grid
    const scans = this.#scans
    const after = scans.last + scans.period
    const before = this.#held.length
    let appended = 0
    for (;;) {
      const end = this.#next + size
      const to = scans.firstAtOrAfter(end, block.length)
      if (to === block.length && after < end) break
      const from = this.#first(before, block.length)
      if (from >= before) this.#viewBlock(block, from - before, to - (from - before))
      else {
        this.#held.append(block, scans, appended, to)
        appended = Math.max(appended, to)
        this.#viewHeld(from, before + to - from)
      }
      if (this.#view.length > 0) this.#finish(block, before, from + this.#view.length - 1)
      this.#next += this.#view.length > 0 || to === block.length ? hop : this.#hopsTo(scans.at(to))
    }
    this.#keep(block, before, appended)
    this.#lastBlock = scans.period === 0 ? block : undefined
    return this.#take(block)
  }

  /** Scans with times of their own: what is open leaves, as uncertain. Evenly spaced: an open window is incomplete. */
  flush(): Emission {
    const block = this.#lastBlock
    if (!block || this.#grid.unit === 'scans') return undefined
    this.#holeAt = Number.POSITIVE_INFINITY
    for (; this.#next <= this.#scans.last; this.#next += this.#grid.hop) {
      const from = this.#held.firstAtOrAfter(this.#next)
      this.#viewHeld(from, this.#held.length - from)
      if (this.#view.length > 0) this.#finish(block, this.#held.length, this.#held.length - 1)
    }
    this.#held.drop(this.#held.length)
    return this.#take(block)
  }

  snapshot(): Snapshot {
    const state: WindowState = {
      scans: this.#scans.snapshot(),
      held: this.#held.snapshot(),
      next: this.#next,
      holeAt: this.#holeAt,
      previous: this.#previous,
      cause: this.#cause,
      last: this.#lastBlock && lastSeen(this.#lastBlock)
    }
    return { kind: `windows of ${this.#id}`, version: 1, state }
  }

  /** @throws SnapshotIncompatibleError when it is of another operator, version or number of channels */
  restore(snapshot: unknown): void {
    const { kind, version, state } = (snapshot ?? {}) as Partial<Snapshot>
    const expected = `windows of ${this.#id}`
    if (kind !== expected) throw new SnapshotIncompatibleError(expected, `it is of '${String(kind)}'`)
    if (version !== 1) throw new SnapshotIncompatibleError(expected, `version ${String(version)} is not 1`)
    const { scans, held, next, holeAt, previous, cause, last } = state as WindowState
    if (held.values.length !== held.length * this.#indexes.length) {
      throw new SnapshotIncompatibleError(expected, `it holds another number of channels than ${this.#indexes.length}`)
    }
    this.#scans.restore(scans)
    this.#held.restore(held)
    this.#next = next
    this.#holeAt = holeAt
    this.#previous = previous
    this.#cause = cause
    this.#lastBlock = last && standIn(last, this.output)
  }

  #locate(block: Block): void {
    const scans = this.#scans
    const moved = scans.locate(block)
    this.#cause = block.gap?.cause ?? this.#cause
    if (moved === undefined) {
      scans.locate(block)
      this.#held.drop(this.#held.length)
    } else if (moved > 0) {
      this.#held.shift(moved)
      this.#next -= moved
      this.#previous -= moved
      this.#holeAt -= moved
    }
    if (!scans.begun) {
      const { hop } = this.#grid
      scans.begun = true
      this.#next = Math.ceil((scans.first - scans.period) / hop) * hop
      this.#previous = Number.NaN
      this.#holeAt = Number.NEGATIVE_INFINITY
    } else if (scans.hole) this.#holeAt = scans.first - scans.period
  }

  /** First scan of the next window, counted over the held scans and the block behind them. */
  #first(before: number, length: number): number {
    const held = this.#held.firstAtOrAfter(this.#next)
    return held < before ? held : before + this.#scans.firstAtOrAfter(this.#next, length)
  }

  #viewBlock(block: Block, from: number, length: number): void {
    const view = this.#view
    view.values = block.values
    view.length = length
    for (let k = 0; k < this.#indexes.length; k += 1)
      view.starts[k] = (this.#indexes[k] as number) * block.length + from
    this.#markQuality(block.quality)
  }

  #viewHeld(from: number, length: number): void {
    const view = this.#view
    view.values = this.#held.values
    view.length = length
    for (let k = 0; k < this.#indexes.length; k += 1) view.starts[k] = k * this.#held.capacity + from
    this.#markQuality(this.#held.quality)
  }

  #markQuality(quality: Uint8Array | undefined): void {
    const { starts, length } = this.#view
    this.#view.quality.fill(this.#next < this.#holeAt ? Quality.uncertain : Quality.good)
    if (!quality) return
    for (let k = 0; k < starts.length; k += 1) {
      const from = starts[k] as number
      for (let i = from; i < from + length; i += 1)
        if (quality[i] === Quality.uncertain) this.#view.quality[k] = Quality.uncertain
    }
  }

  /** Computes the window in view, whose last scan is number `last` of the held scans and the block behind them. */
  #finish(block: Block, before: number, last: number): void {
    const results = this.#results
    this.#compute(this.#view, results.row, results.rowQuality)
    const { positions, position } = block.origin
    const at = last < before ? this.#held.positions[last] : positions ? positions[last - before] : position
    const hops = (this.#next - this.#previous) / this.#grid.hop
    results.push(this.#end(block, last - before), at as number, hops === 1, this.#gapOf(hops - 1))
    this.#previous = this.#next
  }

  /** A held hole, in windows. */
  #gapOf(scans: number): Gap | undefined {
    if (!(scans > 0) || this.#cause === undefined || this.#rate === undefined) return undefined
    const gap = { scans, cause: this.#cause }
    this.#cause = undefined
    return gap
  }

  /** End of the window in view: ns from the base of the results. `i` is its last scan in the block, negative before it. */
  #end({ time }: Block, i: number): number {
    const end = this.#next + this.#grid.size
    if (this.#grid.unit === 'ns') return end
    if (time.offsets !== undefined && i >= 0) return offsetNs(time, i)
    const scans = end - (this.#scans.first - 0.5)
    const period = time.period ?? 1e9 / (this.#rate ?? Number.POSITIVE_INFINITY)
    return offsetNs(time, 0) + scans * period
  }

  #take(block: Block): Emission {
    const { unit, hop } = this.#grid
    if (unit === 'ns') return this.#results.take(block, this.#scans.anchor, this.#rate === undefined ? undefined : hop)
    const period = this.#rate === undefined || block.time.period === undefined ? undefined : hop * block.time.period
    return this.#results.take(block, block.time.start, period)
  }

  /** From the next window to the first one that contains a coordinate or lies behind it. */
  #hopsTo(coordinate: number): number {
    const { size, hop } = this.#grid
    return Math.max(hop, (Math.floor((coordinate - size) / hop) + 1) * hop - this.#next)
  }

  #keep(block: Block, before: number, appended: number): void {
    const from = this.#first(before, block.length)
    if (from >= before) {
      this.#held.drop(this.#held.length)
      this.#held.append(block, this.#scans, from - before, block.length)
    } else {
      this.#held.append(block, this.#scans, appended, block.length)
      this.#held.drop(from)
    }
  }
}

function lastSeen({ time, origin }: Block): LastSeen {
  const { clock, uncertainty } = time
  const { split, position, historical } = origin
  return { clock, uncertainty, split, position, historical }
}

/** A block without scans for the one before a restart, of which no more than this is asked. */
function standIn({ clock, uncertainty, split, position, historical }: LastSeen, stream: Stream): Block {
  const time = { start: 0n, clock, uncertainty, offsets: new Float64Array(0) }
  return { stream, length: 0, values: new Float64Array(0), time, origin: { split, position, historical } }
}

function outputRate({ unit, hop }: WindowGrid, rate: number | undefined): number | undefined {
  if (rate === undefined) return undefined
  return unit === 'ns' ? 1e9 / hop : rate / hop
}
