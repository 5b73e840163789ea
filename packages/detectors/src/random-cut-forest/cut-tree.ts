import type { Random } from '../statistics/random.ts'

const NONE = -1

/**
 * A random cut tree of at most `capacity` points of float32 values, equal ones in one leaf. Inner nodes are 0..capacity - 2, leaves follow; all in flat
 * arrays. Points up to the cut of a node are on its left.
 *
 * @internal
 */
export class CutTree {
  readonly #width: number
  readonly #inner: number
  #root = NONE
  readonly #parents: Int32Array
  readonly #lefts: Int32Array
  readonly #rights: Int32Array
  readonly #channels: Int32Array
  readonly #cuts: Float64Array
  readonly #masses: Int32Array
  /** Least and greatest value of the points below a node: `[2 * (node * width + u)]` and the next. Those of a leaf are its point. */
  readonly #boxes: Float32Array
  /** Sum of the sides of the box. */
  readonly #spans: Float64Array
  /** Values of a point that lie outside of a box. */
  readonly #outside: Int32Array
  /** Free inner nodes and free leaves, stacks. */
  readonly #free: Int32Array
  #freeInner: number
  #freeLeaves: number
  #grown = 0

  constructor(width: number, capacity: number) {
    const nodes = 2 * capacity - 1
    this.#width = width
    this.#inner = capacity - 1
    this.#parents = new Int32Array(nodes).fill(NONE)
    this.#lefts = new Int32Array(this.#inner)
    this.#rights = new Int32Array(this.#inner)
    this.#channels = new Int32Array(this.#inner)
    this.#cuts = new Float64Array(this.#inner)
    this.#masses = new Int32Array(nodes)
    this.#boxes = new Float32Array(2 * nodes * width)
    this.#outside = new Int32Array(width)
    this.#spans = new Float64Array(nodes)
    this.#free = Int32Array.from({ length: nodes }, (_, k) => k)
    this.#freeInner = this.#inner
    this.#freeLeaves = capacity
  }

  /** Points in it. */
  get mass(): number {
    return this.#root === NONE ? 0 : this.#masses[this.#root]!
  }

