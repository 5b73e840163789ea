import type { HalfSpaces } from './half-spaces.ts'

/** A path ends where less than this share of the scans of the reference window lies. */
const FEW = 0.1

/**
 * How many scans of a window lie in each node: of the last full window, which scores are taken from, and of the one that is being
 * filled. `[tree * 2 size + node]`, leaves included.
 *
 * @internal
 */
export class Masses {
  readonly #spaces: HalfSpaces
  readonly #window: number
  #reference: Int32Array
  #current: Int32Array
  /** Scans in the reference; fewer than the window after a short fit. */
  #rows = 0
  #count = 0

  constructor(spaces: HalfSpaces, window: number) {
    const entries = (2 * spaces.trees) << spaces.height
    this.#spaces = spaces
    this.#window = window
    this.#reference = new Int32Array(entries)
    this.#current = new Int32Array(entries)
  }

  get ready(): boolean {
    return this.#rows > 0
  }

  add(row: Float64Array): void {
    const { trees } = this.#spaces
    const whole = trees - (trees % 4)
    for (let tree = 0; tree < whole; tree += 4) this.#addToFour(tree, row)
    for (let tree = whole; tree < trees; tree += 1) this.#addToOne(tree, row)
    this.#count += 1
    if (this.#count === this.#window) this.turn()
  }

  /** Four trees in step: none waits for another, as one step of a tree does for the one before. */
  #addToFour(tree: number, row: Float64Array): void {
    const { height, features, cuts } = this.#spaces
    const masses = this.#current
    const size = 1 << height
    const p = tree * size
    const q = p + size
    const r = q + size
    const s = r + size
    let a = 1
    let b = 1
    let c = 1
    let d = 1
    for (let depth = 0; depth < height; depth += 1) {
      masses[2 * p + a]! += 1
      masses[2 * q + b]! += 1
      masses[2 * r + c]! += 1
      masses[2 * s + d]! += 1
      a = 2 * a + Number(row[features[p + a]!]! >= cuts[p + a]!)
      b = 2 * b + Number(row[features[q + b]!]! >= cuts[q + b]!)
      c = 2 * c + Number(row[features[r + c]!]! >= cuts[r + c]!)
      d = 2 * d + Number(row[features[s + d]!]! >= cuts[s + d]!)
    }
    masses[2 * p + a]! += 1
    masses[2 * q + b]! += 1
    masses[2 * r + c]! += 1
    masses[2 * s + d]! += 1
  }

  #addToOne(tree: number, row: Float64Array): void {
    const { height, features, cuts } = this.#spaces
    const inner = tree << height
    let node = 1
    this.#current[2 * inner + 1]! += 1
    for (let depth = 0; depth < height; depth += 1) {
      node = 2 * node + Number(row[features[inner + node]!]! >= cuts[inner + node]!)
      this.#current[2 * inner + node]! += 1
    }
  }

  /** What was added last becomes the reference. */
  turn(): void {
    const old = this.#reference
    this.#reference = this.#current
    this.#rows = this.#count
    this.#current = old.fill(0)
    this.#count = 0
  }

  /** 1 - mass on the paths, each node in proportion to 2^depth, as a part of the most there can be. */
  score(row: Float64Array): number {
    const { trees, height } = this.#spaces
    let sum = 0
    for (let tree = 0; tree < trees; tree += 1) sum += this.#massOnPath(tree, row)
    return 1 - sum / (trees * this.#rows * (2 * (1 << height) - 1))
  }

  #massOnPath(tree: number, row: Float64Array): number {
    const { height, features, cuts } = this.#spaces
    const masses = this.#reference
    const few = FEW * this.#rows
    const inner = tree << height
    const all = 2 * inner
    let node = 1
    let sum = 0
    for (let depth = 0; ; depth += 1) {
      const mass = masses[all + node]!
      sum += mass * (1 << depth)
      if (mass < few || depth === height) return sum
      node = 2 * node + Number(row[features[inner + node]!]! >= cuts[inner + node]!)
    }
  }

  /** By how much each channel leads to emptier nodes than an even spread would: sum of ln(mass / (2 mass of the child)). */
  gains(row: Float64Array, gains: Float64Array): void {
    const { trees, height, features, cuts } = this.#spaces
    const few = FEW * this.#rows
    gains.fill(0)
    for (let tree = 0; tree < trees; tree += 1) {
      const inner = tree << height
      const all = 2 * inner
      let mass = this.#reference[all + 1]!
      for (let node = 1; mass >= few && node < 1 << height; ) {
        const u = features[inner + node]!
        node = 2 * node + Number(row[u]! >= cuts[inner + node]!)
        const child = this.#reference[all + node]!
        gains[u] = gains[u]! + Math.log((mass + 1) / (2 * child + 1))
        mass = child
      }
    }
  }

  /** Nodes with scans, and how many. */
  state(): Record<string, unknown> {
    const nodes: number[] = []
    for (let k = 0; k < this.#current.length; k += 1)
      if (this.#current[k]! > 0 || this.#reference[k]! > 0) nodes.push(k)
    return {
      nodes: Float64Array.from(nodes),
      reference: Float64Array.from(nodes, (k) => this.#reference[k]!),
      current: Float64Array.from(nodes, (k) => this.#current[k]!),
      rows: this.#rows,
      count: this.#count
    }
  }

  /** @returns false when a node is not one of these trees */
  restore(nodes: Float64Array, reference: Float64Array, current: Float64Array, rows: number, count: number): boolean {
    for (let i = 0; i < nodes.length; i += 1) {
      const k = nodes[i]!
      if (!(Number.isInteger(k) && k >= 0 && k < this.#reference.length)) return false
      this.#reference[k] = reference[i]!
      this.#current[k] = current[i]!
    }
    this.#rows = rows
    this.#count = count
    return true
  }
}
