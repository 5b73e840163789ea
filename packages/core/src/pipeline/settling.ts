import type { Ledger } from '../delivery/ledger.ts'

interface Waiting {
  readonly ledger: Ledger
  readonly count: number
  readonly done: () => void
}

/** Those who wait until so many deliveries of a ledger are settled. @internal */
export class Settling {
  #waiting: Waiting[] = []

  /** Resolves when the first `count` deliveries are settled, or nothing of the ledger counts any more. */
  async until(ledger: Ledger, count: number): Promise<void> {
    if (isDone(ledger, count)) return
    await new Promise<void>((done) => this.#waiting.push({ ledger, count, done }))
  }

  /** A settled prefix grew, or a ledger was fenced. */
  look(): void {
    if (this.#waiting.length === 0) return
    this.#waiting = this.#waiting.filter(({ ledger, count, done }) => {
      if (!isDone(ledger, count)) return true
      done()
      return false
    })
  }
}

function isDone(ledger: Ledger, count: number): boolean {
  return ledger.isFenced || ledger.settled >= count
}
