import { isSdkError, PipelineError, type SdkError } from '../../model/errors.ts'
import { type Scheduler, sleep } from '../../time/scheduler.ts'
import { storageError } from '../storage-error.ts'

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5000

/** @internal */
export interface WriteLoopOptions {
  readonly folder: string
  readonly scheduler: Scheduler
  /** Everything that can be done now. */
  readonly work: () => Promise<void>
  /** After an error that may pass: all that is not synced is to be written again. */
  readonly rewind: () => Promise<void>
  /** Nothing can be written any more. */
  readonly failed: (error: SdkError) => void
  /** A round has ended; true when there is more to do at once. */
  readonly ended: () => boolean
}

/** Works in the background whenever there is something to do, again after a wait while the disk may take it. @internal */
export class WriteLoop {
  /** What the disk said last; undefined when it works. */
  trouble: SdkError | undefined
  /** What nothing helps against. */
  failure: SdkError | undefined
  retried = 0
  readonly #options: WriteLoopOptions
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: WriteLoopOptions) {
    this.#options = options
  }

  kick(): void {
    if (this.#running || this.failure) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      if (this.#options.ended() && !this.#stop.signal.aborted) this.kick() // came in the meantime
    })
  }

  /** Resolves when it does nothing. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  /** From now on a failure is not tried again. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.idle()
  }

  async #run(): Promise<void> {
    await Promise.resolve() // what comes in the same turn joins
    const { work, rewind, scheduler } = this.#options
    const { signal } = this.#stop
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(LONGEST_RETRY_MS, waitMs * 2)) {
      try {
        await work()
        this.trouble = undefined
        return
      } catch (error) {
        if (this.#isOver(error)) return // and the files are left alone: they may be another writer's by now
        await rewind()
        if (signal.aborted) return
      }
      await sleep(waitMs, scheduler, signal)
    }
  }

  #isOver(error: unknown): boolean {
    const { folder, failed } = this.#options
    const isOfTheDisk = isSdkError(error) || typeof (error as NodeJS.ErrnoException)?.code === 'string'
    const known = isOfTheDisk
      ? storageError(folder, error)
      : new PipelineError(`spool ${folder}`, String(error), { cause: error })
    this.trouble = known
    this.retried += 1
    if (known.retryable) return false
    this.failure = known
    failed(known)
    return true
  }
}
