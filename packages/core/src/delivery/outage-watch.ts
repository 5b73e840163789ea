import { PipelineError } from '../model/errors.ts'
import type { Scheduler } from '../time/scheduler.ts'

/** Why an attempt was ended: the sink is away for so long that new data would wait. @internal */
export const OUTAGE = new PipelineError('spool', 'the sink is away')

/** Ends attempts to write when the sink has been in trouble for too long. @internal */
export class OutageWatch {
  readonly #afterMs: number
  readonly #scheduler: Scheduler
  #attempt: AbortController | undefined
  #cancel: (() => void) | undefined

  constructor(afterMs: number, scheduler: Scheduler) {
    this.#afterMs = afterMs
    this.#scheduler = scheduler
  }

  /** A signal for an attempt that ends with an outage. */
  begin(): AbortSignal {
    this.#attempt = new AbortController()
    return this.#attempt.signal
  }

  end(): void {
    this.#attempt = undefined
  }

  troubled(isInTrouble: boolean): void {
    if (!isInTrouble) {
      this.cancel()
    } else if (this.#attempt && !this.#cancel) {
      this.#cancel = this.#scheduler.after(this.#afterMs, () => {
        this.#cancel = undefined
        this.#attempt?.abort(OUTAGE)
      })
    }
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
