import type { SnapshotReader } from '../detector/snapshot-reader.ts'

/**
 * Trees as they are kept: node by node, each node before its left subtree and that before its right one.
 *
 * @internal
 */
export interface Forest {
  readonly trees: number
  /** Rows that each tree was grown from. */
  readonly sample: number
  /** Used channels. */
  readonly width: number
  /** A node each: the used channel that it splits, or for a leaf -(rows of the sample in it). */
  readonly nodes: Float64Array
  /** A split each, in the order of the nodes: a value up to this, as float32, goes left. */
  readonly thresholds: Float64Array
}

/** Most edges to a leaf. @internal */
export function depthOf(sample: number): number {
  return 32 - Math.clz32(Math.max(sample, 2) - 1)
}

/** @internal */
export function forestState({ trees, sample, nodes, thresholds }: Forest): Record<string, unknown> {
  return { grown: trees, rowsEach: sample, nodes: nodes.slice(), thresholds: thresholds.slice() }
}

/** The forest of a snapshot, checked so far that no walk through it can leave it. @internal */
export function restoredForest(reader: SnapshotReader, width: number): Forest {
  const forest: Forest = {
    trees: reader.whole('grown'),
    sample: reader.whole('rowsEach'),
    width,
    nodes: reader.floats('nodes'),
    thresholds: reader.floats('thresholds')
  }
  const at = { node: 0, split: 0 }
  for (let tree = 0; tree < forest.trees; tree += 1) checkTree(reader, forest, at, depthOf(forest.sample))
  if (at.node !== forest.nodes.length) reader.refuse(`its nodes must be ${at.node}, got ${forest.nodes.length}`)
  if (at.split !== forest.thresholds.length)
    reader.refuse(`its thresholds must be ${at.split}, got ${forest.thresholds.length}`)
  return forest
}

function checkTree(reader: SnapshotReader, forest: Forest, at: { node: number; split: number }, depth: number): void {
  const node = forest.nodes[at.node]
  at.node += 1
  if (node === undefined) return reader.refuse('its nodes end in the middle of a tree')
  if (!Number.isInteger(node) || node >= forest.width) return reader.refuse(`its nodes hold ${node}`)
  if (node < 0) return
  if (depth === 0) return reader.refuse('its trees are too deep')
  if (!Number.isFinite(forest.thresholds[at.split])) return reader.refuse('its thresholds must be finite')
  at.split += 1
  checkTree(reader, forest, at, depth - 1)
  checkTree(reader, forest, at, depth - 1)
}
