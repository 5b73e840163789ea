import { ModelError } from '@messwerk/core/model'
import { averagePathLength } from '../../isolation-forest/average-path-length.ts'
import { depthOf, type Forest } from '../../isolation-forest/forest.ts'
import { nameOf } from '../attributes.ts'
import type { PlacedTree } from './evaluate.ts'
import { unscaledThreshold } from './steps.ts'
import type { Sum } from './sum.ts'

/** As many entries as a forest that is grown here may have. */
const MOST_ENTRIES = 4_194_304
const MOST_DEPTH = 22
/** A path length is of float32 numbers, a few times rounded. */
const TOLERANCE = 1e-5
const MOST_ROWS = 2_147_483_648

/**
 * The forest whose score is 2^exponent: what is summed up must be path lengths, each the depth of its leaf and what the paper adds for the
 * rows in it, measured by that of all rows of a tree.
 *
 * @throws ModelError 'unsupported' where they are not, 'too-large'
 *
 * @internal
 */
export function rebuild(placed: readonly PlacedTree[], exponent: Sum, width: number, name: string): Forest {
  const used = [...exponent.tables]
  const refuse = (why: string): never => {
    throw new ModelError(
      'unsupported',
      `${name} is no isolation forest that is known here: ${why}; run it with onnxDetector`
    )
  }
  const typical = -1 / (exponent.scale * used.length)
  if (!(typical > 0 && typical < MOST_ROWS)) refuse(`path lengths are measured by ${typical}`)
  if (Math.abs(exponent.constant) > TOLERANCE) refuse(`${exponent.constant} is added to what its trees give`)
  const builder = new ForestBuilder(refuse)
  for (const [tree, lengths] of used) builder.take(placed[tree]!, lengths)
  const sample = sampleOf(typical, builder.mostRows)
  if (Math.abs(averagePathLength(sample) - typical) > TOLERANCE * typical || sample < 2)
    refuse(`path lengths are measured by ${typical}, which is no mean of a tree`)
  if (depthOf(sample) > MOST_DEPTH || used.length * (1 << depthOf(sample)) > MOST_ENTRIES)
    throw new ModelError(
      'too-large',
      `${name} has ${used.length} trees of ${sample} rows, too many to be read natively`
    )
  if (builder.deepest > depthOf(sample)) refuse(`a tree of ${sample} rows is ${builder.deepest} deep`)
  if (builder.mostInLeaf > sample) refuse(`a leaf stands for ${builder.mostInLeaf} of ${sample} rows`)
  const { nodes, thresholds } = builder
  return {
    trees: used.length,
    sample,
    width,
    nodes: Float64Array.from(nodes),
    thresholds: Float64Array.from(thresholds)
  }
}

/** Of bootstrapped trees the leaves hold fewer rows than were drawn. */
function sampleOf(typical: number, mostRows: number): number {
  const isOne = Math.abs(averagePathLength(mostRows) - typical) <= TOLERANCE * typical
  return isOne ? mostRows : rowsOf(typical)
}

/** How many rows a mean path length is of. */
function rowsOf(length: number): number {
  let [low, high] = [1, MOST_ROWS]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (averagePathLength(middle) <= length) low = middle
    else high = middle
  }
  return averagePathLength(high) - length < length - averagePathLength(low) ? high : low
}

class ForestBuilder {
  readonly nodes: number[] = []
  readonly thresholds: number[] = []
  mostRows = 0
  mostInLeaf = 0
  deepest = 0
  readonly #refuse: (why: string) => never

  constructor(refuse: (why: string) => never) {
    this.#refuse = refuse
  }

  take(placed: PlacedTree, lengths: Float64Array): void {
    this.mostRows = Math.max(this.mostRows, this.#place(placed, lengths, 0, 0))
  }

  /** @returns the rows below the node */
  #place(placed: PlacedTree, lengths: Float64Array, node: number, depth: number): number {
    const { columns, thresholds, low, high, leaves } = placed.tree
    if (depth > MOST_DEPTH) this.#refuse(`a tree of ${nameOf(placed.node)} is more than ${MOST_DEPTH} deep`)
    if (columns[node]! < 0) return this.#leaf(placed, lengths[leaves[node]!]!, depth)
    const { channel, steps } = placed.columns[columns[node]!]!
    this.nodes.push(channel)
    this.thresholds.push(unscaledThreshold(thresholds[node]!, steps))
    const below = this.#place(placed, lengths, low[node]!, depth + 1)
    return below + this.#place(placed, lengths, high[node]!, depth + 1)
  }

  #leaf({ node }: PlacedTree, length: number, depth: number): number {
    const rows = length - depth < -TOLERANCE ? 0 : rowsOf(Math.max(length - depth, 0))
    if (!(Math.abs(averagePathLength(rows) + depth - length) <= TOLERANCE) || rows < 1)
      this.#refuse(`a leaf of ${nameOf(node)}, ${depth} deep, stands for a path of ${length}`)
    this.nodes.push(-rows)
    this.deepest = Math.max(this.deepest, depth)
    this.mostInLeaf = Math.max(this.mostInLeaf, rows)
    return rows
  }
}
