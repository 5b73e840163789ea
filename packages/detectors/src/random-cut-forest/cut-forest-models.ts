import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import type { SequenceModel } from '../detector/sequence-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { ScaledForest, type ScaledForestParts } from './scaled-forest.ts'

/** A point is one scan. @internal */
export class CutForestModel implements ScanModel {
  readonly #forest: ScaledForest

  constructor(parts: ScaledForestParts, from?: SnapshotReader) {
    this.#forest = new ScaledForest(parts)
    if (from) this.#forest.restore(from)
  }

  get ready(): boolean {
    return this.#forest.ready
  }

  fit({ rows }: LearnedScans): void {
    this.#forest.fit(rows)
  }

  learn(row: Float64Array): void {
    this.#forest.push(row)
    this.#forest.learn(row)
  }

  score(row: Float64Array): number {
    this.#forest.push(row)
    return this.#forest.score()
  }

  explain(row: Float64Array, score: number, shares: Float64Array): void {
    this.#forest.push(row)
    this.#forest.explain(score, shares)
  }

  state(): Record<string, unknown> {
    // What was scored last is no state.
    this.#forest.point.fill(0)
    return this.#forest.state()
  }
}

/** A point is the last scans, one behind the other. @internal */
export class ShingledForestModel implements SequenceModel {
  readonly #forest: ScaledForest
  readonly #marked: Float64Array
  #markedFilled = 0
  readonly #shingle: number

  constructor(parts: ScaledForestParts, from?: SnapshotReader) {
    this.#forest = new ScaledForest(parts)
    this.#marked = new Float64Array(this.#forest.point.length)
    this.#shingle = parts.shingle
    if (from) this.#forest.restore(from)
  }

  get ready(): boolean {
    return this.#forest.ready
  }

  fit({ rows }: LearnedScans): void {
    this.#forest.fit(rows)
  }

  advance(row: Float64Array): number {
    this.#forest.push(row)
    return this.ready && this.#forest.filled === this.#shingle ? this.#forest.score() : Number.NaN
  }

  skip(): void {
    this.gap()
  }

  learn(row: Float64Array): void {
    this.#forest.learn(row)
  }

  explain(score: number, shares: Float64Array): void {
    this.#forest.explain(score, shares)
  }

  gap(): void {
    this.#forest.filled = 0
  }

  mark(): void {
    this.#marked.set(this.#forest.point)
    this.#markedFilled = this.#forest.filled
  }

  back(): void {
    this.#forest.point.set(this.#marked)
    this.#forest.filled = this.#markedFilled
  }

  state(): Record<string, unknown> {
    return this.#forest.state()
  }
}
