import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SequenceModel } from '../detector/sequence-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { TrailingScans } from '../statistics/trailing-scans.ts'
import type { AutoencoderMemory } from './autoencoder-memory.ts'

/** Scores the last scans of all channels together. @internal */
export class WindowAutoencoderModel implements SequenceModel {
  readonly fitsPartial: boolean
  readonly #memory: AutoencoderMemory
  readonly #width: number
  /** The values of the last scans, scan by scan, as one channel. */
  #trailing: TrailingScans
  readonly #one = new Float64Array(1)

  constructor(memory: AutoencoderMemory, width: number, fitsPartial: boolean, from?: SnapshotReader) {
    this.#memory = memory
    this.#width = width
    this.fitsPartial = fitsPartial
    if (from) memory.restore(from)
    this.#trailing = from ? TrailingScans.restored(from, 1, this.#values) : new TrailingScans(1, this.#values)
  }

  get ready(): boolean {
    return this.#memory.learned !== undefined
  }

  fit(scans: LearnedScans): void {
    this.#begin()
    this.#memory.fit(scans, () => this.#standBehind(scans))
  }

  advance(row: Float64Array): number {
    for (let u = 0; u < row.length; u += 1) this.#push(row[u]!)
    if (!(this.ready && this.#trailing.isFull)) return Number.NaN
    return this.#memory.learned!.distance(this.#trailing.values, this.#trailing.from(0))
  }

  skip(): void {
    this.#trailing.clear()
  }

  gap(): void {
    this.#trailing.clear()
  }

  learn(row: Float64Array, seconds: number): void {
    if (this.ready) {
      if (this.#trailing.isFull) this.#memory.follow(this.#trailing.values, this.#trailing.from(0))
      return
    }
    this.#memory.gather(row, seconds)
    if (this.ready) this.#begin()
  }

  explain(score: number, shares: Float64Array): void {
    this.#memory.learned!.shares(score, shares)
  }

  mark(): void {
    this.#trailing.mark()
  }

  back(): void {
    this.#trailing.back()
  }

  state(): Record<string, unknown> {
    return Object.assign(this.#memory.state(), { trailing: this.#trailing.state() })
  }

  place(): Record<string, unknown> {
    return { scans: this.#memory.learned?.scans ?? 0, trailing: this.#trailing.state() }
  }

  goTo(reader: SnapshotReader): void {
    reader.same('a window of scans', `${reader.whole('scans')}`, `${this.#memory.learned?.scans ?? 0}`)
    this.#trailing = TrailingScans.restored(reader, 1, this.#values)
  }

  /** How many make a window; those of one scan while that is not known. */
  get #values(): number {
    return (this.#memory.learned?.scans ?? 1) * this.#width
  }

  /** The last scans of those learned, unless a value is missing there. */
  #standBehind({ rows, length }: LearnedScans): void {
    this.#begin()
    const scans = Math.min(length, this.#trailing.length / this.#width)
    const last = rows.subarray((length - scans) * this.#width, length * this.#width)
    for (const value of last) this.#push(value)
    if (last.some(Number.isNaN)) this.#trailing.clear()
  }

  #begin(): void {
    this.#trailing = new TrailingScans(1, this.#values)
  }

  #push(value: number): void {
    this.#one[0] = value
    this.#trailing.push(this.#one)
  }
}
