import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { Random } from './random.ts'

/**
 * A random sample of all rows added, each equally likely to be in it, without keeping the others (Vitter's algorithm R).
 *
 * @internal
 *
 * Reference: J. S. Vitter, "Random sampling with a reservoir", ACM Trans. Math. Softw. 11 (1985)
 */
export class Reservoir {
  readonly capacity: number
  readonly #width: number
  readonly #seed: number
  #random: Random
  /** Rows seen. */
  #seen = 0
  #rows: Float64Array

  constructor(capacity: number, width: number, seed: number) {
    this.capacity = capacity
    this.#width = width
    this.#seed = seed
    this.#random = new Random(seed)
    this.#rows = new Float64Array(Math.min(capacity, 16) * width)
  }

  static restored(reader: SnapshotReader, capacity: number, width: number, seed: number): Reservoir {
    const reservoir = new Reservoir(capacity, width, seed)
    reservoir.#seen = reader.whole('seen')
    reservoir.#random = Random.restored(reader, 'random')
    reservoir.#rows = reader.floats('reference', Math.min(reservoir.#seen, capacity) * width)
    return reservoir
  }

  /** Number of rows held. */
  get count(): number {
    return Math.min(this.#seen, this.capacity)
  }

  /** At least `count` rows, one behind the other; changes with `add`. */
  get rows(): Float64Array {
    return this.#rows
  }

  clear(): void {
    this.#seen = 0
    this.#random = new Random(this.#seed)
  }

  /** The place that the row now has among those held, or -1. */
  add(row: Float64Array): number {
    this.#seen += 1
    const slot = this.#seen <= this.capacity ? this.#seen - 1 : this.#drawn()
    if (slot >= this.capacity) return -1
    const at = slot * this.#width
    if (at >= this.#rows.length) this.#grow()
    for (let u = 0; u < this.#width; u += 1) this.#rows[at + u] = row[u]!
    return slot
  }

  state(): Record<string, unknown> {
    return {
      seen: this.#seen,
      random: this.#random.state(),
      reference: this.#rows.slice(0, this.count * this.#width)
    }
  }

  /** A place among all rows seen: beyond the capacity the row is not kept. */
  #drawn(): number {
    return Math.floor(this.#random.uniform() * this.#seen)
  }

  #grow(): void {
    const places = Math.min(this.capacity, Math.max(16, (2 * this.#rows.length) / this.#width))
    const larger = new Float64Array(places * this.#width)
    larger.set(this.#rows)
    this.#rows = larger
  }
}
