import { isSdkError } from '../model/errors.ts'
import type { Positions, Source } from '../model/source.ts'
import { type Scheduler, sleep } from '../time/scheduler.ts'
import { keepTrying } from './keep-trying.ts'

/** What a committer needs of its run. @internal */
export interface CommitHost {
  readonly scheduler: Scheduler
  /** Aborted when the run is over. */
  readonly signal: AbortSignal
  readonly isStopping: boolean
  fail(error: unknown): void
  warn(message: string, error?: unknown): void
}

/**
 * Commits positions of one source: one commit in flight, then the newest. A commit that fails for a while is repeated,
 * except at a stop: what is not committed is delivered again, and known.
 *
 * @internal
 */
export class Committer {
  commits = 0
  readonly #source: Source
  readonly #host: CommitHost
  /** Last position that was committed, by split. */
  readonly #committed = new Map<string, number>()
  #due: Record<string, number> | undefined
  /** Splits that were lost while a commit was in flight. */
  readonly #lost = new Set<string>()
  #inFlight: Promise<void> | undefined

  constructor(source: Source, host: CommitHost) {
    this.#source = source
    this.#host = host
  }

  /** Notes that everything of a split up to here may be committed. */
  advance(split: string, position: number): void {
    if (!this.#source.commit || this.#committed.get(split) === position) return
    this.#due ??= {}
    this.#due[split] = position
    this.#inFlight ??= this.#run()
  }

  /** Forgets what is due for a split that was lost. */
  forget(split: string): void {
    if (this.#due) delete this.#due[split]
    this.#lost.add(split)
    this.#committed.delete(split)
  }

  /** Resolves when nothing is due and nothing is in flight. */
  async idle(): Promise<void> {
    while (this.#inFlight) await this.#inFlight
  }

  async #run(): Promise<void> {
    await Promise.resolve() // what settles in the same turn goes into the same commit
    const backoff = keepTrying()
    try {
      while (this.#due) {
        const at: Record<string, number> = this.#due
        this.#due = undefined
        this.#lost.clear()
        if (Object.keys(at).length === 0 || (await this.#commit(at))) continue
        if (this.#host.isStopping || this.#host.signal.aborted) return
        this.#due = Object.assign(this.#kept(at), this.#due)
        await sleep(backoff.next(), this.#host.scheduler, this.#host.signal)
      }
    } catch (error) {
      this.#host.fail(error)
    } finally {
      this.#inFlight = undefined
    }
  }

  #kept(at: Positions): Record<string, number> {
    return Object.fromEntries(Object.entries(at).filter(([split]) => !this.#lost.has(split)))
  }

  async #commit(at: Positions): Promise<boolean> {
    try {
      await this.#source.commit?.(at)
      this.commits += 1
      for (const split of Object.keys(at)) this.#committed.set(split, at[split] as number)
      return true
    } catch (error) {
      if (!(isSdkError(error) && error.retryable)) throw error
      this.#host.warn(`${this.#source.id}: a commit failed: ${error.message}`, error)
      return false
    }
  }
}
