import { isSdkError, TimeoutError } from '../model/errors.ts'
import type { Scheduler } from '../time/scheduler.ts'

// how long a call that was told to abort may take to end
const GRACE_MS = 1000

/** @internal */
export interface AttemptsOptions {
  readonly scheduler: Scheduler
  readonly timeoutMs: number
  /** Whether a call that does not end may be left behind and made again beside it. */
  readonly mayOverlap: boolean
  readonly timedOut: () => void
  /** A call that may not be left behind does not end although it was told to. */
  readonly stuck: (error: TimeoutError) => void
}

/** How a call failed. @internal */
export interface Failure {
  readonly cause: unknown
  readonly isTimeout: boolean
}

/**
 * Calls with a deadline.
 *
 * At the deadline the call's signal aborts with a TimeoutError, and the call has a second to end by itself. One that does
 * not is left behind only where two calls may run beside each other. Otherwise it is waited for without a limit: a second
 * write beside one that may still succeed could store its items twice, or before what they follow. Sinks end soon after
 * their signal aborts; for one that never does, the operator sees `degraded`.
 *
 * @internal
 */
export class Attempts {
  readonly #options: AttemptsOptions

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** Resolves with undefined when the call succeeded, late or not. @param what - what did not come in time */
  run(
    call: (signal: AbortSignal) => Promise<void> | undefined,
    what: string,
    outer: AbortSignal
  ): Promise<Failure | undefined> {
    return new Attempt(this.#options, what, outer).run(call)
  }
}

class Attempt {
  readonly #options: AttemptsOptions
  readonly #what: string
  readonly #outer: AbortSignal
  readonly #controller = new AbortController()
  #leave: (reason: unknown) => void = () => {}
  #timeout: TimeoutError | undefined
  #cancelTimer: () => void
  #cancelGrace: (() => void) | undefined

  constructor(options: AttemptsOptions, what: string, outer: AbortSignal) {
    this.#options = options
    this.#what = what
    this.#outer = outer
    this.#cancelTimer = options.scheduler.after(options.timeoutMs, this.#onTimeout)
    outer.addEventListener('abort', this.#onOuterAbort)
    if (outer.aborted) this.#onOuterAbort()
  }

  async run(call: (signal: AbortSignal) => Promise<void> | undefined): Promise<Failure | undefined> {
    try {
      const left = new Promise<never>((_, reject) => {
        this.#leave = reject
      })
      await Promise.race([call(this.#controller.signal), left])
      return undefined
    } catch (error) {
      return { cause: this.#reasonOf(error), isTimeout: this.#timeout !== undefined }
    } finally {
      this.#cancelTimer()
      this.#cancelGrace?.()
      this.#outer.removeEventListener('abort', this.#onOuterAbort)
    }
  }

  readonly #onTimeout = (): void => {
    const { timeoutMs, timedOut, mayOverlap, stuck } = this.#options
    const timeout = new TimeoutError(this.#what, timeoutMs)
    this.#timeout = timeout
    timedOut()
    this.#abort(timeout, () => (mayOverlap ? this.#leave(timeout) : stuck(timeout)))
  }

  readonly #onOuterAbort = (): void => {
    const { reason } = this.#outer
    this.#cancelTimer()
    this.#abort(reason, () => this.#leave(reason))
  }

  #abort(reason: unknown, afterGrace: () => void): void {
    this.#controller.abort(reason)
    this.#cancelGrace?.()
    this.#cancelGrace = this.#options.scheduler.after(GRACE_MS, afterGrace)
  }

  /** What a client throws when it is aborted is its own affair: the reason is the deadline. */
  #reasonOf(error: unknown): unknown {
    if (!this.#timeout || isSdkError(error)) return error
    return new TimeoutError(this.#what, this.#options.timeoutMs, { cause: error })
  }
}