  /** Adds a point, by one draw for each box that it enlarges; returns its leaf. */
  add(point: Float64Array, random: Random): number {
    if (this.#root === NONE) {
      this.#root = this.#leafOf(point)
      return this.#root
    }
    for (let node = this.#root; ; ) {
      const growth = this.#growth(node, point)
      if (growth === 0 && node >= this.#inner) return this.#again(node)
      if (growth > 0) {
        const leaf = this.#split(node, point, random.uniform() * (this.#spans[node]! + growth))
        if (leaf !== NONE) return leaf
        this.#enlarge(node, point)
      }
      node = point[this.#channels[node]!]! <= this.#cuts[node]! ? this.#lefts[node]! : this.#rights[node]!
    }
  }

  /** Takes one point of a leaf away. */
  remove(leaf: number): void {
    if (this.#masses[leaf]! > 1) return this.#count(leaf, -1)
    const parent = this.#parents[leaf]!
    this.#free[this.#inner + this.#freeLeaves] = leaf
    this.#freeLeaves += 1
    if (parent === NONE) {
      this.#root = NONE
      return
    }
    const sibling = this.#lefts[parent] === leaf ? this.#rights[parent]! : this.#lefts[parent]!
    const above = this.#parents[parent]!
    this.#replace(above, parent, sibling)
    this.#free[this.#freeInner] = parent
    this.#freeInner += 1
    this.#count(above, -1)
    for (let node = above; node !== NONE && this.#fit(node); ) node = this.#parents[node]!
  }

  /** How much a point would stand out if it were in the tree: by the depth at which random cuts would part it from the others. */
  score(point: Float64Array): number {
    const parents = this.#parents
    const spans = this.#spans
    let node = this.#leafFor(point)
    let level = this.#depthOf(node)
    let outside = this.#allOutside()
    outside = this.#stillOutside(node, point, outside)
    if (outside === 0) return this.#seen(node, level)
    let score = 1 / (level + 1)
    for (node = parents[node]!; node !== NONE; node = parents[node]!) {
      level -= 1
      outside = this.#stillOutside(node, point, outside)
      if (outside === 0) break
      const growth = this.#grown
      const parted = growth / (spans[node]! + growth)
      score = parted / (level + 1) + (1 - parted) * score
    }
    return (score * Math.log(this.mass + 1)) / Math.LN2
  }

  /** Adds the part of each value of the point in its score. */
  attribute(point: Float64Array, parts: Float64Array, own: Float64Array): void {
    const leaf = this.#leafFor(point)
    const depth = this.#depthOf(leaf)
    if (this.#growth(leaf, point) === 0) {
      const seen = this.#seen(leaf, depth) / point.length
      for (let u = 0; u < point.length; u += 1) parts[u] = parts[u]! + seen
      return
    }
    own.fill(0)
    let level = depth
    for (let node = leaf; node !== NONE; node = this.#parents[node]!) {
      const grown = this.#growth(node, point)
      if (grown === 0) break
      this.#part(node, point, this.#spans[node]! + grown, 1 / (level + 1), own)
      level -= 1
    }
    const scale = Math.log(this.mass + 1) / Math.LN2
    for (let u = 0; u < point.length; u += 1) parts[u] = parts[u]! + scale * own[u]!
  }

  /** Copies of all it holds. */
  state(): Float64Array[] {
    const counts = [this.#root, this.#freeInner, this.#freeLeaves]
    return [Float64Array.from(counts), ...this.#arrays().map((array) => Float64Array.from(array))]
  }

  /** @returns false where the state is of another tree, or none */
  restore(state: readonly Float64Array[]): boolean {
    const arrays = this.#arrays()
    const [counts, ...rest] = state
    if (counts?.length !== 3 || rest.length !== arrays.length) return false
    if (rest.some((values, i) => values.length !== arrays[i]!.length)) return false
    arrays.forEach((array, i) => {
      array.set(rest[i]!)
    })
    this.#root = counts[0]!
    this.#freeInner = counts[1]!
    this.#freeLeaves = counts[2]!
    return this.#isTree()
  }

  /** Lengths of what `state` gives. */
  get lengths(): number[] {
    return [3, ...this.#arrays().map((array) => array.length)]
  }

  #arrays(): (Int32Array | Float32Array | Float64Array)[] {
    return [
      this.#parents,
      this.#lefts,
      this.#rights,
      this.#channels,
      this.#cuts,
      this.#masses,
      this.#boxes,
      this.#spans,
      this.#free
    ]
  }

  /** Whether walks down and up end, at nodes that there are. */
  #isTree(): boolean {
    if (this.#root === NONE) return true
    const isNode = (node: number): boolean => node >= 0 && node < this.#masses.length
    let visits = 0
    const visit = (node: number, parent: number): boolean => {
      visits += 1
      if (!isNode(node) || this.#parents[node] !== parent || visits > this.#masses.length) return false
      if (node >= this.#inner) return true
      if (!(this.#channels[node]! >= 0 && this.#channels[node]! < this.#width)) return false
      return visit(this.#lefts[node]!, node) && visit(this.#rights[node]!, node)
    }
    return visit(this.#root, NONE)
  }

  /** Where the cuts lead a point to. */
  #leafFor(point: Float64Array): number {
    const [lefts, rights, channels, cuts, inner] = [this.#lefts, this.#rights, this.#channels, this.#cuts, this.#inner]
    let node = this.#root
    while (node < inner) node = point[channels[node]!]! <= cuts[node]! ? lefts[node]! : rights[node]!
    return node
  }

  #depthOf(leaf: number): number {
    let depth = 0
    for (let node = this.#parents[leaf]!; node !== NONE; node = this.#parents[node]!) depth += 1
    return depth
  }

  #allOutside(): number {
    for (let u = 0; u < this.#width; u += 1) this.#outside[u] = u
    return this.#width
  }

  /**
   * Of the values outside of a box below, those outside of this one, which holds it: their number; by how much its sides would grow
   * is left in `#grown`.
   */
  #stillOutside(node: number, point: Float64Array, count: number): number {
    const boxes = this.#boxes
    const outside = this.#outside
    const box = 2 * node * this.#width
    let growth = 0
    let left = 0
    for (let k = 0; k < count; k += 1) {
      const u = outside[k]!
      const x = point[u]!
      const beyond = Math.max(boxes[box + 2 * u]! - x, x - boxes[box + 2 * u + 1]!)
      if (beyond <= 0) continue
      growth += beyond
      outside[left] = u
      left += 1
    }
    this.#grown = growth
    return left
  }

  #seen(leaf: number, depth: number): number {
    const mass = this.#masses[leaf]!
    const damped = 1 - mass / (2 * this.mass)
    return (damped / (depth + Math.log(mass + 1) / Math.LN2)) * (Math.log(this.mass + 1) / Math.LN2)
  }

  /** By how much the sides of a box would grow to hold a point. */
  #growth(node: number, point: Float64Array): number {
    const boxes = this.#boxes
    const width = this.#width
    const box = 2 * node * width
    let growth = 0
    for (let u = 0; u < width; u += 1) {
      const x = point[u]!
      const below = boxes[box + 2 * u]! - x
      const above = x - boxes[box + 2 * u + 1]!
      if (below > 0) growth += below
      else if (above > 0) growth += above
    }
    return growth
  }

  #part(node: number, point: Float64Array, side: number, unseen: number, own: Float64Array): void {
    const box = 2 * node * this.#width
    const kept = this.#spans[node]! / side
    for (let u = 0; u < point.length; u += 1) {
      const growth = Math.max(this.#boxes[box + 2 * u]! - point[u]!, point[u]! - this.#boxes[box + 2 * u + 1]!, 0)
      own[u] = (growth / side) * unseen + kept * own[u]!
    }
  }

  /** Cuts the enlarged box `at` along its sides; a leaf of the point's own where that parts it from the node, else none. */
  #split(node: number, point: Float64Array, at: number): number {
    const width = this.#width
    const box = 2 * node * width
    let rest = at
    for (let u = 0; u < width; u += 1) {
      const x = point[u]!
      const least = this.#boxes[box + 2 * u]!
      const greatest = this.#boxes[box + 2 * u + 1]!
      const from = Math.min(x, least)
      const to = Math.max(x, greatest)
      if (rest >= to - from) {
        rest -= to - from
        continue
      }
      const cut = from + rest
      // Rounding may put the cut on the end of the side; a leaf is parted all the same.
      if (x < least && (cut < least || node >= this.#inner))
        return this.#fork(node, point, u, cut < least ? cut : x, true)
      if (x > greatest && cut >= greatest) return this.#fork(node, point, u, cut < x ? cut : greatest, false)
      break
    }
    // The cut falls into the box, or rounding has left no side for it; a leaf has to be parted somewhere.
    return node < this.#inner ? NONE : this.#forkAnywhere(node, point)
  }

  #forkAnywhere(leaf: number, point: Float64Array): number {
    const box = 2 * leaf * this.#width
    let u = 0
    while (point[u] === this.#boxes[box + 2 * u]) u += 1
    const there = this.#boxes[box + 2 * u]!
    return this.#fork(leaf, point, u, Math.min(point[u]!, there), point[u]! < there)
  }

  /** A new inner node in the place of a node, with that and the point below it; returns the leaf of the point. */
  #fork(node: number, point: Float64Array, channel: number, cut: number, isLeft: boolean): number {
    this.#freeInner -= 1
    const fork = this.#free[this.#freeInner]!
    const leaf = this.#leafOf(point)
    const above = this.#parents[node]!
    this.#replace(above, node, fork)
    this.#channels[fork] = channel
    this.#cuts[fork] = cut
    this.#lefts[fork] = isLeft ? leaf : node
    this.#rights[fork] = isLeft ? node : leaf
    this.#parents[node] = fork
    this.#parents[leaf] = fork
    this.#masses[fork] = this.#masses[node]!
    this.#count(fork, 1)
    this.#fit(fork)
    return leaf
  }

  #leafOf(point: Float64Array): number {
    this.#freeLeaves -= 1
    const leaf = this.#free[this.#inner + this.#freeLeaves]!
    const box = 2 * leaf * this.#width
    for (let u = 0; u < this.#width; u += 1) this.#boxes[box + 2 * u] = this.#boxes[box + 2 * u + 1] = point[u]!
    this.#spans[leaf] = 0
    this.#masses[leaf] = 1
    this.#parents[leaf] = NONE
    return leaf
  }

  #again(leaf: number): number {
    this.#count(leaf, 1)
    return leaf
  }

  #count(from: number, change: number): void {
    for (let node = from; node !== NONE; node = this.#parents[node]!) this.#masses[node]! += change
  }

  #replace(above: number, node: number, by: number): void {
    this.#parents[by] = above
    if (above === NONE) this.#root = by
    else if (this.#lefts[above] === node) this.#lefts[above] = by
    else this.#rights[above] = by
  }

  #enlarge(node: number, point: Float64Array): void {
    const boxes = this.#boxes
    const box = 2 * node * this.#width
    let span = 0
    for (let u = 0; u < point.length; u += 1) {
      const x = point[u]!
      const k = box + 2 * u
      if (x < boxes[k]!) boxes[k] = x
      if (x > boxes[k + 1]!) boxes[k + 1] = x
      span += boxes[k + 1]! - boxes[k]!
    }
    this.#spans[node] = span
  }

  /** Makes the box of a node that of its children; false where it was. */
  #fit(node: number): boolean {
    const boxes = this.#boxes
    const size = 2 * this.#width
    const at = node * size
    const left = this.#lefts[node]! * size
    const right = this.#rights[node]! * size
    let isChanged = false
    let span = 0
    for (let k = 0; k < size; k += 2) {
      const low = Math.min(boxes[left + k]!, boxes[right + k]!)
      const high = Math.max(boxes[left + k + 1]!, boxes[right + k + 1]!)
      isChanged ||= low !== boxes[at + k] || high !== boxes[at + k + 1]
      boxes[at + k] = low
      boxes[at + k + 1] = high
      span += high - low
    }
    this.#spans[node] = span
    return isChanged
  }
}
