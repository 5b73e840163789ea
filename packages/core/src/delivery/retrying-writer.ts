import { type BatchError, isSdkError, PipelineError, type SdkError, StorageError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'
import { type Scheduler, sleep } from '../time/scheduler.ts'
import { Attempts, type Failure } from './attempts.ts'
import type { Remedy, RetryPolicy } from './retry-policy.ts'
import { spanText, textOf } from './texts.ts'
import { unlessAborted } from './unless-aborted.ts'
import { halve, type Job, jobOf, nextSegment } from './write-job.ts'

/** So many items refused in a row by errors of the whole write: it is not the items. */
const MOST_REFUSALS = 3

/** @internal */
export interface RetryingWriterOptions<T> {
  readonly id: string
  /** Named in errors that end the run. @defaultValue id */
  readonly pipeline?: string | undefined
  readonly sink: Sink<T>
  readonly policy: RetryPolicy
  /** Of each attempt. */
  readonly timeoutMs: number
  readonly scheduler: Scheduler
  /** Whether writing the same twice, at once or in any order, changes nothing. @defaultValue false */
  readonly idempotent?: boolean | undefined
  /** Resolves when the dead letters have the item; without it a refused item fails the write. */
  readonly reject?: ((item: T, error: SdkError) => Promise<void>) | undefined
  /** Told what is neither durable nor refused when a write fails. */
  readonly abandoned?: ((items: readonly T[]) => void) | undefined
  /** Told why the sink is in trouble, and undefined when it is well again. */
  readonly troubled?: ((why: string | undefined) => void) | undefined
}

/**
 * Writes until every item is durable or in the dead letters, repeating only what is not. Items are never reordered within
 * a call.
 *
 * - A retryable error: the same items again after a wait. After `giveUpAfter` without success: the dead letters.
 * - A BatchError: the items it names are each dealt with by their own error, the others are durable.
 * - Any other refusal of several items: in halves, until the one that is refused is found.
 * - A write that took too long: in halves, or a large one would never get through.
 * - Three items refused in a row, each alone: the environment is broken, and the write fails rather than empty the stream
 *   into the dead letters.
 *
 * @internal
 */
export class RetryingWriter<T> {
  /** Writes that became durable, repetitions, items in the dead letters, attempts that took too long. */
  writes = 0
  retried = 0
  rejected = 0
  timeouts = 0
  lastError: string | undefined
  readonly #options: RetryingWriterOptions<T>
  readonly #attempts: Attempts
  #refusals = 0
  #isTroubled = false

  constructor(options: RetryingWriterOptions<T>) {
    const { scheduler, timeoutMs, idempotent = false } = options
    this.#options = options
    this.#attempts = new Attempts({
      scheduler,
      timeoutMs,
      mayOverlap: idempotent,
      timedOut: () => {
        this.timeouts += 1
      },
      stuck: (error) =>
        this.#trouble(`${error.message}, and it does not end although its signal aborted; waiting for it`)
    })
  }

  /** Opens the sink, again and again while that may help. @throws what is not worth a retry, or the reason of the signal */
  async open(signal: AbortSignal): Promise<void> {
    const { id, sink, policy } = this.#options
    const job = jobOf<T>([], signal, policy)
    for (;;) {
      signal.throwIfAborted()
      const failure = await this.#attempts.run((inner) => sink.open?.(inner), `${id}: the connection`, signal)
      if (!failure) return this.#works(job)
      signal.throwIfAborted()
      this.#noteError(failure.cause)
      if (policy.classify(failure.cause) !== 'retry' || this.#isOverdue(job)) throw this.#sdkError(failure.cause)
      await this.#wait(job, failure.cause)
    }
  }

  /**
   * Resolves when every item is durable or in the dead letters, with those in the dead letters.
   *
   * @throws an error that ends the run, or the reason of the signal
   */
  async write(items: readonly T[], signal: AbortSignal): Promise<readonly T[]> {
    const job = jobOf(items, signal, this.#options.policy)
    try {
      while (nextSegment(job)) await this.#writeSegment(job)
      if (job.letters.length > 0) await unlessAborted(Promise.all(job.letters), signal)
      return job.refused
    } catch (error) {
      if (!signal.aborted) this.#trouble(textOf(error))
      this.#options.abandoned?.(job.segment.concat(...job.segments.toReversed()))
      throw error
    }
  }

  async #writeSegment(job: Job<T>): Promise<void> {
    const { id, sink } = this.#options
    const { segment, signal } = job
    signal.throwIfAborted()
    const what = `${id}: the end of a write of ${segment.length} items`
    const failure = await this.#attempts.run((inner) => sink.write(segment, inner), what, signal)
    if (!failure) {
      job.segment = []
      this.writes += 1
      return this.#works(job)
    }
    signal.throwIfAborted()
    this.#noteError(failure.cause)
    if (isBatchError(failure.cause)) await this.#partlyFailed(job, failure.cause)
    else await this.#failed(job, failure)
  }

  #works(job: Job<T>): void {
    job.backoff.reset()
    job.failingSince = undefined
    this.#refusals = 0
    if (!this.#isTroubled) return
    this.#isTroubled = false
    this.#options.troubled?.(undefined)
  }

  async #failed(job: Job<T>, { cause, isTimeout }: Failure): Promise<void> {
    const { segment } = job
    const remedy = this.#options.policy.classify(cause)
    if (remedy === 'fail') throw this.#sdkError(cause)
    if (remedy === 'reject') return segment.length > 1 ? halve(job) : this.#refuseAlone(job, cause)
    if (this.#isOverdue(job)) {
      job.failingSince = undefined
      for (const item of segment) this.#refuse(job, item, cause)
      job.segment = []
      return
    }
    if (isTimeout && segment.length > 1) job.most = Math.ceil(segment.length / 2)
    await this.#again(job, segment, cause)
  }

  async #partlyFailed(job: Job<T>, error: BatchError): Promise<void> {
    const { segment } = job
    job.segment = segment.filter((_, i) => error.failed.has(i))
    const remedies = this.#remedies(segment, error)
    if (remedies.size < segment.length) {
      this.writes += 1
      this.#refusals = 0
      job.backoff.reset()
    }
    const isOverdue = this.#isOverdue(job)
    const again: T[] = []
    let cause: unknown
    for (const [i, remedy] of remedies) {
      const item = segment[i] as T
      const why = error.failed.get(i)
      if (remedy === 'reject' || isOverdue) {
        this.#refuse(job, item, why)
      } else {
        again.push(item)
        cause ??= why
      }
    }
    job.segment = []
    if (again.length === 0) return this.#works(job)
    await this.#again(job, again, cause)
  }

  /** By index, in order. All are known before the first is dealt with. @throws when one of them ends the run */
  #remedies(segment: readonly T[], error: BatchError): Map<number, Remedy> {
    const remedies = new Map<number, Remedy>()
    for (let i = 0; i < segment.length; i += 1) {
      if (!error.failed.has(i)) continue
      const cause = error.failed.get(i)
      const remedy = this.#options.policy.classify(cause)
      if (remedy === 'fail') throw this.#sdkError(cause)
      remedies.set(i, remedy)
    }
    if (remedies.size > 0 && remedies.size === error.failed.size) return remedies
    const named = [...error.failed.keys()].join(', ') || 'none'
    const why = `its BatchError must name the failed items of ${segment.length} by index, it named: ${named}`
    throw this.#broken(why, error)
  }

  #refuseAlone(job: Job<T>, cause: unknown): void {
    this.#refusals += 1
    job.failingSince = undefined
    if (this.#refusals < MOST_REFUSALS) {
      this.#refuse(job, job.segment[0] as T, cause)
      job.segment = []
      return
    }
    throw this.#broken(`${MOST_REFUSALS} items in a row were refused, so it is not the items: ${textOf(cause)}`, cause)
  }

  #refuse(job: Job<T>, item: T, cause: unknown): void {
    const { reject } = this.#options
    const error = this.#sdkError(cause)
    if (!reject) {
      const advice = 'mend that, or give start({ deadLetters: sink }) or start({ directory })'
      throw this.#broken(`an item was refused (${error.message}), and there is no place for it: ${advice}`, error)
    }
    const letter = reject(item, error).then(() => {
      this.rejected += 1
    })
    letter.catch(() => {}) // is awaited at the end
    job.letters.push(letter)
    job.refused.push(item)
  }

  async #again(job: Job<T>, items: readonly T[], cause: unknown): Promise<void> {
    job.segment = []
    job.segments.push(items)
    await this.#wait(job, cause)
  }

  async #wait(job: Job<T>, cause: unknown): Promise<void> {
    const { scheduler, policy } = this.#options
    const now = scheduler.elapsed()
    job.failingSince ??= now
    const left = policy.giveUpMs === undefined ? Number.POSITIVE_INFINITY : job.failingSince + policy.giveUpMs - now
    const ms = Math.max(0, Math.min(job.backoff.next(), left))
    this.#trouble(`${textOf(cause)}; next try in ${spanText(ms)}`)
    await sleep(ms, scheduler, job.signal)
    this.retried += 1
  }

  #isOverdue({ failingSince }: Job<T>): boolean {
    const { giveUpMs } = this.#options.policy
    if (giveUpMs === undefined || failingSince === undefined) return false
    return this.#options.scheduler.elapsed() - failingSince >= giveUpMs
  }

  #noteError(cause: unknown): void {
    this.lastError = textOf(cause)
  }

  #trouble(why: string): void {
    this.#isTroubled = true
    this.#options.troubled?.(why)
  }

  #broken(why: string, cause: unknown): PipelineError {
    const { id, pipeline = id } = this.#options
    return new PipelineError(pipeline, `sink ${id}: ${why}`, { cause })
  }

  #sdkError(cause: unknown): SdkError {
    if (isSdkError(cause)) return cause
    return new StorageError(
      this.#options.id,
      `a bug of the sink, it failed with no error of this SDK: ${textOf(cause)}`,
      false,
      { cause }
    )
  }
}

function isBatchError(error: unknown): error is BatchError {
  return isSdkError(error) && error.code === 'BATCH_FAILED' && 'failed' in error
}
