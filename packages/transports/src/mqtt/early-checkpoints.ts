import type { Scheduler } from '@messwerk/core/driver'

/** @internal */
export interface EarlyOptions {
  readonly window: number
  readonly version: 4 | 5
  readonly scheduler: Scheduler
  readonly hurry: (() => void) | undefined
}

// MQTT 3.1.1 brokers do not say how much they let out unacknowledged; mosquitto lets out 20
const SMALLEST_BROKER_WINDOW = 20
const QUIET_MS = 10
const STALLED_MS = 2
const ANSWER_MS = 50

/**
 * Asks for a checkpoint before its time when the broker would stop sending for want of acknowledgements.
 *
 * @internal
 */
export class EarlyCheckpoints {
  readonly #with: EarlyOptions
  #hasAsked = false
  #acknowledgedAt = 0
  #arrivedAt = 0
  #waitsForUs = false

  constructor(options: EarlyOptions) {
    this.#with = options
  }

  /**
   * A batch has arrived. Some brokers send no more until what is out is acknowledged, whatever window they were offered:
   * HiveMQ CE lets out what its look into the queue finds, 1 to 50. It is one of these when our acknowledgement ends a
   * silence.
   */
  arrived(): void {
    const now = this.#with.scheduler.elapsed()
    if (this.#acknowledgedAt > this.#arrivedAt) {
      const wasQuiet = this.#acknowledgedAt - this.#arrivedAt >= STALLED_MS
      this.#waitsForUs = wasQuiet && now - this.#acknowledgedAt < ANSWER_MS
    }
    this.#arrivedAt = now
  }

  /** A checkpoint was made. */
  committed(): void {
    this.#hasAsked = false
  }

  acknowledged(): void {
    this.#acknowledgedAt = this.#with.scheduler.elapsed()
  }

  /** Asks when half of the window waits for a checkpoint. */
  look(waiting: number): void {
    const { window, hurry } = this.#with
    if (this.#hasAsked || waiting * 2 < window) return
    this.#hasAsked = true
    hurry?.()
  }

  /** Asks when nothing comes for a moment and the broker seems to wait; the returned function cancels. */
  wait(waiting: number): (() => void) | undefined {
    const { version, scheduler, hurry } = this.#with
    const mayBeFull = version === 4 && waiting * 2 >= SMALLEST_BROKER_WINDOW
    if (waiting === 0 || !(this.#waitsForUs || mayBeFull)) return undefined
    return scheduler.after(this.#waitsForUs ? STALLED_MS : QUIET_MS, () => hurry?.())
  }
}
