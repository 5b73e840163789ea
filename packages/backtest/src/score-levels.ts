import { type Block, column } from '@messwerk/core/model'

/** Width of a bucket: scores are kept to 1 %. */
const STEP = Math.log(1.01)

/** Counts scores in buckets of 1 %, to choose limits worth trying. @internal */
export class ScoreLevels {
  readonly #of: string
  readonly #buckets = new Map<number, number>()
  #count = 0

  constructor(of: string) {
    this.#of = of
  }

  take(block: Block): void {
    for (const score of column(block, this.#of)) {
      if (!(score > 0)) continue
      const bucket = Math.ceil(Math.log(score) / STEP)
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
      this.#count += 1
    }
  }

  /** Ascending limits, evenly spaced in their logarithm, from the 99 % quantile of the scores to the highest. */
  levels(count: number): readonly number[] {
    const buckets = [...this.#buckets].toSorted(([a], [b]) => a - b)
    const last = buckets.at(-1)
    if (last === undefined) return []
    let below = 0
    const low = buckets.find(([, n]) => {
      below += n
      return below >= 0.99 * this.#count
    })!
    const steps = Math.max(1, count - 1)
    const limits = Array.from({ length: count }, (_, k) => Math.exp(STEP * (low[0] + ((last[0] - low[0]) * k) / steps)))
    return [...new Set(limits.map((limit) => Number(limit.toPrecision(3))))]
  }
}
