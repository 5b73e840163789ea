import type { NabProfile, NabSeries } from './nab-score.ts'
import { rowWeights } from './nab-weights.ts'

/** All scored rows of all series, the highest score first. @internal */
export function sortedRows(series: readonly NabSeries[], profile: NabProfile): Rows {
  const parts = series.map((one) => rowWeights(one, profile))
  const total = series.reduce((sum, { scores }) => sum + scores.length, 0)
  const rows: Rows = {
    scores: new Float64Array(total),
    weights: new Float64Array(total),
    windows: new Int32Array(total)
  }
  let count = 0
  let windowsBefore = 0
  parts.forEach(({ weights, windows, probation }, s) => {
    const { scores } = series[s]!
    for (let i = probation; i < scores.length; i += 1) {
      if (Number.isNaN(scores[i]!)) continue
      rows.scores[count] = scores[i]!
      rows.weights[count] = weights[i]!
      rows.windows[count] = windows[i]! < 0 ? -1 : windowsBefore + windows[i]!
      count += 1
    }
    windowsBefore += series[s]!.windows.length
  })
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => rows.scores[b]! - rows.scores[a]!)
  return { scores: pick(rows.scores, order), weights: pick(rows.weights, order), windows: pick(rows.windows, order) }
}

/** Rows of all series of a corpus. @internal */
export interface Rows {
  readonly scores: Float64Array
  readonly weights: Float64Array
  /** The window a row lies in, counted over all series; -1 outside. */
  readonly windows: Int32Array
}

function pick<A extends Float64Array | Int32Array>(values: A, order: Uint32Array): A {
  return values.constructor === Int32Array
    ? (Int32Array.from(order, (i) => values[i]!) as A)
    : (Float64Array.from(order, (i) => values[i]!) as A)
}

/** Lowers a limit through the scores of all rows and keeps NAB's total. @internal */
export class LimitWalk {
  raw: number
  readonly #rows: Rows
  readonly #falseNegative: number
  /** The best weight of each window so far. */
  readonly #found = new Map<number, number>()
  #at = 0

  constructor(rows: Rows, { falseNegative }: NabProfile, none: number) {
    this.#rows = rows
    this.#falseNegative = falseNegative
    this.raw = none
  }

  /** Lowers the limit to the next score and returns it. */
  next(): number | undefined {
    const { scores, weights, windows } = this.#rows
    const limit = scores[this.#at]
    for (; this.#at < scores.length && scores[this.#at] === limit; this.#at += 1) {
      const window = windows[this.#at]!
      const weight = weights[this.#at]!
      if (window < 0) {
        this.raw += weight
        continue
      }
      const before = this.#found.get(window) ?? -this.#falseNegative
      if (weight <= before) continue
      this.raw += weight - before
      this.#found.set(window, weight)
    }
    return limit
  }
}
