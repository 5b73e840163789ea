import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import type { Box, HalfSpaces } from './half-spaces.ts'
import { Masses } from './masses.ts'

/** @internal */
export interface HalfSpaceParts {
  readonly width: number
  readonly window: number
  /** Known from the options; else it is learned. */
  readonly box: Box | undefined
  /** The same trees for the same box. */
  cut(box: Box): HalfSpaces
}

/** @internal */
export class HalfSpaceModel implements ScanModel {
  readonly #parts: HalfSpaceParts
  /** Rows learned while the box is not known; fewer than a window. */
  readonly #first: Float64Array
  #gathered = 0
  #box: Box | undefined
  #masses: Masses | undefined

  constructor(parts: HalfSpaceParts) {
    this.#parts = parts
    this.#first = new Float64Array(parts.width * parts.window)
    this.#begin(parts.box)
  }

  static restored(reader: SnapshotReader, parts: HalfSpaceParts): HalfSpaceModel {
    const model = new HalfSpaceModel(parts)
    model.#restore(reader)
    return model
  }

  get ready(): boolean {
    return this.#masses?.ready === true
  }

  /** The last window of the scans becomes the reference, all of them the box. */
  fit({ rows, length }: LearnedScans): void {
    const { width, window, box } = this.#parts
    this.#begin(box)
    if (length < 2) return
    this.#begin(box ?? boxOf(rows, width))
    for (let i = Math.max(0, length - window); i < length; i += 1) this.#add(rows.subarray(i * width, (i + 1) * width))
    if (length < window) this.#masses!.turn()
  }

  learn(row: Float64Array): void {
    if (this.#masses) return this.#add(row)
    const { width, window } = this.#parts
    this.#first.set(row, this.#gathered * width)
    this.#gathered += 1
    if (this.#gathered === window) this.#learnFirst()
  }

  score(row: Float64Array): number {
    return this.#masses!.score(row)
  }

  explain(row: Float64Array, score: number, shares: Float64Array): void {
    this.#masses!.gains(row, shares)
    let sum = 0
    for (const gain of shares) sum += Math.max(gain, 0)
    for (let u = 0; u < shares.length; u += 1)
      shares[u] = score * (sum > 0 ? Math.max(shares[u]!, 0) / sum : 1 / shares.length)
  }

  state(): Record<string, unknown> {
    const first = this.#first.slice(0, this.#gathered * this.#parts.width)
    if (!(this.#box && this.#masses)) return { hasBox: 0, first }
    return Object.assign(this.#masses.state(), {
      hasBox: 1,
      first,
      low: this.#box.low.slice(),
      high: this.#box.high.slice()
    })
  }

  #add(row: Float64Array): void {
    this.#masses!.add(row)
  }

  #begin(box: Box | undefined): void {
    this.#gathered = 0
    this.#box = box
    this.#masses = box && new Masses(this.#parts.cut(box), this.#parts.window)
  }

  #learnFirst(): void {
    const { width } = this.#parts
    const rows = this.#first
    this.#begin(boxOf(rows, width))
    for (let from = 0; from < rows.length; from += width) this.#add(rows.subarray(from, from + width))
  }

  #restore(reader: SnapshotReader): void {
    const { width, window } = this.#parts
    const first = reader.floats('first')
    if (first.length >= width * window || first.length % width !== 0)
      reader.refuse(`its first must be rows of ${width} values, fewer than ${window}, got ${first.length} values`)
    const hasBox = reader.whole('hasBox') === 1
    const box = hasBox ? { low: reader.floats('low', width), high: reader.floats('high', width) } : undefined
    this.#begin(box)
    this.#first.set(first)
    this.#gathered = first.length / width
    if (hasBox) this.#restoreMasses(reader)
  }

  #restoreMasses(reader: SnapshotReader): void {
    const nodes = reader.floats('nodes')
    const [reference, current] = [reader.floats('reference', nodes.length), reader.floats('current', nodes.length)]
    if (!this.#masses!.restore(nodes, reference, current, reader.whole('rows'), reader.whole('count')))
      reader.refuse('its nodes are not those of its trees')
  }
}

function boxOf(rows: Float64Array, width: number): Box {
  const low = rows.slice(0, width)
  const high = rows.slice(0, width)
  for (let k = width; k < rows.length; k += 1) {
    const u = k % width
    if (rows[k]! < low[u]!) low[u] = rows[k]!
    if (rows[k]! > high[u]!) high[u] = rows[k]!
  }
  return { low, high }
}
