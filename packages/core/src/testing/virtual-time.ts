import type { Scheduler } from '../time/scheduler.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/**
 * A scheduler whose time passes only when told: an hour in milliseconds.
 *
 * @example
 * ```ts
 * import { VirtualTime } from '@messwerk/core/testing'
 *
 * const time = new VirtualTime()
 * let rang = false
 * time.after(3_600_000, () => { rang = true })
 * await time.advance(3_600_000)
 * rang // => true
 * ```
 */
export class VirtualTime implements Scheduler {
  readonly #start: number
  #elapsed = 0
  #order = 0
  #timers: Timer[] = []

  /** @param start - ms since the Unix epoch. @defaultValue 2026-01-01T00:00:00Z */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#start = start
  }

  now(): number {
    return this.#start + this.#elapsed
  }

  elapsed(): number {
    return this.#elapsed
  }

  /** Timers that have not rung. */
  get pending(): number {
    return this.#timers.length
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  macrotask(): Promise<void> {
    return macrotask()
  }

  /** Lets `ms` pass: rings the timers that become due in their order, letting promises run before and after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await macrotask()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#elapsed = next.at
      next.callback()
      await macrotask()
    }
    this.#elapsed = end
    await macrotask()
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at <= end && (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)))
        first = timer
    }
    return first
  }
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
