/**
 * The squared length of a linear image of a scan: |A (x - center)|².
 *
 * `A` is an upper trapezoid over the live channels (row k begins at live channel k), and one entry for each flat channel.
 *
 * @internal
 */
export interface FormParts {
  /** Used channels: the live ones, then the flat ones. */
  readonly order: Float64Array
  /** Per channel of `order`. */
  readonly center: Float64Array
  /** The trapezoid row by row: row k has an entry for each live channel from k on. */
  readonly rows: Float64Array
  /** Number of rows. */
  readonly height: number
  /** Number of live channels. */
  readonly live: number
  /** Per flat channel 1 / the deviation that counts 1. */
  readonly flat: Float64Array
}

/** Scans looked at together. */
const LANES = 4

/** @internal */
export class QuadraticForm {
  readonly parts: FormParts
  readonly #order: Int32Array
  readonly #away: Float64Array

  constructor(parts: FormParts) {
    this.parts = parts
    this.#order = Int32Array.from(parts.order)
    this.#away = new Float64Array(LANES * parts.order.length)
  }

  /** Of one finite row; the largest number where it is larger than numbers go. */
  of(row: Float64Array): number {
    const { center, rows, height, live, flat } = this.parts
    const away = this.#away
    for (let u = 0; u < center.length; u += 1) away[u] = row[this.#order[u]!]! - center[u]!
    let sum = 0
    for (let k = 0, at = 0; k < height; k += 1) {
      let y = 0
      for (let u = k; u < live; u += 1, at += 1) y += rows[at]! * away[u]!
      sum += y * y
    }
    for (let f = 0; f < flat.length; f += 1) {
      const y = flat[f]! * away[live + f]!
      sum += y * y
    }
    return Number.isFinite(sum) ? sum : Number.MAX_VALUE
  }

  /** The same bits for all scans of columns, NaN where a value is not finite. */
  ofAll(values: Float64Array, length: number, used: Int32Array, out: Float64Array): void {
    const columns = Int32Array.from(this.#order, (u) => used[u]! * length)
    const whole = length - (length % LANES)
    for (let i = 0; i < whole; i += LANES) this.#fourOf(values, columns, i, out)
    const row = new Float64Array(this.#order.length)
    for (let i = whole; i < length; i += 1) {
      let broken = 0
      for (let u = 0; u < columns.length; u += 1) {
        const x = values[columns[u]! + i]!
        row[this.#order[u]!] = x
        broken += x - x
      }
      out[i] = broken === 0 ? this.of(row) : Number.NaN
    }
  }

  /**
   * Four scans at a time: their sums do not wait for one another, and each entry of the form is read once for the four. Written out, as
   * an array of four in between would cost more than it.
   */
  #fourOf(values: Float64Array, columns: Int32Array, i: number, out: Float64Array): void {
    const { center, rows, height, live, flat } = this.parts
    const away = this.#away
    for (let u = 0, to = 0; u < columns.length; u += 1, to += LANES) {
      const from = columns[u]! + i
      const m = center[u]!
      away[to] = values[from]! - m
      away[to + 1] = values[from + 1]! - m
      away[to + 2] = values[from + 2]! - m
      away[to + 3] = values[from + 3]! - m
    }
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let k = 0, at = 0; k < height; k += 1) {
      let ya = 0
      let yb = 0
      let yc = 0
      let yd = 0
      for (let to = LANES * k; to < LANES * live; to += LANES, at += 1) {
        const entry = rows[at]!
        ya += entry * away[to]!
        yb += entry * away[to + 1]!
        yc += entry * away[to + 2]!
        yd += entry * away[to + 3]!
      }
      a += ya * ya
      b += yb * yb
      c += yc * yc
      d += yd * yd
    }
    for (let f = 0, to = LANES * live; f < flat.length; f += 1, to += LANES) {
      const entry = flat[f]!
      const [ya, yb] = [entry * away[to]!, entry * away[to + 1]!]
      const [yc, yd] = [entry * away[to + 2]!, entry * away[to + 3]!]
      a += ya * ya
      b += yb * yb
      c += yc * yc
      d += yd * yd
    }
    out[i] = a <= Number.MAX_VALUE ? a : this.#largeOrNone(0)
    out[i + 1] = b <= Number.MAX_VALUE ? b : this.#largeOrNone(1)
    out[i + 2] = c <= Number.MAX_VALUE ? c : this.#largeOrNone(2)
    out[i + 3] = d <= Number.MAX_VALUE ? d : this.#largeOrNone(3)
  }

  /** Of a scan whose sum is no finite number: the largest number where all its values are finite, else NaN. */
  #largeOrNone(lane: number): number {
    let broken = 0
    for (let u = 0; u < this.#order.length; u += 1) {
      const x = this.#away[LANES * u + lane]!
      broken += x - x
    }
    return broken === 0 ? Number.MAX_VALUE : Number.NaN
  }
}
