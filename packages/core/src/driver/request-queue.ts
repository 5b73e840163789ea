import { TimeoutError } from '../model/errors.ts'
import type { Scheduler } from '../time/scheduler.ts'

/**
 * How a {@link RequestQueue} reaches its device.
 *
 * @example
 * ```ts
 * import type { RequestQueueOptions } from '@messwerk/core/driver'
 * import { systemTime } from '@messwerk/core/driver'
 *
 * const options: RequestQueueOptions<string> = { send: async () => {}, scheduler: systemTime, timeoutMs: 1000 }
 * options.timeoutMs // => 1000
 * ```
 */
export interface RequestQueueOptions<Q> {
  /** Sends a request; resolves when the operating system has it. */
  readonly send: (request: Q) => Promise<void>
  readonly scheduler: Scheduler
  /** Longest wait for an answer, ms. */
  readonly timeoutMs: number
  /**
   * Called after a timeout, before the next request: makes sure that a late answer is not taken for the next one.
   */
  readonly resync?: () => Promise<void>
}

interface Waiting<A> {
  readonly resolve: (answer: A) => void
  readonly reject: (error: Error) => void
}

/**
 * One request in flight at a time, for devices whose answers do not say what they answer.
 *
 * Requests wait in order. An answer belongs to the request in flight; one that comes when there is none is refused. A
 * request that is not answered in time fails with a `TimeoutError`, and the device is resynchronised.
 *
 * @example
 * ```ts
 * import { RequestQueue, systemTime } from '@messwerk/core/driver'
 *
 * const queue = new RequestQueue<string, string>({
 *   send: async (request) => { setTimeout(() => queue.answer(request.toUpperCase()), 1) },
 *   scheduler: systemTime,
 *   timeoutMs: 1000,
 * })
 * await queue.request('rate', 'answer to rate') // => 'RATE'
 * ```
 */
export class RequestQueue<Q, A> {
  readonly #options: RequestQueueOptions<Q>
  #tail: Promise<unknown> = Promise.resolve()
  #waiting: Waiting<A> | undefined
  #failure: Error | undefined

  constructor(options: RequestQueueOptions<Q>) {
    this.#options = options
  }

  /** Whether an answer is being waited for. */
  get busy(): boolean {
    return this.#waiting !== undefined
  }

  /**
   * Sends a request when its turn comes and resolves with its answer.
   *
   * @param what - named in the error, for example `answer to ReadDataRate from tcp://10.0.0.5:4711`
   * @param timeoutMs - where this request takes longer than others
   * @throws TimeoutError when no answer came in time; the error given to `fail`, or that of `send`
   */
  request(request: Q, what: string, timeoutMs: number = this.#options.timeoutMs): Promise<A> {
    const turn = this.#tail.then(() => this.#exchange(request, what, timeoutMs))
    this.#tail = turn.catch((error) => this.#afterFailure(error))
    return turn
  }

  /** Gives the answer to the request in flight; false when there is none. */
  answer(answer: A): boolean {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(answer)
    return waiting !== undefined
  }

  /** Fails the request in flight and every later one: the connection is gone. */
  fail(error: Error): void {
    this.#failure ??= error
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(this.#failure)
  }

  async #exchange(request: Q, what: string, timeoutMs: number): Promise<A> {
    if (this.#failure) throw this.#failure
    const answer = new Promise<A>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
    const cancel = this.#options.scheduler.after(timeoutMs, () => this.#timeOut(what, timeoutMs))
    try {
      // The answer may come, or the link fail, before the write has resolved.
      await Promise.race([answer, this.#options.send(request).then(() => answer)])
      return await answer
    } finally {
      cancel()
      this.#waiting = undefined
    }
  }

  #timeOut(what: string, timeoutMs: number): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(new TimeoutError(what, timeoutMs))
  }

  async #afterFailure(error: unknown): Promise<void> {
    if (!(error instanceof TimeoutError) || this.#failure) return
    try {
      await this.#options.resync?.()
    } catch (failed) {
      this.fail(failed as Error)
    }
  }
}
