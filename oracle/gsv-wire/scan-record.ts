import { type Block, type Sink, timeNs } from '@messwerk/core/model'

/** Channel that carries the number of the scan, from 0. */
const COUNTER = 7
/** A hash of nothing: this scan was not delivered. */
const NONE = 0

/** One block as it was handed over. */
export interface HandedOver {
  /** Numbers of its first and last scan, as its counter channel says. */
  readonly first: number
  readonly last: number
  /** What it declares to be missing before it; NaN for an unknown number, 0 for none. */
  readonly missing: number
  readonly cause: string
  /** Of its times, ms. */
  readonly uncertainty: number
  /** When it was handed over, ms of `performance.now`. */
  readonly at: number
}

/** Notes what a pipeline hands over, in memory that does not grow with it. */
export class ScanRecord implements Sink<Block> {
  readonly id = 'record'
  /** By number of the scan: a hash of its values, 0 where it was not delivered. */
  readonly hashes: Int32Array
  delivered = 0
  /** Delivered a second time, or inside of a block behind another number than the one before. */
  repeated = 0
  torn = 0
  /** Times that are not later than the one before. */
  backwards = 0
  /** Values that are not good. */
  doubted = 0
  readonly #rows: Float64Array
  readonly #causes: string[] = []
  readonly #seen = new Set<string>()
  readonly #values = new Float32Array(8)
  readonly #bits = new Int32Array(this.#values.buffer)
  #length = 0
  #time = 0n

  constructor(scans: number, blocks: number) {
    this.hashes = new Int32Array(scans)
    this.#rows = new Float64Array(6 * blocks)
  }

  /** The blocks in the order in which they came. */
  get blocks(): HandedOver[] {
    return Array.from({ length: this.#length }, (_, i) => {
      const [first, last, missing, cause, uncertainty, at] = this.#rows.subarray(
        6 * i,
        6 * i + 6
      ) as unknown as number[]
      return {
        first: first!,
        last: last!,
        missing: missing!,
        cause: this.#causes[cause!]!,
        uncertainty: uncertainty!,
        at: at!
      }
    })
  }

  async write(blocks: readonly Block[]): Promise<void> {
    for (const block of blocks) this.#note(block)
  }

  #note(block: Block): void {
    const { values, length, gap, time, quality } = block
    const first = values[COUNTER * length] as number
    for (let i = 0; i < length; i += 1) {
      const scan = values[COUNTER * length + i] as number
      if (scan !== first + i) this.torn += 1
      if (this.hashes[scan] !== NONE) this.repeated += 1
      this.hashes[scan] = this.#hash(values, length, i)
    }
    if (quality) for (const one of quality) this.doubted += one === 0 ? 0 : 1
    const start = timeNs(block)
    if (start <= this.#time) this.backwards += 1
    this.#time = timeNs(block, length - 1)
    this.delivered += length
    const missing = gap === undefined ? 0 : gap.scans === 'unknown' ? Number.NaN : gap.scans
    const cause = this.#causeOf(gap?.cause ?? '')
    this.#rows.set(
      [first, first + length - 1, missing, cause, time.uncertainty / 1e6, performance.now()],
      6 * this.#length
    )
    this.#length += 1
  }

  #causeOf(cause: string): number {
    if (!this.#seen.has(cause)) {
      this.#seen.add(cause)
      this.#causes.push(cause)
    }
    return this.#causes.indexOf(cause)
  }

  #hash(values: Float64Array, length: number, i: number): number {
    for (let c = 0; c < 8; c += 1) this.#values[c] = values[c * length + i] as number
    return hashOf(this.#bits)
  }
}

/** Of the values of a scan; never that of none. */
export function hashOf(bits: Int32Array): number {
  let hash = 0x811c9dc5
  for (let c = 0; c < bits.length; c += 1) {
    hash = Math.imul(hash ^ (bits[c] as number), 16777619)
    hash ^= hash >>> 13
  }
  return hash | 1
}
