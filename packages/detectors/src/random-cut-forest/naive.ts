import type { CutTree } from './cut-tree.ts'

interface Node {
  readonly points: readonly (readonly number[])[]
  readonly channel?: number
  readonly cut?: number
  readonly left?: Node
  readonly right?: Node
}

/** The tree as objects, from its flat arrays. @internal */
export function naiveTree(tree: CutTree, width: number): Node {
  const [counts, , lefts, rights, channels, cuts, masses, boxes] = tree.state()
  const inner = lefts!.length
  const at = (node: number): Node => {
    if (node >= inner) {
      const point = Array.from({ length: width }, (_, u) => boxes![2 * (node * width + u)]!)
      return { points: Array.from({ length: masses![node]! }, () => point) }
    }
    const [left, right] = [at(lefts![node]!), at(rights![node]!)]
    return { points: [...left.points, ...right.points], channel: channels![node]!, cut: cuts![node]!, left, right }
  }
  return at(counts![0]!)
}

/** The score by the rules of AWS' forest, from the points below each node instead of kept boxes. @internal */
export function naiveCutScore(root: Node, point: readonly number[]): number {
  const total = root.points.length
  const scoreAt = (node: Node, depth: number): number => {
    const parted = separation(node.points, point)
    if (node.left && node.right) {
      const child = point[node.channel!]! <= node.cut! ? node.left : node.right
      return parted / (depth + 1) + (1 - parted) * scoreAt(child, depth + 1)
    }
    if (parted > 0) return 1 / (depth + 1)
    const mass = node.points.length
    return (1 - mass / (2 * total)) / (depth + Math.log2(mass + 1))
  }
  return scoreAt(root, 0) * Math.log2(total + 1)
}

function separation(points: readonly (readonly number[])[], point: readonly number[]): number {
  let [span, grown] = [0, 0]
  point.forEach((x, u) => {
    const column = points.map((one) => one[u]!)
    const [low, high] = [Math.min(...column), Math.max(...column)]
    span += high - low
    grown += Math.max(low - x, x - high, 0)
  })
  return grown > 0 ? grown / (span + grown) : 0
}
