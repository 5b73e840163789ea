import type { Scheduler } from '../time/scheduler.ts'

/** What {@link Credit} asks and tells. @internal */
export interface CreditHost {
  readonly scheduler: Scheduler
  /** Whether the run gave up waiting: nobody is held up any more. */
  readonly isOver: boolean
  /** Whether every asynchronous operator can take another block. */
  readonly hasCapacity: boolean
  paused(): void
  resumed(afterMs: number): void
}

/**
 * How much may be taken from the sources without being durable. Whoever wants to take more asks for `room` first.
 *
 * @internal
 */
export class Credit {
  /** Bytes taken and not durable yet. */
  unsettled = 0
  largest = 0
  readonly #limit: number
  readonly #host: CreditHost
  #pausedMs = 0
  #pausedSince: number | undefined
  #room: Promise<void> | undefined
  #open: (() => void) | undefined

  constructor(limit: number, host: CreditHost) {
    this.#limit = limit
    this.#host = host
  }

  /** Time that sources were held up, ms. */
  get pausedMs(): number {
    const { scheduler } = this.#host
    return this.#pausedMs + (this.#pausedSince === undefined ? 0 : scheduler.elapsed() - this.#pausedSince)
  }

  take(bytes: number): void {
    this.unsettled += bytes
    if (this.unsettled > this.largest) this.largest = this.unsettled
  }

  give(bytes: number): void {
    this.unsettled -= bytes
    this.look()
  }

  /** Undefined while more may be taken; else resolves when it may. */
  room(): Promise<void> | undefined {
    if (this.#hasRoom()) return undefined
    if (!this.#room) {
      this.#room = new Promise((resolve) => {
        this.#open = resolve
      })
      if (this.unsettled >= this.#limit) this.#pause()
    }
    return this.#room
  }

  /** Lets those go on who wait, when there is room again. */
  look(): void {
    if (!this.#open || !(this.#host.isOver || this.#hasRoom())) return
    if (this.#pausedSince !== undefined) {
      const ms = this.#host.scheduler.elapsed() - this.#pausedSince
      this.#pausedMs += ms
      this.#pausedSince = undefined
      this.#host.resumed(ms)
    }
    this.#open()
    this.#open = this.#room = undefined
  }

  #hasRoom(): boolean {
    return this.unsettled < this.#limit && this.#host.hasCapacity
  }

  #pause(): void {
    this.#pausedSince = this.#host.scheduler.elapsed()
    this.#host.paused()
  }
}
