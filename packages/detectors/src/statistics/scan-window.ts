import { parseSpan, type Span } from '@messwerk/core/model'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'

/**
 * How far back a window reaches: a number of scans, or a time in milliseconds.
 *
 * @example
 * ```ts
 * import { type Reach, WindowMoments } from '@messwerk/detectors/statistics'
 *
 * const minute: Reach = { ms: 60_000 }
 * new WindowMoments(2, minute).count // => 0
 * ```
 */
export type Reach = { readonly ms: number } | { readonly scans: number }

/** A window of time keeps this many scans however old they are, so that a gap does not leave a deviation of two scans. */
const KEPT_BY_TIME = 32

/**
 * Checks the option `window`.
 *
 * @internal
 */
export function reachOf(factory: string, window: Span): Reach {
  const reach = parseSpan(window, `${factory}: window`)
  if ('scans' in reach && reach.scans < 2)
    throw new RangeError(`${factory}: window must hold at least 2 scans, got { scans: ${reach.scans} }`)
  return reach
}

/** As kept in snapshots, so that one learned with another window is refused. @internal */
export function reachText(reach: Reach | undefined): string {
  if (reach === undefined) return 'none'
  return 'scans' in reach ? `${reach.scans} scans` : `${reach.ms} ms`
}

/** Rows and times of a snapshot, as `ScanWindow.state` gave them. @internal */
export function restoredRows(
  reader: SnapshotReader,
  width: number,
  reach: Reach
): { rows: Float64Array; seconds: Float64Array } {
  const seconds = reader.floats('seconds')
  if ('scans' in reach && seconds.length > reach.scans)
    reader.refuse(`its seconds must hold at most ${reach.scans} values, got ${seconds.length}`)
  return { rows: reader.floats('rows', seconds.length * width), seconds }
}

/**
 * The last rows learned, oldest first: a ring that grows up to what the reach needs.
 *
 * @internal
 */
export class ScanWindow {
  readonly #width: number
  readonly #reach: Reach
  #capacity = 16
  #head = 0
  #count = 0
  #values: Float64Array
  #seconds: Float64Array

  constructor(width: number, reach: Reach) {
    this.#width = width
    this.#reach = reach
    this.#values = new Float64Array(width * this.#capacity)
    this.#seconds = new Float64Array(this.#capacity)
  }

  get count(): number {
    return this.#count
  }

  clear(): void {
    this.#head = 0
    this.#count = 0
  }

  /** Whether the oldest row has to go before one of time `seconds` comes in. */
  outgrown(seconds: number): boolean {
    if ('scans' in this.#reach) return this.#count >= this.#reach.scans
    if (this.#count < KEPT_BY_TIME) return false
    // A millionth of slack: summed periods do not meet the length of the window exactly.
    return seconds - this.#seconds[this.#head]! > (this.#reach.ms / 1000) * (1 - 1e-6)
  }

  push(row: Float64Array, seconds: number): void {
    if (this.#count === this.#capacity) this.#grow()
    const slot = this.#slot(this.#count)
    for (let u = 0; u < this.#width; u += 1) this.#values[slot * this.#width + u] = row[u]!
    this.#seconds[slot] = seconds
    this.#count += 1
  }

  /** Copies row `i`, 0 = oldest. */
  read(i: number, row: Float64Array): void {
    const at = this.#slot(i) * this.#width
    for (let u = 0; u < this.#width; u += 1) row[u] = this.#values[at + u]!
  }

  secondsOf(i: number): number {
    return this.#seconds[this.#slot(i)]!
  }

  dropOldest(): void {
    this.#head = this.#slot(1)
    this.#count -= 1
  }

  /** Rows oldest first, `values[i * width + u]`, and their times. */
  state(): { rows: Float64Array; seconds: Float64Array } {
    const rows = new Float64Array(this.#count * this.#width)
    const seconds = new Float64Array(this.#count)
    for (let i = 0; i < this.#count; i += 1) {
      this.read(i, rows.subarray(i * this.#width, (i + 1) * this.#width))
      seconds[i] = this.secondsOf(i)
    }
    return { rows, seconds }
  }

  #slot(i: number): number {
    const slot = this.#head + i
    return slot < this.#capacity ? slot : slot - this.#capacity
  }

  #grow(): void {
    const { rows, seconds } = this.state()
    this.#capacity = this.#roomFor(this.#capacity * 2)
    this.#values = new Float64Array(this.#width * this.#capacity)
    this.#seconds = new Float64Array(this.#capacity)
    this.#values.set(rows)
    this.#seconds.set(seconds)
    this.#head = 0
  }

  #roomFor(doubled: number): number {
    return 'scans' in this.#reach ? Math.min(doubled, Math.max(this.#reach.scans, this.#count + 1)) : doubled
  }
}
