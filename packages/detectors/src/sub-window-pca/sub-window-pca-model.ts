import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SequenceModel } from '../detector/sequence-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import type { Components } from '../pca/components.ts'
import { joined } from '../statistics/joined.ts'
import { type Reach, ScanWindow } from '../statistics/scan-window.ts'
import { TrailingScans } from '../statistics/trailing-scans.ts'
import { dominantPeriod } from './dominant-period.ts'
import { type WindowShape, windowError, windowShape } from './window-components.ts'

/** Scans kept to learn from anew. */
const HISTORY = 4096
/** Scans that it first learns from where it learns one by one. */
const FIRST = 512
/** A time is taken for at most this many scans. */
const LONGEST = 1024

/** @internal */
export interface SubWindowOptions {
  readonly window: Reach | 'period'
  readonly components: Components
  readonly floors: Float64Array
}

/**
 * Scores the last window of each channel by its distance from the components of the windows that were learned.
 *
 * @internal
 */
export class SubWindowPcaModel implements SequenceModel {
  readonly #options: SubWindowOptions
  readonly #width: number
  /** The last scans learned, and how many more until the shapes are found anew. */
  readonly #history: ScanWindow
  #until = FIRST
  #shapes: readonly WindowShape[] = []
  #trailing: TrailingScans
  /** Of each channel in the last scan, relative to the error of what was learned. */
  readonly #errors: Float64Array
  #away: Float64Array = new Float64Array(0)

  constructor(options: SubWindowOptions, from?: SnapshotReader) {
    this.#options = options
    this.#width = options.floors.length
    this.#history = new ScanWindow(this.#width, { scans: HISTORY })
    this.#trailing = new TrailingScans(this.#width, 1)
    this.#errors = new Float64Array(this.#width)
    if (from) this.#restore(from)
  }

  get ready(): boolean {
    return this.#shapes.length > 0
  }

  fit({ length, rows, seconds }: LearnedScans): void {
    const width = this.#width
    this.#history.clear()
    this.#shapes = []
    this.#trailing = new TrailingScans(width, 1)
    for (let i = Math.max(0, length - HISTORY); i < length; i += 1) {
      if (this.#history.outgrown(seconds[i]!)) this.#history.dropOldest()
      this.#history.push(rows.subarray(i * width, (i + 1) * width), seconds[i]!)
    }
    this.#find(rows, seconds)
    this.#until = this.ready ? HISTORY : Math.max(1, FIRST - length)
    const { length: window } = this.#trailing
    for (let i = Math.max(0, length - window); i < length; i += 1)
      this.#trailing.push(rows.subarray(i * width, (i + 1) * width))
  }

  advance(row: Float64Array): number {
    this.#trailing.push(row)
    if (!(this.ready && this.#trailing.isFull)) return Number.NaN
    let score = 0
    for (let u = 0; u < this.#width; u += 1) {
      const shape = this.#shapes[u]!
      const error = windowError(shape, this.#trailing.values, this.#trailing.from(u), this.#away)
      this.#errors[u] = error <= Number.MAX_VALUE ? Math.min(error / shape.error, Number.MAX_VALUE) : Number.MAX_VALUE
      score += this.#errors[u]! / this.#width
    }
    return score
  }

  skip(): void {
    this.#trailing.clear()
  }

  gap(): void {
    this.#trailing.clear()
  }

  learn(row: Float64Array, seconds: number): void {
    if (this.#history.outgrown(seconds)) this.#history.dropOldest()
    this.#history.push(row, seconds)
    this.#until -= 1
    if (this.#until > 0) return
    const { rows, seconds: times } = this.#history.state()
    const before = this.#trailing.state()
    this.#find(rows, times)
    this.#until = this.ready ? Math.min(HISTORY, this.#history.count) : 1
    for (let at = 0; at < before.length; at += this.#width) this.#trailing.push(before.subarray(at, at + this.#width))
  }

  explain(score: number, shares: Float64Array): void {
    const most = this.#errors.reduce((sum, error) => sum + error / this.#width, 0)
    for (let u = 0; u < this.#width; u += 1) shares[u] = most > 0 ? score * (this.#errors[u]! / this.#width / most) : 0
  }

  mark(): void {
    this.#trailing.mark()
  }

  back(): void {
    this.#trailing.back()
  }

  state(): Record<string, unknown> {
    const { rows, seconds } = this.#history.state()
    return {
      rows,
      seconds,
      until: this.#until,
      length: this.#trailing.length,
      trailing: this.#trailing.state(),
      means: joined(this.#shapes.map(({ mean }) => mean)),
      components: joined(this.#shapes.map(({ components }) => components)),
      counts: Float64Array.from(this.#shapes, ({ mean, components }) => components.length / mean.length),
      errors: Float64Array.from(this.#shapes, ({ error }) => error)
    }
  }

  /** The shapes of all windows, where there are enough; the trailing scans are empty then. */
  #find(rows: Float64Array, seconds: Float64Array): void {
    const width = this.#width
    const columns = Array.from({ length: width }, (_, u) => Float64Array.from(seconds, (_, i) => rows[i * width + u]!))
    const window = this.#windowOf(columns, seconds)
    // As many windows as make each value count in several.
    if (window < 2 || seconds.length < 2 * window) return
    this.#shapes = columns.map((column, u) =>
      windowShape(column, window, this.#options.components, this.#options.floors[u]!)
    )
    this.#trailing = new TrailingScans(width, window)
    this.#away = new Float64Array(window)
  }

  #windowOf(columns: readonly Float64Array[], seconds: Float64Array): number {
    const { window } = this.#options
    if (this.ready) return this.#trailing.length
    if (seconds.length < 8) return 0
    if (window === 'period') return dominantPeriod(columns)
    if ('scans' in window) return window.scans
    const period = (seconds[seconds.length - 1]! - seconds[0]!) / (seconds.length - 1)
    return Math.min(LONGEST, Math.max(2, Math.round(window.ms / 1000 / period)))
  }

  #restore(from: SnapshotReader): void {
    const width = this.#width
    const seconds = from.floats('seconds')
    if (seconds.length > HISTORY) from.refuse(`its seconds must hold at most ${HISTORY} values, got ${seconds.length}`)
    const rows = from.floats('rows', seconds.length * width)
    for (let i = 0; i < seconds.length; i += 1)
      this.#history.push(rows.subarray(i * width, (i + 1) * width), seconds[i]!)
    this.#until = from.whole('until')
    const length = from.whole('length')
    if (length < 1 || length > Math.max(LONGEST, HISTORY)) from.refuse(`its length must be a window, got ${length}`)
    this.#trailing = TrailingScans.restored(from, width, length)
    this.#away = new Float64Array(length)
    const counts = from.floats('counts')
    if (counts.length === 0) return
    const errors = from.floats('errors', width)
    const means = from.floats('means', length * width)
    const total = counts.reduce((sum, count) => sum + count, 0)
    const components = from.floats('components', length * total)
    let at = 0
    this.#shapes = Array.from(errors, (error, u) => {
      const size = (counts[u] ?? 0) * length
      at += size
      return { mean: means.slice(u * length, (u + 1) * length), components: components.slice(at - size, at), error }
    })
  }
}
