import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import type { AutoencoderMemory } from './autoencoder-memory.ts'

/** Scores one scan at a time. @internal */
export class AutoencoderModel implements ScanModel {
  readonly fitsPartial: boolean
  readonly #memory: AutoencoderMemory

  constructor(memory: AutoencoderMemory, fitsPartial: boolean, from?: SnapshotReader) {
    this.#memory = memory
    this.fitsPartial = fitsPartial
    if (from) memory.restore(from)
  }

  get ready(): boolean {
    return this.#memory.learned !== undefined
  }

  fit(scans: LearnedScans): void {
    this.#memory.fit(scans)
  }

  learn(row: Float64Array, seconds: number): void {
    if (this.ready) this.#memory.follow(row, 0)
    else this.#memory.gather(row, seconds)
  }

  score(row: Float64Array): number {
    return this.#memory.learned!.distance(row, 0)
  }

  explain(row: Float64Array, score: number, shares: Float64Array): void {
    this.score(row)
    this.#memory.learned!.shares(score, shares)
  }

  state(): Record<string, unknown> {
    return this.#memory.state()
  }
}
