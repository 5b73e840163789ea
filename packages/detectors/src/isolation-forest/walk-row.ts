import type { PaddedForest } from './padded-forest.ts'

/** Sum of the path lengths of one row of float32 values in all trees, tree by tree; four trees at a time, as none waits for another. @internal */
export function walkRow(forest: PaddedForest, row: Float64Array): number {
  const { trees, depth, size, features, thresholds, lengths } = forest
  const whole = trees - (trees % 4)
  let sum = 0
  for (let tree = 0; tree < whole; tree += 4) {
    const [p, q, r, s] = [tree * size, (tree + 1) * size, (tree + 2) * size, (tree + 3) * size]
    let [a, b, c, d] = [1, 1, 1, 1]
    for (let level = 0; level < depth; level += 1) {
      a = 2 * a + Number(row[features[p + a]!]! > thresholds[p + a]!)
      b = 2 * b + Number(row[features[q + b]!]! > thresholds[q + b]!)
      c = 2 * c + Number(row[features[r + c]!]! > thresholds[r + c]!)
      d = 2 * d + Number(row[features[s + d]!]! > thresholds[s + d]!)
    }
    sum += lengths[p + a - size]!
    sum += lengths[q + b - size]!
    sum += lengths[r + c - size]!
    sum += lengths[s + d - size]!
  }
  for (let tree = whole; tree < trees; tree += 1) sum += walkTree(forest, tree, row)
  return sum
}

function walkTree(
  { depth, size, features, thresholds, lengths }: PaddedForest,
  tree: number,
  row: Float64Array
): number {
  const base = tree * size
  let node = 1
  for (let level = 0; level < depth; level += 1)
    node = 2 * node + Number(row[features[base + node]!]! > thresholds[base + node]!)
  return lengths[base + node - size]!
}
