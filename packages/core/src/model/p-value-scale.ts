const KNOTS = 256
const LEAST = 20
/** Share of the scores, and number of them, that the tail is fitted to. */
const TAIL = 0.02
const TAIL_LEAST = 10

interface ScaleState {
  readonly scores: Float64Array
  readonly values: Float64Array
  readonly slope: number
}

/**
 * -log10 of the share of normal scores at least as high: knots with straight lines between, an exponential tail behind.
 *
 * @internal
 */
export class PValueScale {
  /** Ascending; the last one begins the tail. */
  readonly #scores: Float64Array
  readonly #values: Float64Array
  /** Of the tail, in decades a unit of the score. */
  readonly #slope: number

  private constructor({ scores, values, slope }: ScaleState) {
    this.#scores = scores
    this.#values = values
    this.#slope = slope
  }

  /** @param scores - NaN = none @returns undefined when they are too few */
  static of(scores: Float64Array): PValueScale | undefined {
    const sorted = scores.filter((score) => !Number.isNaN(score)).sort()
    const n = sorted.length
    if (n < LEAST) return undefined
    const tail = Math.max(TAIL_LEAST, Math.ceil(TAIL * n))
    const knots = { scores: [sorted[0]!], values: [0] }
    for (let k = 1; k <= KNOTS; k += 1) {
      const rank = Math.round(n * Math.exp((Math.log(tail / n) * k) / KNOTS))
      const score = sorted[n - rank]!
      if (!(score > knots.scores.at(-1)!)) continue
      knots.scores.push(score)
      knots.values.push(Math.log(n / rank) / Math.LN10)
    }
    const from = knots.scores.at(-1)!
    return new PValueScale({
      scores: Float64Array.from(knots.scores),
      values: Float64Array.from(knots.values),
      slope: 1 / (Math.LN10 * tailMean(sorted, from))
    })
  }

  static restored(state: unknown): PValueScale {
    const { scores, values, slope } = state as ScaleState
    return new PValueScale({ scores: scores.slice(), values: values.slice(), slope })
  }

  /** Of a score of the detector. */
  of(score: number): number {
    const last = this.#scores.length - 1
    if (Number.isNaN(score) || score <= this.#scores[0]!) return score - score
    if (score >= this.#scores[last]!) {
      const value = this.#values[last]! + (score - this.#scores[last]!) * this.#slope
      return Math.min(value, Number.MAX_VALUE)
    }
    return between(this.#scores, this.#values, score)
  }

  /** The score of the detector that has this value. */
  raw(value: number): number {
    const last = this.#values.length - 1
    if (Number.isNaN(value) || value <= 0) return value - value + this.#scores[0]!
    if (value >= this.#values[last]!) return this.#scores[last]! + (value - this.#values[last]!) / this.#slope
    return between(this.#values, this.#scores, value)
  }

  state(): ScaleState {
    return { scores: this.#scores.slice(), values: this.#values.slice(), slope: this.#slope }
  }
}

/** Mean excess of the scores above `from`; where they are all equal, a thousandth of what scores cover. */
function tailMean(sorted: Float64Array, from: number): number {
  let [sum, count] = [0, 0]
  for (let i = sorted.length - 1; i >= 0 && sorted[i]! > from; i -= 1) {
    sum += sorted[i]! - from
    count += 1
  }
  const least = Math.max((from - sorted[0]!) / 1000, Math.abs(from) * 1e-9, 1e-12)
  return count === 0 ? least : Math.max(least, sum / count)
}

/** Of the line through the knots at `x`, which lies between the first and the last of them. */
function between(xs: Float64Array, ys: Float64Array, x: number): number {
  let [low, high] = [0, xs.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (xs[middle]! <= x) low = middle
    else high = middle
  }
  return ys[low]! + ((x - xs[low]!) / (xs[high]! - xs[low]!)) * (ys[high]! - ys[low]!)
}
