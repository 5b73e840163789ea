import type { Positions, Source } from '../model/source.ts'

/** Commits settled positions of one source: one commit in flight, then the newest. @internal */
export class Committer {
  commits = 0
  readonly #source: Source
  readonly #failed: (error: unknown) => void
  #due: Record<string, number> | undefined
  #inFlight: Promise<void> | undefined

  constructor(source: Source, failed: (error: unknown) => void) {
    this.#source = source
    this.#failed = failed
  }

  /** Notes that everything of a split up to here is settled. */
  advance(split: string, position: number): void {
    if (!this.#source.commit) return
    this.#due ??= {}
    this.#due[split] = position
    this.#inFlight ??= this.#run()
  }

  /** Forgets what is due for a split that was lost. */
  forget(split: string): void {
    if (this.#due) delete this.#due[split]
  }

  /** Resolves when nothing is due and nothing is in flight. */
  async idle(): Promise<void> {
    while (this.#inFlight) await this.#inFlight
  }

  async #run(): Promise<void> {
    await Promise.resolve() // what settles in the same turn goes into the same commit
    try {
      while (this.#due) {
        const at: Positions = this.#due
        this.#due = undefined
        if (Object.keys(at).length === 0) continue
        await this.#source.commit?.(at)
        this.commits += 1
      }
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#inFlight = undefined
    }
  }
}
