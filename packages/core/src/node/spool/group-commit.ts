import type { SpoolLimits } from '../../model/spool-bounds.ts'
import type { Scheduler } from '../../time/scheduler.ts'
import { type Appender, MOST_UNSYNCED } from './appender.ts'
import type { LogEnd } from './log-end.ts'
import type { SegmentWriter } from './segment-writer.ts'

/** Chunks that wait to be written and above: nothing more is encoded. */
const MOST_UNPUSHED = 4
/** The same while the segment before is synced. */
const MOST_AHEAD = 16

/** @internal */
export interface GroupCommitOptions {
  readonly limits: SpoolLimits
  readonly scheduler: Scheduler
  readonly end: LogEnd
  readonly appender: Appender
  /** The last position that is durable. */
  readonly durable: () => number
  /** Resolves when what was pushed is durable. */
  readonly sync: (writer: SegmentWriter) => Promise<void>
  /** Ends a segment that is on disk as a whole. */
  readonly ended: (writer: SegmentWriter) => Promise<void>
  /** Something was taken from what waits. */
  readonly encoded: () => void
  /** It is time to work. */
  readonly due: () => void
}

/**
 * Group commit: encodes, pushes and syncs beside each other, so that all that was appended in the meantime becomes durable
 * with the next sync.
 *
 * @internal
 */
export class GroupCommit {
  /** Sync as soon as everything was pushed. */
  mustSync = false
  readonly #options: GroupCommitOptions
  readonly #jobs = new Set<Promise<void>>()
  #dueAt: number | undefined
  #isPushing = false
  #isSyncing = false
  #isEnding = false
  #error: { readonly cause: unknown } | undefined
  #wake: (() => void) | undefined
  #cancelTimer: (() => void) | undefined

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  /** Until there is nothing more to do now. @throws what the disk said; then nothing since the last sync is believed */
  async work(): Promise<void> {
    try {
      while (!this.#error) {
        if (this.#startNext()) continue
        if (this.#jobs.size === 0) break
        await this.#anyJob()
      }
    } finally {
      while (this.#jobs.size > 0) await Promise.all(this.#jobs)
    }
    const error = this.#error
    this.#error = undefined
    if (error) {
      this.#dueAt = this.#options.scheduler.elapsed() // what is written again is synced at once
      throw error.cause
    }
    this.mustSync = false
    this.#setTimer()
  }

  /** Something was appended. */
  wake(): void {
    this.#wake?.()
  }

  cancel(): void {
    this.#cancelTimer?.()
  }

  #setTimer(): void {
    this.#cancelTimer?.()
    if (this.#dueAt === undefined) return
    const { scheduler, due } = this.#options
    this.#cancelTimer = scheduler.after(this.#dueAt - scheduler.elapsed(), due)
  }

  /** Starts what can be started; false when there is nothing. */
  #startNext(): boolean {
    const { end, ended } = this.#options
    const { previous } = end
    const writer = previous ?? end.writer
    if (writer && writer.unpushed > 0 && !this.#isPushing) {
      this.#isPushing = true
      this.#start(writer.push(), () => {
        this.#isPushing = false
      })
    } else if (writer && !this.#isSyncing && this.#isSyncDue(writer)) {
      this.#isSyncing = true
      this.#start(this.#sync(writer), () => {
        this.#isSyncing = false
      })
    } else if (previous && !this.#isPushing && !this.#isSyncing && !this.#isEnding && previous.unsynced === 0) {
      this.#isEnding = true
      this.#start(ended(previous), () => {
        this.#isEnding = false
      })
    } else if (end.mustRoll) {
      if (previous) return false
      end.roll()
    } else {
      return this.#encode()
    }
    return true
  }

  #encode(): boolean {
    const { end, appender, limits, scheduler, durable, encoded } = this.#options
    if ((end.writer?.unpushed ?? 0) >= (end.previous ? MOST_AHEAD : MOST_UNPUSHED)) return false
    if (!appender.encode(durable())) return false
    encoded()
    this.#dueAt ??= scheduler.elapsed() + limits.fsyncMs
    return true
  }

  #start(job: Promise<void>, ended: () => void): void {
    const done = job
      .catch((cause: unknown) => {
        this.#error ??= { cause }
      })
      .then(() => {
        ended()
        this.#jobs.delete(done)
      })
    this.#jobs.add(done)
  }

  /** Resolves when a job ended or something was appended. */
  async #anyJob(): Promise<void> {
    const appended = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    await Promise.race([...this.#jobs, appended])
    this.#wake = undefined
  }

  #isSyncDue({ unsynced, unpushed, pushed }: SegmentWriter): boolean {
    const { end, appender, limits, scheduler } = this.#options
    if (unsynced === 0 || pushed === 0) return false
    if (limits.fsyncMs === 0 || unsynced >= MOST_UNSYNCED) return true
    const isComplete = !this.#isPushing && unpushed === 0
    if (end.previous) return isComplete
    if (this.mustSync && !appender.canGoOn) return isComplete
    return this.#dueAt !== undefined && scheduler.elapsed() >= this.#dueAt
  }

  async #sync(writer: SegmentWriter): Promise<void> {
    const { scheduler, limits, sync, end } = this.#options
    this.#dueAt = undefined
    await sync(writer)
    if (writer.unsynced > 0 || (end.writer?.unsynced ?? 0) > 0) this.#dueAt ??= scheduler.elapsed() + limits.fsyncMs
  }
}
