import { ModelError } from '@messwerk/core/model'

/**
 * `scale` x (the entries of the tables at the leaves that a row comes to, summed over the trees) + `constant`.
 *
 * @internal
 */
export interface Sum {
  readonly scale: number
  readonly constant: number
  /** By tree; one entry a leaf. */
  readonly tables: ReadonlyMap<number, Float64Array>
}

/** How many entries may be worked out for one model. */
const MOST_WORK = 100_000_000

/** Arithmetic with sums; undefined where the result is no sum. Its work is bounded: a small file may ask for much. @internal */
export class SumArithmetic {
  readonly #what: string
  #work = 0

  /** @param what - the model, in messages */
  constructor(what: string) {
    this.#what = what
  }

  /** `f` of a value; of more than one tree it is no sum over trees. */
  map(sum: Sum, f: (x: number) => number): Sum | undefined {
    const [tree, more] = sum.tables.keys()
    if (tree === undefined) return { scale: 1, constant: f(sum.constant), tables: sum.tables }
    if (more !== undefined) return undefined
    const { scale, constant } = sum
    const table = this.#table(sum.tables.get(tree)!, (x) => f(scale * x + constant))
    return { scale: 1, constant: 0, tables: new Map([[tree, table]]) }
  }

  /** `f` of two values of one tree. */
  zip(a: Sum, b: Sum, f: (x: number, y: number) => number): Sum | undefined {
    if (a.tables.size === 0) return this.map(b, (y) => f(a.constant, y))
    if (b.tables.size === 0) return this.map(a, (x) => f(x, b.constant))
    const [tree, more] = a.tables.keys()
    const other = b.tables.get(tree!)
    if (more !== undefined || b.tables.size !== 1 || other === undefined) return undefined
    const table = this.#table(a.tables.get(tree!)!, (x, leaf) =>
      f(a.scale * x + a.constant, b.scale * other[leaf]! + b.constant)
    )
    return { scale: 1, constant: 0, tables: new Map([[tree!, table]]) }
  }

  /** The scale stays apart from the tables: it tells what path lengths are measured by. */
  times({ scale, constant, tables }: Sum, factor: number): Sum {
    return { scale: scale * factor, constant: constant * factor, tables }
  }

  /** To the entries of a lone tree the number goes in itself. */
  plus(sum: Sum, constant: number): Sum {
    const { scale, tables } = sum
    const [tree] = tables.keys()
    if (tables.size !== 1 || scale === 0) return { scale, constant: sum.constant + constant, tables }
    const more = (constant + sum.constant) / scale
    return { scale, constant: 0, tables: new Map([[tree!, this.#table(tables.get(tree!)!, (x) => x + more)]]) }
  }

  total(sums: readonly Sum[]): Sum {
    const scale = sums.find(({ tables }) => tables.size > 0)?.scale ?? 1
    const tables = new Map<number, Float64Array>()
    let constant = 0
    for (const sum of sums) {
      constant += sum.constant
      const factor = sum.scale / scale
      for (const [tree, table] of sum.tables) {
        const before = tables.get(tree)
        this.spend(1)
        if (before === undefined && factor === 1) tables.set(tree, table)
        else
          tables.set(
            tree,
            this.#table(table, (x, leaf) => (before?.[leaf] ?? 0) + factor * x)
          )
      }
    }
    return { scale, constant, tables }
  }

  #table(from: Float64Array, f: (x: number, leaf: number) => number): Float64Array {
    this.spend(from.length + 8)
    const table = new Float64Array(from.length)
    for (let leaf = 0; leaf < table.length; leaf += 1) table[leaf] = f(from[leaf]!, leaf)
    return table
  }

  /** Counts work done elsewhere for the same model. @throws ModelError 'too-large' */
  spend(entries: number): void {
    this.#work += entries
    if (this.#work > MOST_WORK)
      throw new ModelError('too-large', `${this.#what} is too large to be read; run it with onnxDetector`)
  }
}
