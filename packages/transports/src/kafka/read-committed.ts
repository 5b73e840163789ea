/** A transaction that was given up: from its first offset on, until its control batch. @internal */
export interface Aborted {
  readonly producer: number
  readonly firstOffset: number
}

/** What a batch says of its transaction. @internal */
export interface Transacted {
  readonly producer: number
  readonly lastOffset: number
  readonly isTransactional: boolean
  /** Whether it is the mark that ends a transaction. */
  readonly isControl: boolean
}

/** Tells which batches of a partition count, asked for one after the other. @internal */
export class ReadCommitted {
  /** By first offset, the earliest at the end. */
  readonly #waiting: Aborted[]
  readonly #open = new Set<number>()

  constructor(aborted: readonly Aborted[]) {
    this.#waiting = Array.from(aborted).sort((a, b) => b.firstOffset - a.firstOffset)
  }

  /** Whether its records count: it is no control batch, and its transaction was not given up. */
  counts({ producer, lastOffset, isTransactional, isControl }: Transacted): boolean {
    for (let next = this.#waiting.at(-1); next && next.firstOffset <= lastOffset; next = this.#waiting.at(-1)) {
      this.#open.add(next.producer)
      this.#waiting.pop()
    }
    // it ends the transaction of its producer, whether by commit or not
    if (isControl) this.#open.delete(producer)
    return !isControl && !(isTransactional && this.#open.has(producer))
  }
}
