import { isSdkError } from '../../model/errors.ts'
import type { Source } from '../../model/source.ts'
import { type Scheduler, sleep } from '../../time/scheduler.ts'

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5000

/** @internal */
export interface SourceCommitsOptions {
  readonly source: Source
  readonly scheduler: Scheduler
  /** After it aborts, a commit that fails is not repeated: what was not committed comes again, and is known. */
  readonly signal: AbortSignal
  readonly failed: (cause: unknown) => void
}

/** Commits to a source what is on disk: one commit in flight, then the newest, again while that may help. @internal */
export class SourceCommits {
  readonly #options: SourceCommitsOptions
  readonly #lost = new Set<string>()
  #due: Record<string, number> = {}
  #hasNews = false
  #running: Promise<void> | undefined

  constructor(options: SourceCommitsOptions) {
    this.#options = options
  }

  /** Everything of the split up to here may be committed. */
  advance(split: string, position: number): void {
    if (!this.#options.source.commit || this.#lost.has(split)) return
    this.#due[split] = position
    this.#hasNews = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** The split is ours again. */
  assigned(split: string): void {
    this.#lost.delete(split)
  }

  /** Nothing of the split is committed any more. */
  lost(split: string): void {
    this.#lost.add(split)
    delete this.#due[split]
  }

  /** Resolves when nothing is due and nothing is in flight. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    await Promise.resolve() // what became durable together is committed together
    for (let waitMs = FIRST_RETRY_MS; this.#hasNews; ) {
      this.#hasNews = false
      const at = this.#due
      this.#due = {}
      if (Object.keys(at).length === 0) continue
      if (await this.#commit(at)) {
        waitMs = FIRST_RETRY_MS
        continue
      }
      const { scheduler, signal } = this.#options
      if (signal.aborted) return
      const again = Object.entries(at).filter(([split]) => !this.#lost.has(split))
      this.#due = Object.assign(Object.fromEntries(again), this.#due)
      this.#hasNews = true
      await sleep(waitMs, scheduler, signal)
      waitMs = Math.min(LONGEST_RETRY_MS, 2 * waitMs)
    }
  }

  /** False when it is worth another try. */
  async #commit(at: Readonly<Record<string, number>>): Promise<boolean> {
    try {
      await this.#options.source.commit?.(at)
      return true
    } catch (cause) {
      if (isSdkError(cause) && cause.retryable) return false
      this.#options.failed(cause)
      return true
    }
  }
}
