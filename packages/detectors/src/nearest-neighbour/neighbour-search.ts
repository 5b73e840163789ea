/** Rows looked at together. */
const LANES = 4
/** Channels after which it looks whether it can stop. */
const STRIDE = 8

/**
 * Rows to find the nearest of, by the sum of squared differences, each channel with a weight.
 *
 * Four rows lie beside each other, channel by channel, so that their sums do not wait for one another.
 *
 * @internal
 */
export class NeighbourSearch {
  /** Per channel; the squared differences count with the square of it. */
  readonly weights: Float64Array
  /** The k smallest sums, ascending, infinite where there are fewer rows, and the rows that have them. */
  readonly nearest: Float64Array
  readonly rows: Int32Array
  readonly #width: number
  #count = 0
  #lanes: Float64Array

  constructor(width: number, k: number) {
    this.weights = new Float64Array(width)
    this.nearest = new Float64Array(k)
    this.rows = new Int32Array(k)
    this.#width = width
    this.#lanes = new Float64Array(0)
  }

  clear(): void {
    this.#count = 0
    this.#lanes.fill(Number.POSITIVE_INFINITY)
  }

  /** Sets a row; the first free one is the next. `values[from + u]` */
  set(r: number, values: Float64Array, from: number): void {
    if (r >= this.#count) this.#count = r + 1
    const group = (r >> 2) * LANES * this.#width
    if (group >= this.#lanes.length) this.#grow()
    for (let u = 0; u < this.#width; u += 1) this.#lanes[group + LANES * u + (r & 3)] = values[from + u]!
  }

  /** Finds the nearest of a finite row; of equal ones the first. @param but - a row to leave out, or -1 */
  find(row: Float64Array, but: number): void {
    const [lanes, weights, width] = [this.#lanes, this.weights, this.#width]
    const last = this.nearest.length - 1
    this.nearest.fill(Number.POSITIVE_INFINITY)
    this.rows.fill(0)
    for (let r = 0, at = 0; r < this.#count; r += LANES, at += LANES * width) {
      const worst = this.nearest[last]!
      let a = 0
      let b = 0
      let c = 0
      let d = 0
      for (let u = 0; u < width; ) {
        const end = Math.min(u + STRIDE, width)
        for (let from = at + LANES * u; u < end; u += 1, from += LANES) {
          const x = row[u]!
          const weight = weights[u]!
          const za = (x - lanes[from]!) * weight
          const zb = (x - lanes[from + 1]!) * weight
          const zc = (x - lanes[from + 2]!) * weight
          const zd = (x - lanes[from + 3]!) * weight
          a += za * za
          b += zb * zb
          c += zc * zc
          d += zd * zd
        }
        // What is farther than the k-th already need not be looked at to its end.
        if (a >= worst && b >= worst && c >= worst && d >= worst) break
      }
      if (a < worst && r !== but) this.#take(a, r)
      if (b < this.nearest[last]! && r + 1 !== but) this.#take(b, r + 1)
      if (c < this.nearest[last]! && r + 2 !== but) this.#take(c, r + 2)
      if (d < this.nearest[last]! && r + 3 !== but) this.#take(d, r + 3)
    }
  }

  #take(squared: number, r: number): void {
    const [nearest, rows] = [this.nearest, this.rows]
    let at = nearest.length - 1
    while (at > 0 && nearest[at - 1]! > squared) {
      nearest[at] = nearest[at - 1]!
      rows[at] = rows[at - 1]!
      at -= 1
    }
    nearest[at] = squared
    rows[at] = r
  }

  /** Free places are infinitely far away. */
  #grow(): void {
    const larger = new Float64Array(Math.max(16 * this.#width, 2 * this.#lanes.length)).fill(Number.POSITIVE_INFINITY)
    larger.set(this.#lanes)
    this.#lanes = larger
  }
}
