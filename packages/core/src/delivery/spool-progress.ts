import type { Spool } from '../model/spool.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { SpoolRanges } from './spool-ranges.ts'

const RETRY_MS = 1000

/**
 * How far a sink has come with its spool, kept in the spool's cursor: first the cursor is saved, then what is written is
 * released. One save in flight, then the newest; after a kill at most what was written since the last one comes again.
 *
 * @internal
 */
export class SpoolProgress {
  readonly ranges: SpoolRanges
  readonly #spool: Spool
  readonly #scheduler: Scheduler
  #hasNews = false
  #saving: Promise<void> | undefined
  #isClosed = false
  #cancel: (() => void) | undefined

  constructor(spool: Spool, scheduler: Scheduler) {
    this.#spool = spool
    this.#scheduler = scheduler
    this.ranges = SpoolRanges.parse(spool.cursor, spool.first)
  }

  /** Records that are held and not written. */
  get unwritten(): number {
    return this.unwrittenTo(this.#spool.durable)
  }

  unwrittenTo(position: number): number {
    return this.ranges.unwritten(this.#spool.first, position)
  }

  save(): void {
    this.#hasNews = true
    this.#cancel?.()
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined
    })
  }

  /** Resolves when the last save has ended, well or not. */
  async saved(): Promise<void> {
    while (this.#saving) await this.#saving
  }

  /** No save is tried again after that. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel?.()
    await this.saved()
  }

  async #saveAll(): Promise<void> {
    while (this.#hasNews) {
      this.#hasNews = false
      const { done } = this.ranges
      try {
        await this.#spool.saveCursor(this.ranges.toText())
        await this.#spool.release(done)
      } catch {
        // until then a restart repeats what the sink has, which does no harm; but nothing is released
        if (!this.#isClosed) this.#cancel = this.#scheduler.after(RETRY_MS, () => this.save())
        return
      }
    }
  }
}
