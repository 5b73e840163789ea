import { averagePathLength } from './average-path-length.ts'
import type { Forest } from './forest.ts'

interface Node {
  readonly feature?: number
  readonly threshold?: number
  readonly left?: Node
  readonly right?: Node
  readonly rows: number
}

/** Trees of objects, walked node by node: what the fast walks must equal. @internal */
export function naiveScore(forest: Forest, row: readonly number[]): number {
  const trees = naiveTrees(forest)
  const mean = trees.reduce((sum, tree) => sum + naivePath(tree, row), 0) / trees.length
  return Math.exp((-Math.LN2 * mean) / averagePathLength(forest.sample))
}

/** @internal */
export function naiveTrees({ trees, nodes, thresholds }: Forest): Node[] {
  const [codes, limits] = [[...nodes], [...thresholds]]
  const next = (): Node => {
    const code = codes.shift()!
    if (code < 0) return { rows: -code }
    const threshold = limits.shift()!
    const [left, right] = [next(), next()]
    return { feature: code, threshold, left, right, rows: left.rows + right.rows }
  }
  return Array.from({ length: trees }, next)
}

function naivePath({ feature, threshold, left, right, rows }: Node, row: readonly number[]): number {
  if (!(left && right)) return averagePathLength(rows)
  return 1 + naivePath(Math.fround(row[feature!]!) <= threshold! ? left : right, row)
}
