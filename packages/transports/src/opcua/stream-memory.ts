/**
 * How far a stream has come, kept while the connection is made anew. Times are ns since `base`.
 *
 * @internal
 */
export class StreamMemory {
  /** ms since the Unix epoch, a whole number. */
  base: number
  /** Of the last row. */
  last = Number.NEGATIVE_INFINITY
  /** Of the last value of each node, by name. */
  readonly #nodes = new Map<string, number>()

  constructor(now: number) {
    this.base = Math.floor(now)
  }

  lastOf(node: string): number {
    return this.#nodes.get(node) ?? Number.NEGATIVE_INFINITY
  }

  note(node: string, time: number): void {
    this.#nodes.set(node, time)
  }

  /** Counts from now on, so that ns stay whole numbers for 50 days more. */
  rebase(now: number): void {
    const shift = (Math.floor(now) - this.base) * 1e6
    this.base = Math.floor(now)
    this.last -= shift
    for (const [node, time] of this.#nodes) this.#nodes.set(node, time - shift)
  }
}
