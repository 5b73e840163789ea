import type { PaddedForest } from './padded-forest.ts'

/**
 * By how much the splits on each channel shorten the path of a row, summed over the trees. A split takes a row from a node that expects
 * a path of c(rows in it) to a child that expects c(rows in that) + 1; the differences add up to what the path lacks of a typical one.
 * Negative where the splits on a channel leave the row among the many.
 *
 * @internal
 */
export function gainsOf(forest: PaddedForest, row: Float64Array, gains: Float64Array): void {
  const { trees, size, features, thresholds, expected } = forest
  gains.fill(0)
  for (let tree = 0; tree < trees; tree += 1) {
    const inner = tree * size
    const all = 2 * inner
    for (let node = 1; node < size && thresholds[inner + node]! < Number.POSITIVE_INFINITY; ) {
      const feature = features[inner + node]!
      const child = 2 * node + (row[feature]! > thresholds[inner + node]! ? 1 : 0)
      gains[feature] = gains[feature]! + (expected[all + node]! - 1 - expected[all + child]!)
      node = child
    }
  }
}

/** The score in proportion to the positive gains; in equal parts where there are none: a row like all others. @internal */
export function sharesOf(gains: Float64Array, score: number): void {
  let sum = 0
  for (const gain of gains) sum += Math.max(gain, 0)
  for (let u = 0; u < gains.length; u += 1)
    gains[u] = score * (sum > 0 ? Math.max(gains[u]!, 0) / sum : 1 / gains.length)
}
