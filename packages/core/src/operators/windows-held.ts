import type { Block } from '../model/block.ts'
import { lowerBound, type WindowScans } from './windows-scans.ts'

/** Below this many scans a loop copies faster than `set` with a view. */
const SHORT = 48

/** What can be kept of {@link HeldScans}. @internal */
export interface HeldScansState {
  readonly length: number
  readonly values: Float64Array
  readonly at: Float64Array
  readonly positions: Float64Array
  readonly quality: Uint8Array | undefined
}

/** Scans of earlier blocks that a window not yet complete needs, as contiguous columns. @internal */
export class HeldScans {
  length = 0
  capacity = 0
  values: Float64Array = new Float64Array(0)
  quality: Uint8Array | undefined
  positions: Float64Array = new Float64Array(0)
  #at: Float64Array = new Float64Array(0)
  readonly #indexes: readonly number[]

  constructor(indexes: readonly number[]) {
    this.#indexes = indexes
  }

  /** First scan at or after a coordinate. */
  firstAtOrAfter(coordinate: number): number {
    return lowerBound(this.#at, this.length, coordinate)
  }

  /** Adds scans `from` to `to` (not included) of a block. */
  append(block: Block, scans: WindowScans, from: number, to: number): void {
    const count = to - from
    if (count <= 0) return
    if (this.length + count > this.capacity) this.#grow(this.length + count)
    const indexes = this.#indexes
    const { positions } = block.origin
    for (let c = 0; c < indexes.length; c += 1) {
      const at = (indexes[c] as number) * block.length + from
      copyInto(this.values, c * this.capacity + this.length, block.values, at, count)
      if (block.quality || this.quality) this.#appendQuality(block.quality, c, at, count)
    }
    scans.fillInto(this.#at, this.length, from, count)
    if (positions) copyInto(this.positions, this.length, positions, from, count)
    else this.positions.fill(block.origin.position, this.length, this.length + count)
    this.length += count
  }

  /** Forgets the oldest scans. */
  drop(count: number): void {
    if (count <= 0) return
    const left = Math.max(0, this.length - count)
    if (left > 0) {
      for (let c = 0; c < this.#indexes.length; c += 1) {
        const at = c * this.capacity
        this.values.copyWithin(at, at + count, at + this.length)
        this.quality?.copyWithin(at, at + count, at + this.length)
      }
      this.#at.copyWithin(0, count, this.length)
      this.positions.copyWithin(0, count, this.length)
    }
    this.length = left
    if (left === 0) this.quality = undefined
  }

  /** Moves the coordinates after the anchor moved. */
  shift(by: number): void {
    for (let i = 0; i < this.length; i += 1) this.#at[i] = (this.#at[i] as number) - by
  }

  snapshot(): HeldScansState {
    const { length, capacity } = this
    const values = new Float64Array(this.#indexes.length * length)
    const quality = this.quality && new Uint8Array(values.length)
    for (let c = 0; c < this.#indexes.length; c += 1) {
      values.set(this.values.subarray(c * capacity, c * capacity + length), c * length)
      if (this.quality) quality?.set(this.quality.subarray(c * capacity, c * capacity + length), c * length)
    }
    return { length, values, at: this.#at.slice(0, length), positions: this.positions.slice(0, length), quality }
  }

  restore(state: HeldScansState): void {
    this.capacity = this.length = state.length
    this.values = state.values.slice()
    this.quality = state.quality?.slice()
    this.#at = state.at.slice()
    this.positions = state.positions.slice()
  }

  #appendQuality(quality: Uint8Array | undefined, c: number, at: number, count: number): void {
    this.quality ??= new Uint8Array(this.values.length)
    const to = c * this.capacity + this.length
    if (quality) this.quality.set(quality.subarray(at, at + count), to)
    else this.quality.fill(0, to, to + count)
  }

  #grow(needed: number): void {
    const capacity = Math.max(64, 2 * this.capacity, needed)
    const width = this.#indexes.length
    const { values, quality } = this
    this.values = new Float64Array(width * capacity)
    if (quality) this.quality = new Uint8Array(width * capacity)
    for (let c = 0; c < width; c += 1) {
      const from = c * this.capacity
      this.values.set(values.subarray(from, from + this.length), c * capacity)
      if (quality) this.quality?.set(quality.subarray(from, from + this.length), c * capacity)
    }
    this.#at = grown(this.#at, capacity)
    this.positions = grown(this.positions, capacity)
    this.capacity = capacity
  }
}

function copyInto(target: Float64Array, at: number, source: Float64Array, from: number, count: number): void {
  if (count > SHORT) target.set(source.subarray(from, from + count), at)
  else for (let i = 0; i < count; i += 1) target[at + i] = source[from + i] as number
}

function grown(values: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity)
  larger.set(values)
  return larger
}
