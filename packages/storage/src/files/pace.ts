import { type Scheduler, sleep } from '@messwerk/core/driver'
import type { Pacing } from './replay-options.ts'

/** What is handed over at once spans at most this much of waiting, ms. */
const TOGETHER_MS = 20

/**
 * Says when a line is due, and waits for it. Each due time counts from the first line, so waiting too long once is
 * made up for.
 *
 * @internal
 */
export class Pace {
  readonly #scheduler: Scheduler
  readonly #speed: number
  readonly #step: number
  #begun: number | undefined
  #lastMs = 0
  /** When the line before is due, ms after the first one, and the first line that was not yet handed over. */
  #due = 0
  #firstDue = 0
  #next = 0

  constructor(pacing: Exclude<Pacing, 'max'>, scheduler: Scheduler) {
    this.#scheduler = scheduler
    this.#speed = 'speed' in pacing ? pacing.speed : 0
    this.#step = 'rate' in pacing ? 1000 / pacing.rate : 0
  }

  /**
   * Looks at the next line. A time before that of the line before it takes no waiting.
   *
   * @returns whether what was collected must be handed over before it
   */
  ahead(timeMs: number, collected: boolean): boolean {
    if (this.#begun === undefined) this.#begun = this.#scheduler.elapsed()
    else this.#next = this.#due + (this.#step || Math.max(0, timeMs - this.#lastMs) / this.#speed)
    this.#lastMs = timeMs
    if (!collected) this.#firstDue = this.#next
    return collected && this.#next - this.#firstDue >= TOGETHER_MS
  }

  /** Takes the line that was looked at. */
  accept(collected: boolean): void {
    if (!collected) this.#firstDue = this.#next
    this.#due = this.#next
  }

  /** Waits until the last line taken is due. */
  async wait(signal: AbortSignal): Promise<void> {
    const left = this.#due - (this.#scheduler.elapsed() - (this.#begun ?? 0))
    if (this.#begun !== undefined && left > 0) await sleep(left, this.#scheduler, signal)
  }
}
