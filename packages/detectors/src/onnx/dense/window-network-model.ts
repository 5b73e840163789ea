import type { SequenceModel } from '../../detector/sequence-model.ts'
import type { SnapshotReader } from '../../detector/snapshot-reader.ts'
import { TrailingScans } from '../../statistics/trailing-scans.ts'
import type { NetworkDistance } from './network-distance.ts'

/** A network from elsewhere that scores the last scans together; it learns nothing. @internal */
export class WindowNetworkModel implements SequenceModel {
  readonly ready = true
  readonly #distance: NetworkDistance
  #trailing: TrailingScans

  constructor(distance: NetworkDistance, from?: SnapshotReader) {
    const { width, scans } = distance
    this.#distance = distance
    this.#trailing = new TrailingScans(width, scans)
    if (from) this.goTo(from)
  }

  /** It has learned elsewhere, and stands behind no scan. */
  fit(): void {
    this.#trailing.clear()
  }

  advance(row: Float64Array): number {
    this.#trailing.push(row)
    if (!this.#trailing.isFull) return Number.NaN
    const { width, scans, given } = this.#distance
    const { values } = this.#trailing
    for (let c = 0; c < width; c += 1) {
      const from = this.#trailing.from(c)
      for (let t = 0; t < scans; t += 1) given[this.#distance.place(c, t)] = Math.fround(values[from + t]!)
    }
    return this.#distance.score()
  }

  skip(): void {
    this.#trailing.clear()
  }

  gap(): void {
    this.#trailing.clear()
  }

  learn(): void {
    // It has learned elsewhere.
  }

  explain(score: number, shares: Float64Array): void {
    this.#distance.shares(score, shares)
  }

  mark(): void {
    this.#trailing.mark()
  }

  back(): void {
    this.#trailing.back()
  }

  /** The network is in its file. */
  state(): Record<string, unknown> {
    return this.place()
  }

  place(): Record<string, unknown> {
    return { trailing: this.#trailing.state() }
  }

  goTo(reader: SnapshotReader): void {
    const { width, scans } = this.#distance
    this.#trailing = TrailingScans.restored(reader, width, scans)
  }
}
