import type { Backoff, RetryPolicy } from '../delivery/retry-policy.ts'
import { isSdkError } from '../model/errors.ts'
import type { SourceReport } from '../model/source.ts'
import type { Scheduler } from '../time/scheduler.ts'

// a connection that was up for this long worked; one that is taken and dropped at once did not
const WORKED_MS = 1000

/** Whether a source that failed may be read again, and when: the waits begin anew once it has worked. @internal */
export class Patience {
  readonly #retry: RetryPolicy
  readonly #scheduler: Scheduler
  readonly #backoff: Backoff
  #failingSince: number | undefined
  #runningSince: number | undefined

  constructor(retry: RetryPolicy, scheduler: Scheduler) {
    this.#retry = retry
    this.#scheduler = scheduler
    this.#backoff = retry.backoff()
  }

  /** Data came. */
  works(): void {
    this.#backoff.reset()
    this.#failingSince = undefined
  }

  /** The source says how it is doing. */
  reports(state: SourceReport['state']): void {
    if (state === 'running') this.#runningSince ??= this.#scheduler.elapsed()
    else this.#stops()
  }

  /** It failed: whether it may be read again. */
  lasts(error: unknown): error is Error {
    this.#stops()
    if (isSdkError(error) && error.code === 'FENCED') return false
    if (this.#retry.classify(error) !== 'retry') return false
    const now = this.#scheduler.elapsed()
    this.#failingSince ??= now
    const { giveUpMs } = this.#retry
    return giveUpMs === undefined || now - this.#failingSince < giveUpMs
  }

  /** The next wait, ms. */
  next(): number {
    return this.#backoff.next()
  }

  #stops(): void {
    const since = this.#runningSince
    this.#runningSince = undefined
    if (since !== undefined && this.#scheduler.elapsed() - since >= WORKED_MS) this.works()
  }
}
