import type { Random } from '../statistics/random.ts'

/** No cut in the outer parts of a box, as a share of it on each side. */
const PADDING = 0.15

/** @internal */
export interface Box {
  /** Per used channel; low < high, or equal where the channel has one value only. */
  readonly low: Float64Array
  readonly high: Float64Array
}

/**
 * Complete trees of cuts through a box: node k of a tree has the children 2k (below the cut) and 2k + 1, the root is 1, entry 0 is
 * unused: `[tree * size + node]` with `size` = 2^height; children of the last cuts have no entry.
 *
 * @internal
 */
export interface HalfSpaces {
  readonly trees: number
  readonly height: number
  readonly features: Int32Array
  readonly cuts: Float64Array
}

/** Cuts at random: a channel with the probability of its side of the box, in parts of the whole, anywhere in the middle of it. @internal */
export function cutAtRandom({ low, high }: Box, trees: number, height: number, random: Random): HalfSpaces {
  const size = 1 << height
  const features = new Int32Array(trees * size)
  const cuts = new Float64Array(trees * size)
  const from = Float64Array.from(low, () => 0)
  const to = Float64Array.from(low, (x, u) => (high[u]! > x ? 1 : 0))
  const cut = (base: number, node: number): void => {
    if (node >= size) return
    const u = chosen(from, to, random)
    const [a, b] = [from[u]!, to[u]!]
    const at = a + (PADDING + random.uniform() * (1 - 2 * PADDING)) * (b - a)
    features[base + node] = u
    cuts[base + node] = low[u]! + at * (high[u]! - low[u]!)
    to[u] = at
    cut(base, 2 * node)
    to[u] = b
    from[u] = at
    cut(base, 2 * node + 1)
    from[u] = a
  }
  for (let tree = 0; tree < trees; tree += 1) cut(tree * size, 1)
  return { trees, height, features, cuts }
}

function chosen(from: Float64Array, to: Float64Array, random: Random): number {
  let sum = 0
  for (let u = 0; u < from.length; u += 1) sum += to[u]! - from[u]!
  let rest = random.uniform() * sum
  for (let u = 0; u < from.length; u += 1) {
    rest -= to[u]! - from[u]!
    if (rest < 0) return u
  }
  // All channels stand still, or rounding: the last with a side.
  let last = from.length - 1
  while (last > 0 && to[last] === from[last]) last -= 1
  return last
}
