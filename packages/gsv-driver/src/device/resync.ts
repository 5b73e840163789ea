import type { Scheduler } from '@messwerk/core/driver'
import type { CommandName, FieldValues } from '../commands/index.ts'

/** What a {@link Resync} works with. @internal */
export interface ResyncOptions {
  readonly scheduler: Scheduler
  /** Longest wait for an answer, ms. */
  readonly timeoutMs: number
  readonly send: (name: CommandName, values?: FieldValues) => Promise<void>
}

/** Requests whose answers have a size of their own: the one that what came late cannot have is taken. */
const MARKERS = [
  { name: 'GetTXMode', values: { index: 1 }, size: 2 },
  { name: 'FirmwareVersion', values: {}, size: 4 }
] as const satisfies readonly { name: CommandName; values: FieldValues; size: number }[]

/**
 * Brings requests and answers together again after one was not answered in time.
 *
 * Answers come in the order of their requests and do not say what they answer. So the transmission is stopped, and a
 * request is sent whose answer has another size than the one that is late: what comes before it is thrown away. Takes
 * twice the timeout at most.
 *
 * @internal
 */
export class Resync {
  /** When what was given up for lost came after all, ms after it was asked for. */
  lateMs: number | undefined
  readonly #o: ResyncOptions
  #isActive = false
  #isStopped = false
  #until = 0
  #arrived: { readonly size: number; readonly at: number }[] = []
  #wake: (() => void) | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: ResyncOptions) {
    this.#o = options
  }

  /** Gives it an answer that arrived; false when none is under way and the answer belongs to a request. */
  takes(size: number): boolean {
    if (!this.#isActive) return false
    this.#arrived.push({ size, at: this.#o.scheduler.elapsed() })
    this.#wake?.()
    return true
  }

  /** Ends what is under way: the link is gone. */
  stop(): void {
    this.#isStopped = true
    this.#wake?.()
  }

  /** Resolves when nothing is under way. */
  done(): Promise<void> {
    return this.#running.catch(() => {})
  }

  /**
   * @param size - data bytes of the answer that did not come, where it is known
   * @param asked - when it was asked for
   */
  run(size: number | undefined, asked: number): Promise<void> {
    this.#running = this.#during(async () => {
      await this.#o.send('StopTransmission')
      if (await this.#next()) await this.#mark(MARKERS[size === MARKERS[0].size ? 1 : 0])
      const same = this.#arrived.filter((answer) => answer.size === size)
      // The answer to the stop has no data either.
      const late = same.length > (size === 0 ? 1 : 0) ? same[0] : undefined
      this.lateMs = late && Math.round(late.at - asked)
    })
    return this.#running
  }

  /** Sends a command and waits for an answer, whichever. */
  ask(name: CommandName): Promise<void> {
    return this.#during(async () => {
      await this.#o.send(name)
      await this.#next()
    })
  }

  async #mark({ name, values, size }: (typeof MARKERS)[number]): Promise<void> {
    await this.#o.send(name, values)
    while (this.#arrived.at(-1)?.size !== size && (await this.#next())) {
      // thrown away
    }
  }

  async #during(work: () => Promise<void>): Promise<void> {
    this.#isActive = true
    this.#arrived = []
    this.#until = this.#o.scheduler.elapsed() + 2 * this.#o.timeoutMs
    try {
      await work()
    } finally {
      this.#isActive = false
    }
  }

  /** Waits for one more answer; false when none comes. */
  async #next(): Promise<boolean> {
    const { scheduler, timeoutMs } = this.#o
    const before = this.#arrived.length
    const rest = this.#until - scheduler.elapsed()
    // A device that has answered something is late, one that has not is away.
    const left = before === 0 ? Math.min(timeoutMs, rest) : rest
    if (this.#isStopped || left <= 0) return false
    await new Promise<void>((resolve) => {
      const cancel = scheduler.after(left, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
    this.#wake = undefined
    return this.#arrived.length > before && !this.#isStopped
  }
}
