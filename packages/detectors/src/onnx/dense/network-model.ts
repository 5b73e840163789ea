import type { ScanModel } from '../../detector/scan-model.ts'
import type { NetworkDistance } from './network-distance.ts'

/** A network from elsewhere that scores one scan at a time; it learns nothing. @internal */
export class NetworkModel implements ScanModel {
  readonly ready = true
  readonly #distance: NetworkDistance

  constructor(distance: NetworkDistance) {
    this.#distance = distance
  }

  fit(): void {
    // It has learned elsewhere.
  }

  learn(): void {
    // It has learned elsewhere.
  }

  score(row: Float64Array): number {
    const { given } = this.#distance
    for (let u = 0; u < row.length; u += 1) given[u] = Math.fround(row[u]!)
    return this.#distance.score()
  }

  explain(row: Float64Array, score: number, shares: Float64Array): void {
    this.score(row)
    this.#distance.shares(score, shares)
  }

  state(): Record<string, unknown> {
    return {}
  }
}
